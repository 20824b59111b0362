//! Why there is no key. No text holds a part of one.

use std::fmt;
use std::path::PathBuf;

use crate::platform::process::ProcessError;

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Neither variable is set.
    #[error("ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set")]
    EnvironmentEmpty,
    /// One variable is set, the other is not.
    #[error("{missing} is not set, but its counterpart is")]
    EnvironmentIncomplete {
        /// The missing variable.
        missing: &'static str,
    },
    /// The profile file is switched off.
    #[error("profile files are switched off by ALIBABA_CLOUD_CLI_PROFILE_DISABLED")]
    ProfileDisabled,
    /// There is no home folder.
    #[error("HOME is not set, so there is no ~/.aliyun/config.json to read")]
    NoHome,
    /// The profile file cannot be read.
    #[error("{detail}; `aliyun configure` writes {}", path.display())]
    ProfileFileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The profile file is not what the vendor's tool writes.
    #[error("{}:{line}:{column}: not a profile file of the aliyun tool", path.display())]
    ProfileFileMalformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The profile is not in the file.
    #[error("{} has no profile `{profile}`: it has {known}", path.display())]
    ProfileMissing {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: String,
        /// The profiles it has.
        known: String,
    },
    /// The profile's mode is not supported.
    #[error(
        "profile `{profile}` has mode {mode}, which is not supported: use mode AK, StsToken or External (whose process_command prints a temporary key), or ALIBABA_CLOUD_CREDENTIALS_URI"
    )]
    ModeUnsupported {
        /// The profile.
        profile: String,
        /// Its mode.
        mode: String,
    },
    /// The profile lacks a field of its mode.
    #[error("profile `{profile}` has no {field}, which its mode needs")]
    ProfileIncomplete {
        /// The profile.
        profile: String,
        /// The field.
        field: &'static str,
    },
    /// The external command gave no key.
    #[error("process_command of profile `{profile}` {failure}")]
    Command {
        /// The profile.
        profile: String,
        /// What went wrong.
        failure: CommandFailure,
    },
    /// There is no credentials URI.
    #[error("ALIBABA_CLOUD_CREDENTIALS_URI is not set")]
    UriUnset,
    /// The credentials URI gave no key. The URI is not repeated, it may hold a token.
    #[error("the address in ALIBABA_CLOUD_CREDENTIALS_URI gave no key: {failure}")]
    Uri {
        /// What went wrong.
        failure: String,
    },
    /// A part of the key is empty or cannot be sent.
    #[error("the {part} is empty or has characters that no HTTP header carries (a line end, a space?)")]
    NotSendable {
        /// Which part.
        part: &'static str,
    },
    /// Every source was tried.
    #[error("no access key; tried in order: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NoneFound(Vec<Tried>),
}

/// One source that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The source, for people.
    pub source: &'static str,
    /// Why it gave no key.
    pub error: CredentialError,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.source, self.error)
    }
}

/// How an external command can fail. What it prints is never repeated: it may be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandFailure {
    /// There is no command, or a quotation mark without its partner.
    #[error("is empty or has an unclosed quotation mark")]
    Unsplittable,
    /// It gave no output.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It did not print a key.
    #[error("did not print JSON with access_key_id and access_key_secret (and sts_token in mode StsToken)")]
    NoKey,
}
