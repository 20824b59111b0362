//! What a diagnostic may show of a text that may hold secrets (design.md 3.4).
//!
//! Promises: of a document that mentions a store or may hold the password of a suite, no value is shown, whatever is wrong with the document: a misspelt key,
//! a lost quotation mark, text that is not YAML at all. So it works on lines and words, never on what they would mean.
//! Shown are structure, keys that are known or nearly so, and a few words such as `true` behind keys that hold no secret.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::suggest;
use super::yaml::{Node, Value};
use crate::domain::field::ValueType;
use crate::domain::kind::store::{self, Subtype};
use crate::domain::suite;

/// What stands for something that is not shown.
pub(super) const HIDDEN: &str = "…";

/// What stands for one character left of the marked place, so that columns stay.
const HIDDEN_BEFORE: char = '•';

/// Keys beside the fields of a store.
const KEYS: &str = "apiVersion kind metadata name labels annotations spec type fromEnv fromFile fromCommand lifecycle \
    protect onRemove adopt allowGap ignoreFields timeouts create update delete dependsOn defaultProfile \
    profiles emulator ververica workspaces limits replace state deltastream url organization role token \
    proxy connect read total verification notify urlVariable";

/// Values that tell nothing.
const HARMLESS: &str = "true false True False yes no on off null ~ delete retain reconcile/v1 Store NONE PLAIN SHA256 SHA512 AWS_MSK_IAM";

/// What may stand before the first key of a line.
const STRUCTURE: &[char] = &[' ', '\t', '{', '[', '-', '?', '"', '\''];

/// What may open the value of a key.
const OPENING: &[char] = &[' ', '\t', '{', '['];

/// Every known key.
static KNOWN: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let fields = store::FIELDS.iter().flat_map(|rule| rule.name.split('.'));
    fields.chain(OF_SUITES.iter().copied()).chain(KEYS.split(' ')).collect()
});

/// Keys behind which a secret or a file is.
static SEALED: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let sealed = store::FIELDS.iter().filter(|rule| matches!(rule.value, ValueType::Sealed { .. }));
    let leaves = sealed.filter_map(|rule| rule.name.rsplit('.').next());
    leaves.chain(["fromEnv", "fromFile", "fromCommand", "token"]).collect()
});

/// The keys of a suite, but for those of its secret.
static OF_SUITES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let fields = suite::fields::FIELDS.iter().filter_map(|field| field.path.rsplit('.').next());
    fields.chain(["apiVersion", "kind", "metadata", "spec", "dependsOn"]).collect()
});

/// Keys of the blocks of a store that other documents have too.
const EVERYWHERE: &[&str] = &["region", "account", "cloud", "catalog", "id"];

/// Keys that no document has which holds no secret.
static TELLING: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let parameters = Subtype::ALL.iter().flat_map(|subtype| subtype.parameters());
    let keys = parameters.flat_map(|parameter| parameter.rule.name.split('.'));
    keys.filter(|key| !EVERYWHERE.contains(key)).chain(["deltastream", "token", "urlVariable"]).collect()
});

/// What somebody calls a webhook: behind a misspelt key is a URL that may be a secret all the same.
const WEBHOOKS: [&str; 4] = ["notify", "notification", "notifications", "webhook"];

/// Whether a document may hold secrets: it is, or resembles, a store, a suite or the access to a service. `None` when it does not even
/// say of which kind it is: then it may be a part of its neighbour.
pub(super) fn is_needed(document: &str) -> Option<bool> {
    let mut of_another_kind = None;
    for line in document.lines() {
        for (range, word) in words(line) {
            let rest = line.get(range.end..).unwrap_or_default().trim_start_matches(['"', '\'', ' ', '\t']);
            let Some(value) = rest.strip_prefix(':') else { continue };
            if TELLING.contains(word) || suggest::closest(word, WEBHOOKS).is_some() {
                return Some(true);
            }
            if word == "kind" {
                let resembles = |kind| suggest::closest(kind, ["Store", suite::KIND]).is_some();
                let is_kind = |kind: &str| kind.starts_with(|c: char| c.is_ascii_uppercase());
                // What no kind can be was one of ours before it was damaged.
                if words(value).any(|(_, kind)| resembles(kind))
                    || !words(value).any(|(_, kind)| is_kind(kind))
                {
                    return Some(true);
                }
                of_another_kind = Some(false);
            }
        }
    }
    of_another_kind
}

