//! What we accept means the same to an independent reader; what an independent writer writes means the same to us.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::independent::{Connector, Document, Lifecycle, Metadata, Read, assert_same, independently, name};
use super::load_text;
use crate::domain::desired::Desired;
use crate::manifest::values::Values;
use crate::manifest::{codes, load, project};
use crate::platform::fs;

const TRICKY: &[&str] = &[
    "no",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "true",
    "False",
    "null",
    "Null",
    "~",
    "1.10",
    "1",
    "-1",
    "017",
    "0x1f",
    "0o17",
    "1e3",
    ".5",
    "5.",
    "+1",
    "1_000",
    ".inf",
    "-.INF",
    ".nan",
    "12:30:45",
    "2001-01-01",
    "=",
    "<<",
    "*a",
    "&a",
    "!a",
    "- a",
    "a: b",
    "a #b",
    "#a",
    "?",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "{a}",
    "[a]",
    "'a'",
    "\"a\"",
    "a'b",
    "---",
    "...",
    "\\",
    "a,b",
    "中文 🔑",
    "0",
    "00",
    "08",
    "0b1",
    "1.",
    "1e999",
    "é\u{301}",
    "a\tb",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(TRICKY).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9_./:-]{1,24}",
        2 => "\\PC{0,40}",
        1 => any::<String>(),
        1 => "[ \\n\\t#:a-]{0,20}",
    ]
    .prop_filter("no line end of YAML 1.1, which the writer leaves unescaped", |text| {
        !text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
    })
    .prop_filter("no reference to a value, which the writer does not know", |text| !text.contains("${"))
}

pub(super) fn line() -> impl Strategy<Value = String> {
    text().prop_filter("a line", |text| !text.trim().is_empty() && !text.chars().any(char::is_control))
}

fn key(regex: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![regex, prop::sample::select(TRICKY).prop_map(str::to_owned)].prop_filter(
        "a key part",
        |text| {
            !matches!(text.as_str(), "." | "..")
                && !text.is_empty()
                && !text.contains("${")
                && text.bytes().all(|b| b.is_ascii_graphic())
        },
    )
}

/// Without the key `<<`, which the writer leaves unquoted and which we refuse as a merge key.
fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map(text().prop_filter("no merge key", |key| key != "<<"), text(), 0..3)
}

fn set() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    prop::option::of(prop::collection::btree_set(line(), 0..4))
}

prop_compose! {
    fn connector()(
        workspace_id in key("[!-~]{1,20}"),
        namespace_name in key("[!-~]{1,20}"),
        connector_name in key("[!-~]{1,20}"),
        (connector_type, jar_url, jar_version) in (line(), line(), prop::option::of(line())),
        description in prop::option::of(text()),
        [source, sink, lookup] in any::<[Option<bool>; 3]>(),
        supported_formats in set(),
        dependencies in set(),
    ) -> Connector {
        Connector {
            workspace_id, namespace_name, connector_name, connector_type, jar_url, jar_version, description,
            source, sink, lookup, supported_formats, dependencies,
        }
    }
}

prop_compose! {
    fn lifecycle()(
        [protect, adopt, allow_gap] in any::<[bool; 3]>(),
        on_remove in prop::sample::select(&["delete", "retain"][..]),
        ignore_fields in prop::collection::btree_set(
            prop::sample::select(&["/spec/lookup", "/spec/jarUrl", "/spec/description"][..]).prop_map(str::to_owned), 0..3),
        timeouts in prop::collection::btree_map(
            prop::sample::select(&["create", "update", "delete"][..]).prop_map(str::to_owned), "[1-9][0-9]{0,2}(s|m|ms|h)", 0..3),
    ) -> Lifecycle {
        Lifecycle { protect, on_remove: on_remove.to_owned(), adopt, allow_gap, ignore_fields, timeouts }
    }
}

