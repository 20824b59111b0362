//! Which objects a command is about: patterns of addresses, and requirements on labels. It knows one object at a time;
//! what a selected object takes along is the planner's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use super::address::Address;

/// Why a text selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// A pattern without `/`.
    #[error(
        "`{0}` is not a pattern of addresses: write Kind/name, for example FlinkConnector/orders-* or */orders"
    )]
    Pattern(String),
    /// A requirement on labels that is none.
    #[error(
        "`{0}` is not a requirement on labels: write team=a, team!=a, team or !team, with commas between them"
    )]
    Requirement(String),
}

/// A pattern of addresses: `*` stands for any characters, `?` for one, in the kind as in the name; neither stands for the
/// `/` between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    kind: String,
    name: String,
}

impl FromStr for Pattern {
    type Err = SelectionError;
    fn from_str(text: &str) -> Result<Self, SelectionError> {
        match text.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { kind: kind.to_owned(), name: name.to_owned() })
            }
            _ => Err(SelectionError::Pattern(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = SelectionError;
    fn try_from(text: String) -> Result<Self, SelectionError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.to_string()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Pattern {
    /// Whether the address is one of those that are meant.
    pub fn matches(&self, address: &Address) -> bool {
        WildMatch::new(&self.kind).matches(address.kind.as_str())
            && WildMatch::new(&self.name).matches(address.name.as_str())
    }
}

/// One requirement on labels, as kubectl writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    Equals(String, String),
    /// Another value, or no such label.
    Differs(String, String),
    Exists(String),
    Missing(String),
}

impl Requirement {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Requirement::Equals(label, value) => labels.get(label) == Some(value),
            Requirement::Differs(label, value) => labels.get(label) != Some(value),
            Requirement::Exists(label) => labels.contains_key(label),
            Requirement::Missing(label) => !labels.contains_key(label),
        }
    }
}

impl FromStr for Requirement {
    type Err = SelectionError;
    fn from_str(text: &str) -> Result<Self, SelectionError> {
        let wrong = || SelectionError::Requirement(text.to_owned());
        let word = |part: &str| {
            let odd = |c: char| c.is_whitespace() || matches!(c, '=' | '!' | '(' | ')');
            let part = part.trim();
            if part.contains(odd) { Err(wrong()) } else { Ok(part.to_owned()) }
        };
        let requirement = if let Some((label, value)) = text.split_once("!=") {
            Requirement::Differs(word(label)?, word(value)?)
        } else if let Some((label, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            Requirement::Equals(word(label)?, word(value)?)
        } else if let Some(label) = text.trim().strip_prefix('!') {
            Requirement::Missing(word(label)?)
        } else {
            Requirement::Exists(word(text)?)
        };
        let (Requirement::Equals(label, _)
        | Requirement::Differs(label, _)
        | Requirement::Exists(label)
        | Requirement::Missing(label)) = &requirement;
        if label.is_empty() { Err(wrong()) } else { Ok(requirement) }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requirement::Equals(label, value) => write!(f, "{label}={value}"),
            Requirement::Differs(label, value) => write!(f, "{label}!={value}"),
            Requirement::Exists(label) => f.write_str(label),
            Requirement::Missing(label) => write!(f, "!{label}"),
        }
    }
}

/// Requirements on labels, all of which must hold: `team=a,env!=prod,tier,!legacy`. An empty one holds for everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector(Vec<Requirement>);

impl FromStr for Selector {
    type Err = SelectionError;
    fn from_str(text: &str) -> Result<Self, SelectionError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        Ok(Self(text.split(',').map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectionError;
    fn try_from(text: String) -> Result<Self, SelectionError> {
        text.parse()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> String {
        selector.to_string()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&all.join(","))
    }
}

impl Selector {
    /// Whether an object with these labels is meant.
    pub fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| requirement.holds(labels))
    }

    /// Whether it holds for everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which addresses are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Addresses {
    /// All of them.
    #[default]
    All,
    /// Those that one of these patterns matches.
    Only(BTreeSet<Pattern>),
    /// All but those that one of these patterns matches.
    AllBut(BTreeSet<Pattern>),
}

