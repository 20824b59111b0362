//! Addresses: how a manifest's object is named by people, `Kind/name`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The kinds of object that a manifest can declare. A closed set: the program knows each by heart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A custom connector in Alibaba Cloud Realtime Compute for Apache Flink.
    FlinkConnector,
    /// An external store in DeltaStream.
    Store,
}

impl Kind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: &[Kind] = &[Kind::FlinkConnector, Kind::Store];

    /// The name as it stands in a manifest's `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::FlinkConnector => "FlinkConnector",
            Kind::Store => "Store",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not an address or an object name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text has no `/`.
    #[error("`{0}` is not an address: write Kind/name, for example FlinkConnector/orders-sink")]
    Shape(String),
    /// The part before `/` is not a kind.
    #[error("`{0}` is not a kind: known kinds are FlinkConnector and Store")]
    Kind(String),
    /// The name is empty, too long, or has a character that is not allowed.
    #[error(
        "`{0}` is not an object name: use 1 to 253 of letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
    )]
    Name(String),
}

/// `metadata.name`: 1 to 253 ASCII letters, digits, `-`, `_`, `.`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectName(Arc<str>);

impl ObjectName {
    /// Checks the text.
    ///
    /// # Errors
    /// [`AddressError::Name`] when the text breaks the rule above.
    pub fn new(text: impl Into<String>) -> Result<Self, AddressError> {
        let text = text.into();
        let first = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if first && rest && text.len() <= 253 { Ok(Self(text.into())) } else { Err(AddressError::Name(text)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectName {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::new(text)
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> String {
        name.as_str().to_owned()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `Kind/name`: the identity of an object in manifests, state, plans and messages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    /// The kind.
    pub kind: Kind,
    /// `metadata.name`.
    pub name: ObjectName,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, name) = text.split_once('/').ok_or_else(|| AddressError::Shape(text.to_owned()))?;
        let kind = kind.parse()?;
        Ok(Self { kind, name: ObjectName::new(name)? })
    }
}

impl FromStr for Kind {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| AddressError::Kind(text.to_owned()))
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_its_own_text() {
        let address: Address = "FlinkConnector/orders-sink.v2".parse().unwrap();
        assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
    }

    #[test]
    fn names_that_would_break_an_address_are_refused() {
        for bad in ["", "-a", "a b", "a/b", "ä", ".hidden", &"x".repeat(254)] {
            assert!(ObjectName::new(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
