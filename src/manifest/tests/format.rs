//! The formatter over generated documents: comments, quotes, block texts, lists and mappings in every style.

use proptest::prelude::*;
use serde::Deserialize as _;

use crate::manifest::codes;
use crate::manifest::format::{formatted, stream};
use crate::manifest::source::Source;

/// A piece of YAML, with the style in which it is written.
#[derive(Debug, Clone)]
enum Piece {
    /// As it stands, with a comment behind it.
    Scalar(String, bool),
    /// Header and lines.
    Block(&'static str, Vec<String>),
    FlowList(Vec<String>, bool),
    FlowMap(Vec<(String, String)>, bool),
    /// Items, blanks before each dash, blanks behind it, comments.
    List(Vec<Piece>, usize, usize, bool),
    /// Entries, further indentation, blank lines, comments.
    Map(Vec<(String, Piece)>, usize, bool, bool),
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9 :/.-]{0,12}[a-z]"
            .prop_filter("plain", |text| !text.contains(": ") && !text.contains(" -")),
        "[a-zA-Z'# ,\\[\\]{}:é中-]{0,8}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        "[a-zA-Z# ,:\\\\\"\t'é-]{0,8}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just("\"\\u00e9\\x41\\/\"".to_owned()),
        prop_oneof![
            Just("1.10"),
            Just("017"),
            Just("true"),
            Just("~"),
            Just("no"),
            Just("0x1F"),
            Just("1e3")
        ]
        .prop_map(str::to_owned),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    let header = prop_oneof![Just("|"), Just(">"), Just("|-"), Just(">-"), Just("| # c")];
    let flow_key = "[a-z]{1,6}";
    let leaf = prop_oneof![
        4 => (scalar(), any::<bool>()).prop_map(|(text, comment)| Piece::Scalar(text, comment)),
        1 => (header, prop::collection::vec("[a-zA-Z#:'\"{-][a-z #:'\"{-]{0,20}[a-z]|", 1..4))
            .prop_filter("the first line decides the indentation", |(_, lines)| !lines[0].is_empty())
            .prop_map(|(header, lines)| Piece::Block(header, lines)),
        1 => (prop::collection::vec(scalar(), 0..4), any::<bool>()).prop_map(|(items, wide)| Piece::FlowList(items, wide)),
        1 => (prop::collection::btree_map(flow_key, scalar(), 0..3), any::<bool>())
            .prop_map(|(entries, wide)| Piece::FlowMap(entries.into_iter().collect(), wide)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 1..4), 0..4_usize, 1..3_usize, any::<bool>())
                .prop_map(|(items, indent, gap, comments)| Piece::List(items, indent, gap, comments)),
            (
                prop::collection::btree_map("[a-z]{1,6}", inner, 1..4),
                1..5_usize,
                any::<bool>(),
                any::<bool>()
            )
                .prop_map(|(entries, indent, blank, comments)| {
                    Piece::Map(entries.into_iter().collect(), indent, blank, comments)
                }),
        ]
    })
}

/// Writes what stands behind a key or dash at this indentation.
fn write(piece: &Piece, indent: usize, text: &mut String) {
    match piece {
        Piece::Scalar(scalar, comment) => {
            text.push_str(&format!(" {scalar}{}\n", if *comment { "   # behind" } else { "" }));
        }
        Piece::Block(header, lines) => {
            text.push_str(&format!(" {header}\n"));
            for line in lines {
                text.push_str(&if line.is_empty() {
                    "\n".to_owned()
                } else {
                    format!("{:indent$}  {line}\n", "")
                });
            }
        }
        Piece::FlowList(items, wide) => {
            let blank = if *wide { "  " } else { "" };
            let items: Vec<&str> = items.iter().map(String::as_str).collect();
            text.push_str(&format!(" [{blank}{}{blank}]\n", items.join(", ")));
        }
        Piece::FlowMap(entries, wide) => {
            let blank = if *wide { " " } else { "" };
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            text.push_str(&format!(" {{{blank}{}{blank}}}\n", entries.join(", ")));
        }
        Piece::List(items, more, gap, comments) => {
            text.push('\n');
            for item in items {
                if *comments {
                    text.push_str(&format!("{:width$}# above\n", "", width = indent + more));
                }
                text.push_str(&format!("{:width$}-{:gap$}", "", "", width = indent + more, gap = gap - 1));
                write(item, indent + more + 1, text);
            }
        }
        Piece::Map(entries, more, blank, comments) => {
            text.push('\n');
            for (key, value) in entries {
                if *comments {
                    text.push_str(&format!("{:width$}#about {key}\n", "", width = indent + more));
                }
                text.push_str(&format!("{:width$}{key}:", "", width = indent + more));
                write(value, indent + more, text);
                if *blank {
                    text.push_str("\n\n");
                }
            }
        }
    }
}

