//! How much input is read before the rest is refused. Every limit is far above what a team writes by hand or
//! generates, and low enough that a hostile file ends within two seconds and 256 MiB (reliability G15).

/// Bytes of one file.
pub(super) const FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes of all files together; their text is kept until loading is done, for the snippets of diagnostics.
pub(super) const TOTAL_BYTES: usize = 128 * 1024 * 1024;

/// Files and folders of one load: as many files as documents are allowed, and folders to sort them.
pub(super) const FILES: usize = 200_000;

/// Documents of one load.
pub(super) const DOCUMENTS: usize = 100_000;

/// Values and keys of one document; a manifest has about fifty.
pub(super) const NODES_PER_DOCUMENT: usize = 100_000;

/// Values and keys of one load.
pub(super) const NODES: usize = 10_000_000;

/// How deeply lists and mappings may be nested; the project file needs seven levels. The YAML reader recurses, with
/// frames so large in debug builds that 64 levels overflow the 2 MiB stack of a thread; 32 fit.
pub(super) const DEPTH: usize = 32;

/// Errors that are collected before loading stops: nobody reads more, and each one keeps a source line.
pub(super) const ERRORS: usize = 1_000;

/// Bytes of a source line that a diagnostic still shows.
pub(super) const SHOWN_LINE_BYTES: usize = 4_096;
