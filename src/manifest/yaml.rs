//! Reads YAML text into documents of marked nodes. The one place that knows the YAML library.
//!
//! Promises: every node and every key has its position; duplicate keys, anchors, aliases, merge keys and tags never
//! come through; time and memory are bounded (`limits`) whatever the bytes are. A plain `no` stays text,
//! a plain `1.10` stays a number and nothing is ever converted: what a value may be is decided by its reader.
//! Knows nothing of manifests.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{
    DuplicateKeyPolicy, Error, ExternalMessageSource, Location, MergeKeyPolicy, MessageFormatter,
    NonFiniteFloatPolicy, Options, Spanned, Tagged, UserMessageFormatter,
};

mod plain;

use super::limits;

/// A place in a text: line and column from 1, in characters, and how many characters are meant, 0 if not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    /// The line.
    pub(super) line: u32,
    /// The column.
    pub(super) column: u32,
    /// The length.
    pub(super) length: u32,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Where it begins.
    pub(super) mark: Mark,
    /// What it is.
    pub(super) value: Value,
    /// Whether a value of the profile was put in, so that it is not what is written there.
    pub(super) is_substituted: bool,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`, unquoted; no other spelling is a flag.
    Flag(bool),
    /// An unquoted number that fits.
    Whole(u64),
    /// Any other unquoted number. Its digits are in the source, not here: `1.10` is not `1.1`.
    Number,
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the text. Keys are unique.
    Map(Vec<(Node, Node)>),
    /// A value with an explicit tag, which is refused wherever it stands.
    Tagged(String),
}

impl Node {
    /// How many values and keys are in it, itself included.
    pub(super) fn count(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::count).sum(),
            Value::Map(entries) => entries.iter().map(|(key, value)| key.count() + value.count()).sum(),
            Value::Null
            | Value::Flag(_)
            | Value::Whole(_)
            | Value::Number
            | Value::Text(_)
            | Value::Tagged(_) => 0,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Spanned { value, referenced, defined: _ }, tag) = Tagged::deserialize(deserializer)?;
        let value = tag.map_or(value, Value::Tagged);
        Ok(Self { mark: mark(referenced), value, is_substituted: false })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Map(entries))
    }
}

fn mark(location: Location) -> Mark {
    let length = u32::try_from(location.span().len()).unwrap_or(u32::MAX);
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    Mark { line: narrow(location.line()), column: narrow(location.column()), length }
}

fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        reject_unsupported_tags: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: None,
            max_depth: limits::DEPTH,
            max_nodes: limits::NODES_PER_DOCUMENT,
            // Every node has at most a begin and an end.
            max_events: 3 * limits::NODES_PER_DOCUMENT,
            max_anchors: 0,
            max_aliases: 0,
        },
    }
}

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Where.
    pub(super) mark: Mark,
    /// Why.
    pub(super) problem: Problem,
}

/// What is wrong with the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// Not YAML.
    Syntax {
        /// Why, in the reader's words.
        words: String,
        /// Whether the words may repeat some of the text.
        repeats: bool,
    },
    /// A key stands twice; its text, if it is text.
    DuplicateKey(Option<String>),
    /// An anchor, alias or merge key; which of them.
    Reference(&'static str),
    /// An explicit tag; its name, if the reader tells.
    Tag(Option<String>),
    /// A limit is exceeded; which one.
    Limit(String),
}

/// Reads the documents of a text one after the other, empty ones left out. After a document with a duplicate key, a merge
/// key or a tag the next one follows; any other problem is the last item.
pub(super) fn documents<'a>(text: &'a mut &'a [u8]) -> impl Iterator<Item = Result<Node, Unreadable>> + 'a {
    // Most texts are plain. From a text in one piece the library reads faster, but says nothing of what comes before an
    // error or behind it, and its limits are for the whole text.
    let whole =
        std::str::from_utf8(text).ok().and_then(|text| plain::documents(text).or_else(|| at_once(text)));
    let one_by_one = whole.is_none().then(|| one_by_one(text));
    whole.into_iter().flatten().map(Ok).chain(one_by_one.into_iter().flatten())
}

fn at_once(text: &str) -> Option<Vec<Node>> {
    serde_saphyr::from_multiple_with_options(text, options()).ok()
}

fn one_by_one<'a>(text: &'a mut &'a [u8]) -> impl Iterator<Item = Result<Node, Unreadable>> + 'a {
    serde_saphyr::read_with_options(text, options())
        .map(|document| document.map_err(|error| unreadable(error.without_snippet())))
}

fn unreadable(error: &Error) -> Unreadable {
    let mark = error.location().map_or(Mark { line: 1, column: 1, length: 0 }, mark);
    let depth = || Problem::Limit(format!("{} levels of nesting", limits::DEPTH));
    let problem = match error {
        Error::DuplicateMappingKey { key, .. } => Problem::DuplicateKey(key.clone()),
        Error::MergeKeyNotAllowed { .. } => Problem::Reference("merge key"),
        Error::UnknownAnchor { .. } => Problem::Reference("alias"),
        Error::UnsupportedTag { tag, .. } => Problem::Tag(Some(tag.clone())),
        // Only a value with an explicit tag is converted by the reader, so only there a conversion can fail.
        Error::InvalidScalar { .. }
        | Error::InvalidBooleanStrict { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. } => Problem::Tag(None),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Anchors { .. } => Problem::Reference("anchor"),
            BudgetBreach::Aliases { .. } => Problem::Reference("alias"),
            BudgetBreach::Depth { .. } => depth(),
            _ => Problem::Limit(format!("{} values and keys in one document", limits::NODES_PER_DOCUMENT)),
        },
        Error::ExternalMessage { source, msg, .. } => match source.as_ref() {
            ExternalMessageSource::Parser(scan) if *scan.kind() == ErrorKind::RecursionLimitExceeded => {
                depth()
            }
            ExternalMessageSource::Parser(scan) => {
                Problem::Syntax { words: msg.clone(), repeats: repeats(scan.kind()) }
            }
            _ => Problem::Syntax { words: msg.clone(), repeats: true },
        },
        other => {
            Problem::Syntax { words: UserMessageFormatter.format_message(other).into_owned(), repeats: true }
        }
    };
    Unreadable { mark, problem }
}

/// Whether the parser's words for this are not fixed.
fn repeats(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedCharacter { .. }
            | ErrorKind::Custom(_)
            | ErrorKind::InputIo { .. }
            | ErrorKind::InputDecoding { .. }
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of which some texts are YAML and some are not, with characters of every length.
    const PIECES: &[&str] = &[
        "a: 1\n",
        "b: [x, 'y', \"z\\u00e4\"]\n",
        "c:\n  d: 中文\n  e: 😀 x\n",
        "---\n",
        "...\n",
        "~\n",
        "# ä\n",
        "f: |\n  t\n   u\n",
        "g: >-\n  v\n\n  w\n",
        "h: 1.10\n",
        "i: no\n",
        "j: !t k\n",
        "l: &m n\n",
        "o: *m\n",
        "a: 2\n",
        "p: {q: -1, r: 0x1F}\n",
        "- s\n",
        "\r\n",
        "t: true\r\n",
        "é: ü\n",
        "? u\n: v\n",
        "w: 'x\n",
        "\"\\x41\": y\n",
    ];

    fn same_as_one_by_one(text: &str) -> Result<(), TestCaseError> {
        let all: Vec<_> = documents(&mut text.as_bytes()).collect();
        let slowly: Vec<_> = one_by_one(&mut text.as_bytes()).collect();
        prop_assert_eq!(all, slowly, "{:?}", text);
        Ok(())
    }

    #[test]
    fn manifests_are_plain() {
        for text in [
            include_str!("../../manifests-examples/flink-connector/reference.yaml"),
            include_str!("../../manifests-examples/stores/reference.yaml"),
            include_str!("../../manifests-examples/quickstart/orders.yaml"),
        ] {
            assert!(plain::documents(text).is_some(), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn a_text_in_one_piece_is_read_like_its_documents_one_by_one(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..7),
        ) {
            same_as_one_by_one(&pieces.concat())?;
        }

        #[test]
        fn a_scalar_of_any_spelling_is_read_like_one_by_one(
            scalars in prop::collection::vec("[-+.~<]?[0-9a-fxXobB_+.eEiInNuUlLtTrRsSyY-]{0,6}", 3),
        ) {
            let [key, value, item] = &scalars[..] else { unreachable!() };
            same_as_one_by_one(&format!("{key}: {value}\nlist: [{item}, {value}]\nlast:\n  - {item}\n"))?;
        }

        #[test]
        fn any_text_of_yaml_signs_is_read_like_one_by_one(text in "[ab1 \n\t:,#'\"{}&*!|>?%@`~.<\u{feff}\u{e9}\\[\\]-]{0,24}") {
            same_as_one_by_one(&text)?;
        }
    }
}