/// Which objects are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    /// By address.
    pub addresses: Addresses,
    /// And by label.
    pub labels: Selector,
}

impl Selection {
    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.addresses == Addresses::All && self.labels.is_empty()
    }

    /// Whether an object is asked for, by one of its addresses and its labels. What is excluded is not.
    pub fn asks_for(&self, addresses: &[&Address], labels: &BTreeMap<String, String>) -> bool {
        let any = |patterns: &BTreeSet<Pattern>| {
            patterns.iter().any(|pattern| addresses.iter().any(|address| pattern.matches(address)))
        };
        let meant = match &self.addresses {
            Addresses::All => true,
            Addresses::Only(patterns) => any(patterns),
            Addresses::AllBut(patterns) => !any(patterns),
        };
        meant && self.labels.holds(labels)
    }

    /// Whether an object is left out by name.
    pub fn excludes(&self, addresses: &[&Address]) -> bool {
        match &self.addresses {
            Addresses::All | Addresses::Only(_) => false,
            Addresses::AllBut(patterns) => {
                patterns.iter().any(|pattern| addresses.iter().any(|address| pattern.matches(address)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, address: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(&address.parse().unwrap())
    }

    #[test]
    fn stars_and_question_marks_stand_for_characters_of_their_part() {
        for (pattern, address, expected) in [
            ("Store/a", "Store/a", true),
            ("Store/a", "Store/ab", false),
            ("Store/*", "Store/a", true),
            ("*/a", "FlinkConnector/a", true),
            ("*/*", "Store/a.b-c", true),
            ("Store/a?", "Store/ab", true),
            ("Store/a?", "Store/a", false),
            ("Store/*b*d", "Store/abcbd", true),
            ("Store/*b*d", "Store/abcbe", false),
            ("Store/a*a", "Store/a", false),
            ("St*/a", "FlinkConnector/a", false),
            ("Store/**", "Store/x", true),
        ] {
            assert_eq!(matches(pattern, address), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn a_pattern_that_tries_everything_ends_soon() {
        let name = "a".repeat(250);
        assert!(!matches(&format!("Store/{}b", "*a".repeat(100)), &format!("Store/{name}")));
    }

    #[test]
    fn requirements_are_those_of_kubectl() {
        let labels =
            BTreeMap::from([("team".to_owned(), "a".to_owned()), ("tier".to_owned(), String::new())]);
        for (text, expected) in [
            ("", true),
            ("team=a", true),
            ("team==a", true),
            ("team = a", true),
            ("team=b", false),
            ("team!=b", true),
            ("team!=a", false),
            ("env!=prod", true),
            ("tier", true),
            ("tier=", true),
            ("legacy", false),
            ("!legacy", true),
            ("!team", false),
            ("team=a,!legacy,tier", true),
            ("team=a,legacy", false),
        ] {
            let selector: Selector = text.parse().unwrap();
            assert_eq!(selector.holds(&labels), expected, "{text}");
            assert_eq!(selector.to_string().parse::<Selector>().unwrap(), selector, "{text}");
        }
    }

    #[test]
    fn what_selects_nothing_is_refused() {
        for text in ["orders", "/a", "Store/", "Store/a/b", ""] {
            assert!(text.parse::<Pattern>().is_err(), "{text:?}");
        }
        for text in ["=a", "!", "a,,b", "a in (b)", "a=b=c", "!=x", ","] {
            assert!(text.parse::<Selector>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_selection_survives_its_own_text() {
        let patterns = BTreeSet::from(["Store/a*".parse().unwrap(), "*/b".parse().unwrap()]);
        for addresses in [Addresses::All, Addresses::Only(patterns.clone()), Addresses::AllBut(patterns)] {
            let selection = Selection { addresses, labels: "team=a,!legacy".parse().unwrap() };
            let text = serde_json::to_string(&selection).unwrap();
            assert_eq!(serde_json::from_str::<Selection>(&text).unwrap(), selection);
        }
    }
}