/// Whether a document that was read is a suite in which no secret can stand: every key in it is known, and the password
/// comes from a variable. Where one key is unknown, a password may stand behind it.
pub(super) fn is_plain_suite(document: &Node) -> bool {
    let Value::Map(entries) = &document.value else { return false };
    let is_suite = |(key, value): &(Node, Node)| is_text(key, "kind") && is_text(value, suite::KIND);
    // Without its key a password may have become a part of something else.
    entries.iter().any(is_suite) && has_password(document) && is_plain(document)
}

fn has_password(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => {
            entries.iter().any(|(key, value)| is_text(key, "password") || has_password(value))
        }
        _ => false,
    }
}

fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.value, Value::Text(found) if found == text)
}

fn is_plain(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().all(|(key, value)| match &key.value {
            Value::Text(name) if name == "password" => is_variable(value),
            // Their keys are free.
            Value::Text(name) if matches!(name.as_str(), "labels" | "annotations") => true,
            Value::Text(name) => OF_SUITES.contains(name.as_str()) && is_plain(value),
            _ => false,
        }),
        Value::List(items) => items.iter().all(is_plain),
        _ => true,
    }
}

/// `{fromEnv: NAME}`, and the name can be one.
fn is_variable(node: &Node) -> bool {
    let Value::Map(entries) = &node.value else { return false };
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    matches!(&entries[..], [(key, Node { value: Value::Text(name), .. })] if is_text(key, "fromEnv") && is_name(name))
}

/// Whether a word may be shown: it is one of these, or somebody's attempt to write one.
pub(super) fn resembles<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> bool {
    word.chars().all(is_word) && suggest::closest(word, known).is_some()
}

/// Whether a key may be shown.
pub(super) fn is_key(word: &str) -> bool {
    resembles(word, KNOWN.iter().copied())
}

