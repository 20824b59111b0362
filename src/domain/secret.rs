//! Secrets: where they come from, what is remembered of them, and a type that cannot be printed (design.md 3.4).

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::desired::Origin;

/// Where a value comes from that is not written out in full. Never the value itself, except for a literal, whose text
/// is held in a type that cannot be printed.
#[derive(Clone)]
pub enum Source {
    /// It stands in the manifest.
    Literal(SecretString),
    /// It stood in the manifest from which a plan was saved, and stayed there.
    LeftBehind,
    /// `fromEnv`
    Env(String),
    /// `fromFile`, or the path of a file parameter; relative paths begin at the manifest's folder.
    File(PathBuf),
    /// `fromCommand`: its standard output; run without a shell, in the manifest's folder.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
        /// Where it runs.
        folder: PathBuf,
    },
}

/// Where it comes from, for people: `env KAFKA_PASSWORD`. The arguments of a command are left out: they are often where
/// a secret hides.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Literal(_) | Source::LeftBehind => f.write_str("literal in the manifest"),
            Source::Env(name) => write!(f, "env {name}"),
            Source::File(path) => write!(f, "file {}", path.display()),
            Source::Command { argv, folder: _ } => {
                write!(f, "command {}", argv.first().map_or("", String::as_str))
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

/// Two sources are equal when they name the same place.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Source::Literal(one), Source::Literal(two)) => one.expose_secret() == two.expose_secret(),
            (Source::LeftBehind, Source::LeftBehind) => true,
            (Source::Env(one), Source::Env(two)) => one == two,
            (Source::File(one), Source::File(two)) => one == two,
            (Source::Command { argv: one, folder: here }, Source::Command { argv: two, folder: there }) => {
                one == two && here == there
            }
            _ => false,
        }
    }
}

impl Eq for Source {}

/// What is remembered of a value that is not: enough to notice a change, useless for anything else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// `hmac-sha256:…` of a secret, `sha256:…` of a public file.
    pub fingerprint: String,
}

/// A value that is declared by its source and used by its content. Its content is held only for the length of a run.
#[derive(Clone)]
pub struct Sealed {
    source: Source,
    at: Origin,
    content: Option<SecretString>,
    fingerprint: Option<Fingerprint>,
}

impl Sealed {
    /// As a manifest declares it.
    pub fn declared(source: Source, at: Origin) -> Self {
        Self { source, at, content: None, fingerprint: None }
    }

    /// With the content that its source gave.
    #[must_use]
    pub fn resolved(self, content: SecretString, fingerprint: Fingerprint) -> Self {
        Self { content: Some(content), fingerprint: Some(fingerprint), ..self }
    }

    /// With what is remembered of its content, which is not at hand: it can be compared, and cannot be sent.
    #[must_use]
    pub fn remembered(self, fingerprint: Fingerprint) -> Self {
        Self { content: None, fingerprint: Some(fingerprint), ..self }
    }

    /// Where it is declared.
    pub fn at(&self) -> &Origin {
        &self.at
    }

    /// Where it comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The content, once it was resolved.
    pub fn content(&self) -> Option<&SecretString> {
        self.content.as_ref()
    }

    /// What is remembered of it, once it was resolved.
    pub fn fingerprint(&self) -> Option<&Fingerprint> {
        self.fingerprint.as_ref()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("source", &self.source)
            .field("is", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

/// Equal when they come from the same place and had the same content.
impl PartialEq for Sealed {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.fingerprint() == other.fingerprint()
    }
}

impl Eq for Sealed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_holds_a_secret_prints_it() {
        let secret = SecretString::from("hunter2-canary");
        let at = Origin { file: "f".into(), line: 1, column: 1 };
        let literal = Sealed::declared(Source::Literal(secret.clone()), at);
        let sealed = literal.resolved(secret, Fingerprint { fingerprint: "hmac-sha256:00".into() });
        let command =
            Source::Command { argv: vec!["vault".into(), "--token=canary".into()], folder: "/".into() };
        let texts = [format!("{sealed:?}"), format!("{command:?} {command}")];
        assert!(texts.iter().all(|text| !text.contains("canary")), "{texts:?}");
    }
}
