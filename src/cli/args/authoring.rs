//! Options of the commands that write manifests, and of those that help to write them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `fmt`
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Manifest files and folders, `-` for stdin to stdout; default: the project file's folder
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// Write nothing; name the files that are not formatted, and exit 1 when there are any
    #[arg(long, env = "RECONCILE_CHECK")]
    pub(crate) check: bool,
    /// Write nothing; show what would change
    #[arg(long, env = "RECONCILE_DIFF")]
    pub(crate) diff: bool,
}

/// `drift --write`
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Accepting {
    /// Accept drift: write the live values of drifted fields into the manifests, after a look at the changes
    #[arg(long, conflicts_with = "detailed_exitcode")]
    pub(crate) write: bool,
    /// Do not ask
    #[arg(long, requires = "write")]
    pub(crate) yes: bool,
}

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
    /// `PowerShell`.
    Powershell,
    /// Elvish.
    Elvish,
}

impl Shell {
    /// The name that the shell goes by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Powershell => "powershell",
            Shell::Elvish => "elvish",
        }
    }
}
