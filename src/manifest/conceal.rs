//! The text of manifests without the secrets that stand in it literally, for showing what a command would write.

use yaml_parser::SyntaxNode;

use super::place;
use super::report::{Findings, Report};
use super::source::Source;
use super::yaml::Mark;
use super::{document, proof};
use crate::domain::desired::Spec;
use crate::domain::secret;

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

fn ranges(text: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let bom = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let source = Source::new(String::new(), text.as_bytes().to_vec()).ok()?;
    let tree: SyntaxNode = yaml_parser::parse(source.text()).ok()?;
    let mut findings = Findings::default();
    let mut ranges = Vec::new();
    for node in proof::documents(&source)? {
        let declared = document::read(node, &mut Report::new(&source, &mut findings))?;
        let Spec::Store(store) = declared.desired.spec else { continue };
        for (_, sealed) in store.sealed() {
            if let secret::Source::Literal(_) = sealed.source() {
                let at = sealed.at();
                let mark = Mark { line: at.line, column: at.column, length: 0 };
                let range = place::range(&place::value(&tree, source.offset(mark))?);
                ranges.push(bom + range.start..bom + range.end);
            }
        }
    }
    ranges.sort_by_key(|range| range.start);
    Some(ranges)
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
        assert_eq!(concealed("kind: Store\npassword: hunter2\n"), "");
    }
}