/// A line without its values, and whether the character in this column (from 1) is still there. What is left of that
/// column keeps its width.
pub(super) fn veiled(line: &str, column: u32) -> (String, bool) {
    let shown = shown(line);
    let marked = column.saturating_sub(1) as usize;
    let is_shown = |byte: usize| shown.iter().any(|range| range.contains(&byte));
    let mut text = String::new();
    let mut is_there = false;
    let mut in_hidden = false;
    for (index, (byte, c)) in line.char_indices().enumerate() {
        if is_shown(byte) {
            text.push(c);
            is_there |= index == marked;
        } else if index < marked {
            text.push(HIDDEN_BEFORE);
        } else if !in_hidden {
            text.push_str(HIDDEN);
        }
        in_hidden = !is_shown(byte) && index >= marked;
    }
    (text, is_there)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The words of a line and where they stand, in bytes.
fn words(line: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut rest = 0..line.len();
    std::iter::from_fn(move || {
        let text = line.get(rest.clone())?;
        let start = rest.start + text.find(is_word)?;
        let word = line.get(start..)?;
        let word = word.get(..word.find(|c| !is_word(c)).unwrap_or(word.len()))?;
        rest.start = start + word.len();
        Some((start..rest.start, word))
    })
}

/// The parts of a line that are shown, in bytes.
fn shown(line: &str) -> Vec<Range<usize>> {
    let mut shown = Vec::new();
    let mut end = 0;
    let mut key = None;
    for (range, word) in words(line) {
        let Some(gap) = line.get(end..range.start) else { continue };
        let Some(colon) = colon(line, range.end).filter(|_| is_key_place(gap, key.is_some()) && is_key(word))
        else {
            continue;
        };
        shown.extend(edges(gap, end, key.is_some()));
        shown.push(range.start..colon);
        (end, key) = (colon, Some(word));
    }
    let rest = line.get(end..).unwrap_or_default();
    let value = rest.trim();
    let harmless = |key: &str| {
        KNOWN.contains(key) && !SEALED.contains(key) && HARMLESS.split(' ').any(|word| word == value)
    };
    let lead = match key {
        Some(key) if harmless(key) => rest.len(),
        Some(_) => rest.len() - rest.trim_start_matches(OPENING).len(),
        None => rest.len() - rest.trim_start().len(),
    };
    shown.push(end..end + lead);
    shown
}

/// Where the colon of a key ends that ends here itself, if there is one.
fn colon(line: &str, end: usize) -> Option<usize> {
    let rest = line.get(end..)?;
    let unquoted = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let behind = unquoted.strip_prefix(':')?;
    behind.chars().next().is_none_or(char::is_whitespace).then_some(line.len() - behind.len())
}

/// Whether a key can begin behind this: at the beginning of a line, or in a flow mapping.
fn is_key_place(gap: &str, after_key: bool) -> bool {
    let before = gap.trim_end_matches(['"', '\'']).trim_end();
    let begins_line = !after_key && before.chars().all(|c| STRUCTURE.contains(&c));
    begins_line || before.ends_with(['{', ','])
}

/// What is structure for sure between the beginning of a line or a key, and the next key.
fn edges(gap: &str, at: usize, after_key: bool) -> [Range<usize>; 2] {
    let opening = if !after_key && gap.chars().all(|c| STRUCTURE.contains(&c)) { STRUCTURE } else { OPENING };
    let lead = gap.len() - gap.trim_start_matches(opening).len();
    let tail = gap.rfind([',', '{']).unwrap_or(lead).max(lead);
    [at..at + lead, at + tail..at + gap.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_structure_stay_and_values_go() {
        for (line, column, wanted) in [
            ("      password: hunter2", 7, "      password: …"),
            ("      pasword: hunter2 # mine", 7, "      pasword: …"),
            ("      password: hunter2", 17, "      password: …"),
            (
                "  sasl: {username: u, password: 'a, b: {c', hashFunction: PLAIN}",
                23,
                "  sasl: {username: •, password: …, hashFunction: …",
            ),
            ("    verifyServerHostname: yes", 27, "    verifyServerHostname: yes"),
            ("    password: yes", 15, "    password: …"),
            ("- hunter2", 3, "••…"),
            ("- {password: --x}, username: {y}", 19, "- {password: ••••, username: {…"),
            ("    hunter2, password: x", 5, "    …, password: …"),
            ("password:hunter2", 1, "…"),
            ("  {hunter2}", 4, "  •…"),
            ("  # password: hunter2", 3, "  …"),
            ("  schemaRegistry: x", 3, "  …"),
            ("kind: Store", 7, "kind: Store"),
            ("", 1, ""),
        ] {
            assert_eq!(veiled(line, column).0, wanted, "{line}");
        }
    }

    #[test]
    fn what_is_left_of_the_marked_place_keeps_its_width() {
        let line = "  中文 x: {username: 中, password: y, z}";
        for column in 1..=u32::try_from(line.chars().count()).unwrap() {
            let (text, is_there) = veiled(line, column);
            let marked = text.chars().nth(column as usize - 1);
            let original = line.chars().nth(column as usize - 1);
            assert!(if is_there { marked == original } else { marked == Some('…') }, "{column}: {text}");
        }
    }

    #[test]
    fn a_document_that_may_hold_secrets_is_noticed_even_when_its_kind_is_misspelt() {
        for document in
            ["kind: Store", "kind : \"Stroe\"", "a: {password: x}", "\"keyFile\": x", "  kafka:\n"]
        {
            assert_eq!(is_needed(document), Some(true), "{document}");
        }
        for document in
            ["kind: FlinkConnector", "kind: FlinkConnector\nname: orders-kafka\ndependsOn: [Store/orders]"]
        {
            assert_eq!(is_needed(document), Some(false), "{document}");
        }
        for document in ["", "name: orders-kafka", "# the password"] {
            assert_eq!(is_needed(document), None, "{document}");
        }
    }
}
