//! What a JAR holds. The emulator opens no JAR: fixtures, or the caller in open mode, say what is in it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::connector::Definition;
use crate::platform::fs::{self, FsError};

/// The largest fixture.
const FIXTURE_LIMIT: u64 = 16 << 20;

/// Where the content of a JAR comes from (design.md section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The documented service: register takes `jarUrl` and nothing else; a URL without a fixture does not exist.
    Strict {
        /// A folder of `*.json` files, one for each `jarUrl`.
        jars: PathBuf,
    },
    /// A body `{"connectors": […]}` says what the JAR holds; without a body a fixture does, if there is a folder.
    Open {
        /// A folder of `*.json` files, one for each `jarUrl`.
        jars: Option<PathBuf>,
    },
}

/// Why the content of a JAR is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum JarError {
    /// No fixture has this URL.
    #[error("the file {0} does not exist")]
    NotFound(String),
    /// A fixture, or the definition in the body, is not in the right form.
    #[error("the connectors of {origin} cannot be parsed: {source}")]
    Malformed {
        /// The file name of the fixture, or `the request body`.
        origin: String,
        /// What is wrong with it, and where.
        source: serde_json::Error,
    },
    /// Two fixtures have the same URL.
    #[error("the file {url} is declared twice: in {first} and in {second}")]
    Ambiguous {
        /// The URL.
        url: String,
        /// One fixture.
        first: String,
        /// The other.
        second: String,
    },
    /// The folder or a fixture cannot be read.
    #[error(transparent)]
    Fs(#[from] FsError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fixture {
    jar_url: String,
    connectors: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    connectors: Vec<Definition>,
}

impl Mode {
    /// The folder of fixtures, if there is one.
    pub(super) fn fixtures(&self) -> Option<&Path> {
        match self {
            Self::Strict { jars } => Some(jars),
            Self::Open { jars } => jars.as_deref(),
        }
    }

    /// The connectors that the JAR behind a URL declares: none, one or several. Fixtures are read again each time,
    /// because a build may overwrite its JAR.
    ///
    /// # Errors
    /// [`JarError`]
    pub(super) fn connectors(&self, jar_url: &str, body: &[u8]) -> Result<Vec<Definition>, JarError> {
        if matches!(self, Self::Open { .. }) && !body.trim_ascii().is_empty() {
            let declared: Declared = serde_json::from_slice(body)
                .map_err(|source| JarError::Malformed { origin: "the request body".to_owned(), source })?;
            return Ok(declared.connectors);
        }
        let mut found: Option<(String, Vec<Definition>)> = None;
        for path in self.fixtures().map(fs::list).transpose()?.unwrap_or_default() {
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let origin = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let fixture: Fixture = serde_json::from_slice(&fs::read(&path, FIXTURE_LIMIT)?)
                .map_err(|source| JarError::Malformed { origin: origin.clone(), source })?;
            if fixture.jar_url != jar_url {
                continue;
            }
            if let Some((first, _)) = found {
                return Err(JarError::Ambiguous { url: jar_url.to_owned(), first, second: origin });
            }
            found = Some((origin, fixture.connectors));
        }
        found.map(|(_, connectors)| connectors).ok_or_else(|| JarError::NotFound(jar_url.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "oss://bucket/a.jar";
    const BODY: &[u8] = br#"{"connectors": [{"name": "from-body", "type": "t"}]}"#;

    fn fixture(folder: &Path, file: &str, url: &str, names: &[&str]) {
        let connectors: Vec<Definition> = names.iter().map(|name| Definition::named(name, name)).collect();
        let text = serde_json::json!({"jarUrl": url, "connectors": connectors}).to_string();
        fs::replace(&folder.join(file), text.as_bytes()).unwrap();
    }

    fn names(content: Result<Vec<Definition>, JarError>) -> Vec<String> {
        content.unwrap().into_iter().map(|definition| definition.name).collect()
    }

    #[test]
    fn a_jar_holds_none_one_or_several_connectors() {
        let folder = tempfile::tempdir().unwrap();
        let mode = Mode::Strict { jars: folder.path().to_owned() };
        fixture(folder.path(), "other.json", "oss://bucket/other.jar", &["z"]);
        for held in [&[][..], &["a"], &["a", "b"]] {
            fixture(folder.path(), "a.json", URL, held);
            assert_eq!(names(mode.connectors(URL, b"")), held, "the overwritten fixture was not read again");
        }
    }

    #[test]
    fn a_body_counts_in_open_mode_only() {
        let folder = tempfile::tempdir().unwrap();
        fixture(folder.path(), "a.json", URL, &["from-fixture"]);
        let strict = Mode::Strict { jars: folder.path().to_owned() };
        let open = Mode::Open { jars: Some(folder.path().to_owned()) };
        assert_eq!(names(strict.connectors(URL, BODY)), ["from-fixture"]);
        assert_eq!(names(open.connectors(URL, BODY)), ["from-body"]);
        assert_eq!(names(open.connectors(URL, b"")), ["from-fixture"]);
    }

    #[test]
    fn a_url_without_a_fixture_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [Mode::Strict { jars: folder.path().to_owned() }, Mode::Open { jars: None }] {
            assert!(matches!(mode.connectors(URL, b""), Err(JarError::NotFound(url)) if url == URL));
        }
    }

    #[test]
    fn a_broken_or_doubled_fixture_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mode = Mode::Strict { jars: folder.path().to_owned() };
        fixture(folder.path(), "a.json", URL, &["a"]);
        fixture(folder.path(), "b.json", URL, &["a"]);
        let error = mode.connectors(URL, b"").unwrap_err().to_string();
        assert!(error.contains("a.json") && error.contains("b.json"), "{error}");
        fs::replace(&folder.path().join("b.json"), br#"{"jarUrl": "x", "connector": []}"#).unwrap();
        let error = mode.connectors(URL, b"").unwrap_err().to_string();
        assert!(error.contains("b.json") && error.contains("connector"), "{error}");
    }
}