/// Documents below each other.
fn documents() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::collection::btree_map("[a-z]{1,6}", piece(), 1..4), 1..4).prop_map(
        |documents| {
            let texts: Vec<String> = documents
                .iter()
                .map(|entries| {
                    let mut text = String::from("# head\n");
                    for (key, value) in entries {
                        text.push_str(&format!("{key}:"));
                        write(value, 0, &mut text);
                    }
                    text
                })
                .collect();
            texts.join("---\n")
        },
    )
}

fn meaning(text: &str) -> Vec<serde_yaml::Value> {
    let documents = serde_yaml::Deserializer::from_str(text).map(serde_yaml::Value::deserialize);
    documents.collect::<Result<_, _>>().unwrap()
}

fn source(text: &str) -> Source {
    Source::new("f".into(), text.into()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_formatted_says_the_same_and_is_formatted(text in documents(), crlf in any::<bool>()) {
        let written = if crlf { text.replace('\n', "\r\n") } else { text.clone() };
        let after = formatted(&source(&written));
        prop_assert!(after.is_ok(), "{after:?} for\n{text}");
        let after = after.unwrap();
        prop_assert_eq!(meaning(&text), meaning(&after), "{}\n=>\n{}", text, after);
        for word in ["# head", "# behind", "# above", "#about", "# c\n"] {
            prop_assert_eq!(text.matches(word).count(), after.matches(word).count(), "{}:\n{}\n=>\n{}", word, text, after);
        }
        prop_assert_eq!(formatted(&source(&after)), Ok(after));
    }
}

#[test]
fn one_style() {
    let before = "apiVersion:   reconcile/v1\r\nkind: Store\r\nmetadata: { name:   a }\r\nspec:\r\n    name: 'a'\r\n    kafka:\r\n        uris:\r\n        - h:1   # first\r\n        -   'h:2'\r\n        sasl: {hashFunction: NONE}\r\n\r\n\r\n\r\n# end\r\n";
    let after = "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: a}\nspec:\n  name: \"a\"\n  kafka:\n    uris:\n      - h:1 # first\n      - \"h:2\"\n    sasl: {hashFunction: NONE}\n\n# end\n";
    let rewrite = stream("f", before.as_bytes()).unwrap();
    assert_eq!(rewrite.after(), after);
    assert!(rewrite.is_change() && !stream("f", after.as_bytes()).unwrap().is_change());
}

#[test]
fn a_byte_order_mark_goes_and_a_file_without_text_stays() {
    for (before, after) in [("\u{feff}# only this\n", "# only this\n"), ("", "")] {
        assert_eq!(stream("f", before.as_bytes()).unwrap().after(), after);
    }
}

#[test]
fn a_text_that_the_formatter_would_change_is_an_error_with_a_code() {
    let text = "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: a}\nspec:\n  workspaceId: w\n  namespaceName: n\n  connectorName: a\n  connectorType: a\n  jarUrl: oss://a\n  description: |+\n    text\n\n\n";
    let errors = stream("f.yaml", text.as_bytes()).unwrap_err();
    assert_eq!((errors[0].code, errors.len()), (codes::NOT_FORMATTED, 1));
    assert_eq!(errors[0].message, "formatting would change what f.yaml says");
}
