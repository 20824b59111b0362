//! The text of manifests without the secrets that stand in it literally, for showing what a command would write.

use std::collections::BTreeSet;
use std::ops::Range;

use yaml_parser::SyntaxNode;

use super::source::Source;
use super::yaml::{Node, Value};
use super::{place, proof};
use crate::domain::kind::store::Subtype;
use crate::domain::suite::fields::FIELDS;
use crate::domain::suite::form::Form;

/// What stands for a secret.
const SECRET: &str = "(secret)";

/// The text with `(secret)` in the place of every literal secret. A text that cannot be read shows nothing.
pub(super) fn concealed(text: &str) -> String {
    ranges(text).map_or_else(String::new, |ranges| {
        let mut text = text.to_owned();
        // From the end, so that the places of the others stay.
        for range in ranges.into_iter().rev() {
            text.replace_range(range, SECRET);
        }
        text
    })
}

/// By the keys alone, wherever they stand: a manifest with a mistake, or with values of a profile, shows no secret either.
fn ranges(text: &str) -> Option<Vec<Range<usize>>> {
    let bom = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let source = Source::new(String::new(), text.as_bytes().to_vec()).ok()?;
    let tree: SyntaxNode = yaml_parser::parse(source.text()).ok()?;
    let keys = keys();
    let mut found = Vec::new();
    let documents = proof::documents(&source)?;
    for document in &documents {
        literals(document, &keys, &mut found);
    }
    let mut ranges = Vec::new();
    for node in found {
        let range = place::range(&place::value(&tree, source.offset(node.mark))?);
        ranges.push(bom + range.start..bom + range.end);
    }
    ranges.sort_by_key(|range| range.start);
    Some(ranges)
}

/// The last parts of the names of all secret parameters and fields.
fn keys() -> BTreeSet<&'static str> {
    let of_suites = FIELDS.iter().filter(|field| field.form == Form::Secret);
    let of_suites = of_suites.filter_map(|field| field.path.rsplit('.').next());
    let secrets = Subtype::ALL
        .iter()
        .flat_map(|subtype| subtype.parameters())
        .filter(|parameter| parameter.rule.secret);
    secrets.filter_map(|parameter| parameter.rule.name.rsplit('.').next()).chain(of_suites).collect()
}

/// The values of such keys that are no references.
fn literals<'n>(node: &'n Node, keys: &BTreeSet<&str>, found: &mut Vec<&'n Node>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| literals(item, keys, found)),
        Value::Map(entries) => {
            for (key, value) in entries {
                let is_secret = matches!(&key.value, Value::Text(name) if keys.contains(name.as_str()));
                match value.value {
                    Value::List(_) | Value::Map(_) => literals(value, keys, found),
                    Value::Null => {}
                    _ if is_secret => found.push(value),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_secret_is_not_shown_however_it_is_written() {
        for written in
            ["hunter2", "'hunter2'", "\"hunter\\x32\"", "hunter2\n        hunter2", ">-\n        hunter2"]
        {
            let text = format!(
                "\u{feff}apiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: a}}\nspec:\n  name: a\n  kafka:\n    uris: [h:1]\n    sasl:\n      hashFunction: PLAIN\n      username: {{fromEnv: U}}\n      password: {written}\n"
            );
            let shown = concealed(&text);
            assert!(
                !shown.contains("hunter") && shown.contains("      password: (secret)\n"),
                "{written}: {shown}"
            );
            assert!(shown.contains("fromEnv: U"));
        }
        assert_eq!(concealed("kind: Store\npassword: hunter2\n"), "kind: Store\npassword: (secret)\n");
        assert_eq!(concealed("a: [\npassword: hunter2\n"), "");
    }
}
