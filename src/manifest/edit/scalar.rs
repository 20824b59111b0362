//! Writes a text as YAML, in the style in which another one was written.

use yaml_parser::{SyntaxKind, SyntaxNode};

use crate::manifest::yaml::{self, Value};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes, if that is possible.
    Plain,
    /// In single quotes, if that is possible.
    Single,
    /// In double quotes.
    Double,
}

/// The style of the first scalar in a node.
pub(super) fn style(node: &SyntaxNode) -> Option<Style> {
    node.descendants_with_tokens().find_map(|element| match element.kind() {
        SyntaxKind::PLAIN_SCALAR => Some(Style::Plain),
        SyntaxKind::SINGLE_QUOTED_SCALAR => Some(Style::Single),
        SyntaxKind::DOUBLE_QUOTED_SCALAR => Some(Style::Double),
        _ => None,
    })
}

/// The text in this style, or in double quotes where the style cannot carry it.
pub(super) fn written(text: &str, style: Style, in_flow: bool) -> String {
    match style {
        Style::Plain if is_plain(text, in_flow) => text.to_owned(),
        Style::Single if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
        // JSON's texts are YAML's.
        Style::Plain | Style::Single | Style::Double => serde_json::Value::from(text).to_string(),
    }
}

/// Whether the text needs no quotes: both our reader and the other one take it for itself.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let ends_in_flow = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}');
    let itself = |read: Vec<yaml::Node>| matches!(read.as_slice(), [node] if node.value == Value::Text(text.to_owned()));
    !(in_flow && text.contains(ends_in_flow))
        && serde_yaml::to_string(text).is_ok_and(|written| written.trim_end_matches('\n') == text)
        && yaml::documents(&mut text.as_bytes()).collect::<Result<Vec<_>, _>>().is_ok_and(itself)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_would_be_read_as_something_else_gets_quotes() {
        for text in ["1.10", "~", "017", "a: b", "a #b", "- a", "", " a", "x:", "*a", "a\nb", "---", "0x1f"] {
            assert!(written(text, Style::Plain, false).starts_with('"'), "{text:?}");
        }
        assert_eq!(written("oss://a/b-1.jar", Style::Plain, true), "oss://a/b-1.jar");
        assert_eq!(written("a, b", Style::Plain, false), "a, b");
        assert_eq!(written("a, b", Style::Plain, true), "\"a, b\"");
        assert_eq!(written("it's", Style::Single, false), "'it''s'");
        assert_eq!(written("a\tb", Style::Single, false), "\"a\\tb\"");
    }
}
