//! The envelope of a saved file: what it is, who wrote it and when, its content, and a checksum over all of it.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::platform::checksum::{self, Unsealed};
use crate::platform::fs::{self, EntryKind, FsError};

/// The format that this program writes, and the only one that it reads.
const FORMAT: &str = "1.0";

/// No saved file is read beyond this, in bytes: 100,000 objects take about 300 MB.
const LIMIT: u64 = 1 << 30;

/// Enough of a file, in bytes, to recognise it.
const HEAD: u64 = 256;

/// What a saved file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A plan (`plan --out`).
    Plan,
    /// What was live and recorded (`snapshot --out`).
    Live,
}

impl Kind {
    fn described(self) -> &'static str {
        match self {
            Kind::Plan => "a saved plan",
            Kind::Live => "a live snapshot",
        }
    }
}

/// Who wrote a saved file, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The program's version.
    pub tool: String,
    /// When, RFC 3339 in UTC.
    pub created_at: String,
}

impl Stamp {
    /// This program's, at this moment.
    pub fn of(created_at: String) -> Self {
        Self { tool: env!("CARGO_PKG_VERSION").to_owned(), created_at }
    }
}

/// Why a saved file cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FsError),
    /// It is no saved file, or one of the other kind.
    #[error("{path} is not {}", .wanted.described())]
    NotThis {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        wanted: Kind,
    },
    /// It is not as it was written.
    #[error("{path} is damaged: {damage}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        damage: Unsealed,
    },
    /// It has another format.
    #[error("{path} has format {found}, this program knows {FORMAT}: use the reconcile that wrote it")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// Its checksum matches and its content has no meaning here.
    #[error("{path} is whole, but this program does not understand it")]
    Undecodable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// What was to be saved cannot be written as JSON: a path that is not UTF-8.
    #[error("{path} cannot be written")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a, T> {
    reconcile: Kind,
    format_version: &'static str,
    tool: &'a str,
    created_at: &'a str,
    content: &'a T,
    checksum: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Found<T> {
    #[serde(rename = "reconcile")]
    _kind: Kind,
    #[serde(rename = "formatVersion")]
    _format: String,
    tool: String,
    created_at: String,
    content: T,
    #[serde(rename = "checksum")]
    _checksum: String,
}

/// What every format has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    reconcile: String,
    format_version: String,
}

/// The bytes of a saved file; the path is only named in errors.
///
/// # Errors
/// [`SavedError::Unwritable`]
pub(super) fn encode<T: Serialize>(
    path: &Path,
    kind: Kind,
    stamp: &Stamp,
    content: &T,
) -> Result<Vec<u8>, SavedError> {
    let written = Written {
        reconcile: kind,
        format_version: FORMAT,
        tool: &stamp.tool,
        created_at: &stamp.created_at,
        content,
        checksum: checksum::BLANK,
    };
    let mut bytes = serde_json::to_vec_pretty(&written)
        .map_err(|source| SavedError::Unwritable { path: path.to_owned(), source })?;
    bytes.push(b'\n');
    Ok(checksum::seal(bytes))
}

/// The content of a saved file; the path is only named in errors.
///
/// # Errors
/// [`SavedError`]
pub(super) fn decode<T: DeserializeOwned>(
    path: &Path,
    kind: Kind,
    bytes: &[u8],
) -> Result<(Stamp, T), SavedError> {
    let path = || path.to_owned();
    if first_member(bytes).is_none() {
        return Err(SavedError::NotThis { path: path(), wanted: kind });
    }
    checksum::check(bytes).map_err(|damage| SavedError::Damaged { path: path(), damage })?;
    let undecodable = |source| SavedError::Undecodable { path: path(), source };
    let head: Head = serde_json::from_slice(bytes).map_err(undecodable)?;
    if head.format_version != FORMAT {
        return Err(SavedError::Format { path: path(), found: head.format_version });
    }
    if serde_json::to_value(kind).map_err(undecodable)? != head.reconcile.as_str() {
        return Err(SavedError::NotThis { path: path(), wanted: kind });
    }
    let found: Found<T> = serde_json::from_slice(bytes).map_err(undecodable)?;
    Ok((Stamp { tool: found.tool, created_at: found.created_at }, found.content))
}

/// Writes durably and atomically; what the path named before is replaced.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), SavedError> {
    Ok(fs::replace(path, bytes)?)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, SavedError> {
    Ok(fs::read(path, LIMIT)?)
}

/// What a path names, recognised by its content: `None` for a folder, nothing, or a file that is no saved one. Whether it is
/// whole is judged when it is read.
///
/// # Errors
/// [`SavedError::File`]
pub fn kind_of(path: &Path) -> Result<Option<Kind>, SavedError> {
    match fs::entry(path) {
        Ok(entry) if entry.kind == EntryKind::File => {}
        // Whoever wanted something else of the path says what is wrong with it.
        Ok(_) | Err(_) => return Ok(None),
    }
    let bytes = fs::read_start(path, HEAD)?;
    let is_live = |value: &[u8]| value.starts_with(b"\"live\"");
    Ok(first_member(&bytes).map(|value| if is_live(value) { Kind::Live } else { Kind::Plan }))
}

/// What stands behind `{"reconcile":`, if the bytes begin so. No manifest does.
fn first_member(bytes: &[u8]) -> Option<&[u8]> {
    let inner = bytes.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let value = inner.strip_prefix(b"\"reconcile\"")?.trim_ascii_start().strip_prefix(b":")?;
    Some(value.trim_ascii_start())
}
