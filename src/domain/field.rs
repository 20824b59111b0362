//! Fields: their values, and what may be known of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::secret::Fingerprint;

/// The value of a field, as compared and as recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Yes or no.
    Flag(bool),
    /// Text.
    Text(String),
    /// A set of texts; order and repetition mean nothing.
    Set(BTreeSet<String>),
    /// A secret or a file, of which a fingerprint is remembered.
    Sealed(Fingerprint),
}

/// By hand, because the derived one copies every value before it knows which of them it is.
impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyFieldValue)
    }
}

struct AnyFieldValue;

impl<'de> Visitor<'de> for AnyFieldValue {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flag, a text, a list of texts or a fingerprint")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Flag(flag))
    }

    fn visit_str<E>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<FieldValue, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(items)).map(FieldValue::Set)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<FieldValue, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(entries)).map(FieldValue::Sealed)
    }
}

/// The value as YAML would write it on one line.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldValue::Flag(flag) => write!(f, "{flag}"),
            FieldValue::Text(text) => write!(f, "{text:?}"),
            FieldValue::Set(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            // Two different values look the same here: that one differs is said by the word beside it.
            FieldValue::Sealed(print) => match print.fingerprint.strip_prefix("sha256:") {
                Some(digest) => write!(f, "sha256:{}", digest.get(..12).unwrap_or(digest)),
                None => f.write_str("(secret)"),
            },
        }
    }
}

/// Field values by field name (`jarUrl`, …), in a fixed order.
pub type Fields = BTreeMap<String, FieldValue>;

/// The user's classification of a change to a field (FR-003, FR-004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// The object is replaced.
    ForceNew,
    /// The object is kept.
    InPlace,
}

/// What a change of an in-place field costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// By requests.
    Remotely,
    /// Nothing: the API has no such field, it lives in our state only.
    InStateOnly,
}

/// Whether the API shows the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// A listing shows it.
    Yes,
    /// A read of this one object shows it, a listing does not: compared by `drift --deep`, read by `import` and `show`.
    Deep,
    /// It is part of the natural key: another value is another object.
    Key,
    /// No read shows it; drift is `unverifiable`.
    No,
}

/// The shape of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// Yes or no.
    Flag,
    /// A set of texts.
    Set,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Not written itself: the name of the one of these blocks that is there.
    Block(&'static [&'static str]),
    /// A text that is not shown, or a file.
    Sealed {
        /// Whether it is a file; a plain text is then its path.
        file: bool,
    },
}

/// What is known about one field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRule {
    /// The name under `spec`, in manifest spelling.
    pub name: &'static str,
    /// The shape of the value.
    pub value: ValueType,
    /// Whether a manifest must give it; for a field of a block, whether the block must.
    pub required: bool,
    /// Whether its value is never shown and never kept.
    pub secret: bool,
    /// What the service takes it to be when it is left out, if that is known.
    pub default: Option<&'static str>,
    /// Force-new or in place.
    pub on_change: OnChange,
    /// What a change costs.
    pub carried: Carried,
    /// Whether the API shows it.
    pub readable: Readable,
    /// One sentence for people.
    pub help: &'static str,
}
