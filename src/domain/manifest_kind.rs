//! What a manifest can declare: an object, which has something live behind it, or a suite, which is run.

use std::fmt;
use std::str::FromStr;

use super::address::Kind;
use super::suite;

/// The `kind` of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestKind {
    /// An object of this kind.
    Object(Kind),
    /// A suite of verifications.
    SinkVerification,
}

/// Why a text is no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind: known kinds are FlinkConnector, Store and SinkVerification")]
pub struct UnknownKind(pub String);

impl ManifestKind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: &[Self] =
        &[Self::Object(Kind::FlinkConnector), Self::Object(Kind::Store), Self::SinkVerification];

    /// The name as it stands in a manifest's `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object(kind) => kind.as_str(),
            Self::SinkVerification => suite::KIND,
        }
    }
}

impl fmt::Display for ManifestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ManifestKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_and_named_in_the_error() {
        let error = UnknownKind("Table".to_owned()).to_string();
        for kind in ManifestKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
            assert!(error.contains(kind.as_str()), "{error}");
        }
        for kind in Kind::ALL {
            assert!(ManifestKind::ALL.contains(&ManifestKind::Object(*kind)));
        }
        assert_eq!("Table".parse::<ManifestKind>(), Err(UnknownKind("Table".to_owned())));
    }
}
