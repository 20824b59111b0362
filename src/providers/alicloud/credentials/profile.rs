//! The profile file of the vendor's command-line tool, `~/.aliyun/config.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::command;
use super::environment::Environment;
use super::error::CredentialError;
use super::key::Credentials;
use crate::platform::fs;

/// More than any profile file has.
const FILE_LIMIT: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    mode: String,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    process_command: Option<String>,
}

/// Reads the key of a profile: the given one, else `ALIBABA_CLOUD_PROFILE`, else the file's current one.
/// `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` stops the search, but not a profile that was asked for by name.
pub(super) async fn read(
    environment: &dyn Environment,
    wanted: Option<&str>,
) -> Result<Credentials, CredentialError> {
    let disabled = environment.var("ALIBABA_CLOUD_CLI_PROFILE_DISABLED");
    if wanted.is_none() && disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(CredentialError::ProfileDisabled);
    }
    let path = environment.home().ok_or(CredentialError::NoHome)?.join(".aliyun").join("config.json");
    let wanted = wanted.map(str::to_owned).or_else(|| environment.var("ALIBABA_CLOUD_PROFILE"));
    let profile = find(&path, load(&path)?, wanted)?;

    let need = |field: &'static str, value: Option<String>| {
        let profile = profile.name.clone();
        value.filter(|value| !value.is_empty()).ok_or(CredentialError::ProfileIncomplete { profile, field })
    };
    match profile.mode.as_str() {
        "AK" => Credentials::new(
            need("access_key_id", profile.access_key_id.clone())?,
            need("access_key_secret", profile.access_key_secret.clone())?,
            None,
            None,
        ),
        "StsToken" => Credentials::new(
            need("access_key_id", profile.access_key_id.clone())?,
            need("access_key_secret", profile.access_key_secret.clone())?,
            Some(need("sts_token", profile.sts_token.clone())?),
            None,
        ),
        "External" => {
            let text = need("process_command", profile.process_command.clone())?;
            let failed = |failure| CredentialError::Command { profile: profile.name.clone(), failure };
            command::run(&text).await.map_err(failed)
        }
        mode => {
            Err(CredentialError::ModeUnsupported { profile: profile.name.clone(), mode: mode.to_owned() })
        }
    }
}

fn load(path: &Path) -> Result<File, CredentialError> {
    let bytes = fs::read(path, FILE_LIMIT).map_err(|error| {
        let why = if error.is_not_found() { "there is no such file".to_owned() } else { error.to_string() };
        CredentialError::ProfileFileUnreadable { path: path.to_owned(), detail: why }
    })?;
    // The tool of one platform begins the file with a byte order mark. The parser's own words may quote a key.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|error| CredentialError::ProfileFileMalformed {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    })
}

fn find(path: &Path, file: File, wanted: Option<String>) -> Result<Profile, CredentialError> {
    let wanted = wanted.or(file.current).unwrap_or_else(|| "default".to_owned());
    let names: Vec<String> = file.profiles.iter().map(|profile| format!("`{}`", profile.name)).collect();
    file.profiles.into_iter().find(|profile| profile.name == wanted).ok_or_else(|| {
        CredentialError::ProfileMissing {
            path: PathBuf::from(path),
            profile: wanted,
            known: if names.is_empty() { "none".to_owned() } else { names.join(", ") },
        }
    })
}