prop_compose! {
    fn document()(
        name in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,30}",
        labels in texts(),
        annotations in texts(),
        spec in connector(),
        lifecycle in lifecycle(),
    ) -> Document<Connector> {
        Document {
            api_version: "reconcile/v1".into(),
            kind: "FlinkConnector".into(),
            metadata: Metadata { name, labels, annotations },
            spec,
            lifecycle,
            depends_on: BTreeSet::new(),
        }
    }
}

/// Pieces of YAML, to get further than random bytes do.
pub(super) fn soup() -> impl Strategy<Value = String> {
    let pieces = &[
        "apiVersion: reconcile/v1\n",
        "kind: FlinkConnector\n",
        "metadata:\n",
        "  name: a\n",
        "spec:\n",
        "  jarUrl: x\n",
        "lifecycle:\n",
        "  timeouts: {create: 1m}\n",
        "dependsOn: [FlinkConnector/a]\n",
        "---\n",
        "...\n",
        "- ",
        "? ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!t ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "\\",
        "\n",
        "  ",
        "\t",
        "\r",
        "#",
        "%YAML 1.2\n",
        "<<: ",
        "\u{feff}",
        "\u{85}",
        "中",
        "~",
        "1.10",
        "null",
        ",",
    ][..];
    prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat())
}

/// The same document with every digit replaced, except in durations.
fn without_digits(document: Document<Connector>) -> Document<Connector> {
    fn replaced(value: Value) -> Value {
        let replace = |text: String| text.replace(|c: char| c.is_ascii_digit(), "x");
        match value {
            Value::String(text) => Value::String(replace(text)),
            Value::Array(items) => items.into_iter().map(replaced).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (replace(name), replaced(value))).collect()
            }
            other => other,
        }
    }
    Document {
        metadata: serde_json::from_value(replaced(serde_json::to_value(document.metadata).unwrap())).unwrap(),
        spec: serde_json::from_value(replaced(serde_json::to_value(document.spec).unwrap())).unwrap(),
        ..document
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The writer leaves texts unquoted that only YAML 1.2 takes for numbers (`017`, `1e999`). Those we refuse; we never
    /// read them as something else.
    #[test]
    fn what_an_independent_writer_writes_means_the_same_to_us(document in document()) {
        let text = serde_yaml::to_string(&document).unwrap();
        match load_text(&text) {
            Ok(loaded) => assert_same(loaded.desired.declared().values().next().unwrap(), &Read::Connector(Box::new(document))),
            Err(found) => for found in found {
                prop_assert_eq!(found.code, codes::UNQUOTED, "{}\n{:?}", &text, &found);
                let source = found.labels[0].source.clone().unwrap();
                prop_assert!(source.contains(|c: char| c.is_ascii_digit()), "{}", source);
            },
        }
    }

    #[test]
    fn what_an_independent_writer_writes_is_accepted_when_nothing_in_it_resembles_a_number(
        document in document().prop_map(without_digits)
    ) {
        let text = serde_yaml::to_string(&document).unwrap();
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
        assert_same(loaded.desired.declared().values().next().unwrap(), &Read::Connector(Box::new(document)));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        soup().prop_map(String::into_bytes),
    ]) {
        let folder = tempfile::tempdir().unwrap();
        fs::replace(&folder.path().join("m.yaml"), &bytes).unwrap();
        fs::replace(&folder.path().join("reconcile.yaml"), &bytes).unwrap();
        if let Err(found) = load(&[folder.path().to_owned()], &Values::default()) {
            prop_assert!(!found.is_empty());
        }
        drop(project::load(folder.path()));
    }

    /// The independent reader is stricter in places (a line with only a tab); it never sees another meaning.
    #[test]
    fn what_we_accept_means_the_same_to_an_independent_reader(text in soup()) {
        let text = format!("{}{text}", super::VALID);
        if let (Ok(loaded), Ok(documents)) = (load_text(&text), independently(&text)) {
            prop_assert_eq!(loaded.desired.declared().len(), documents.len());
            for document in &documents {
                let named = |desired: &&Desired| desired.address.name.as_str() == name(document);
                assert_same(loaded.desired.declared().values().find(named).unwrap(), document);
            }
        }
    }
}
