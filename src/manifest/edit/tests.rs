//! Values are changed where they stand: every style that a manifest may have, and what is left alone.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::field::FieldValue;
use crate::manifest::accept::{Reason, Wish, with};
use crate::manifest::source::Source;
use crate::manifest::tests::load_texts;
use crate::manifest::values::Values;

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Flow,
    FlowLines,
    Block(usize),
    BlockWithComments,
}

const HEAD: &str = "# first\napiVersion: reconcile/v1\nkind: FlinkConnector # a kind\nmetadata: {name: other}\nspec: {workspaceId: w, namespaceName: n, connectorName: o, connectorType: o, jarUrl: \"o\", sink: true}\n---\napiVersion:   reconcile/v1\nkind: FlinkConnector\nmetadata:\n    name:   'it'\nspec:\n    workspaceId:   w # odd\n    namespaceName: n\n    connectorName: it\n    connectorType: \"it\"\n";
const TAIL: &str = "    # behind\n    lookup:   false\n\n\n# last\n---\n\n# nothing\n";

fn quoted(text: &str, quotes: usize) -> String {
    let is_text = !["true", "false", "null"].contains(&text.to_lowercase().as_str());
    match quotes {
        0 if is_text
            && !text.contains([',', '[', ']', '{', '}', '#', '\'', '"', ':'])
            && text.starts_with(char::is_alphabetic) =>
        {
            text.to_owned()
        }
        1 => format!("'{}'", text.replace('\'', "''")),
        _ => serde_json::Value::from(text).to_string(),
    }
}

fn list(items: &[String], style: Style, quotes: usize) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item, quotes)).collect();
    match style {
        Style::Flow => format!("[{}]", items.join(",  ")),
        Style::FlowLines => format!("[\n        {},\n    ]", items.join(",\n        ")),
        Style::Block(indent) => {
            items.iter().map(|item| format!("\n{:indent$}-   {item}", "")).collect::<Vec<_>>().concat()
        }
        Style::BlockWithComments => items
            .iter()
            .map(|item| format!("\n      # above {item:?}\n      - {item}"))
            .collect::<Vec<_>>()
            .concat(),
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,8}",
        "[ -~é中]{1,10}".prop_filter("not blank", |text| !text.trim().is_empty()),
        prop_oneof![
            Just("1.10"),
            Just("017"),
            Just("no"),
            Just("true"),
            Just("~"),
            Just("a: b"),
            Just("- x"),
            Just("a #b")
        ]
        .prop_map(str::to_owned),
    ]
    .prop_filter("not from elsewhere", |text| !text.contains("${"))
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Flow),
        Just(Style::FlowLines),
        (4..8_usize).prop_map(Style::Block),
        Just(Style::BlockWithComments)
    ]
}

/// A field, how it is written, and what it is to be.
fn change() -> impl Strategy<Value = (&'static str, String, FieldValue)> {
    let set = || prop::collection::btree_set(line(), 1..5);
    let texts = (line(), 0..3_usize, line()).prop_map(|(old, quotes, new)| {
        ("jarUrl", format!(" {}", quoted(&old, quotes)), FieldValue::Text(new))
    });
    let flags = any::<bool>().prop_map(|new| ("sink", format!("  {}", !new), FieldValue::Flag(new)));
    let sets = (set(), style(), 0..3_usize, set(), any::<prop::sample::Index>()).prop_map(
        |(old, style, quotes, mut new, stays)| {
            let old: Vec<String> = old.into_iter().rev().collect();
            new.insert(old[stays.index(old.len())].clone());
            let text = list(&old, style, quotes);
            let blank = if text.starts_with('\n') { "" } else { " " };
            ("supportedFormats", format!("{blank}{text}"), FieldValue::Set(new))
        },
    );
    prop_oneof![1 => texts, 1 => flags, 3 => sets]
}

fn source(text: &str) -> Source {
    Source::new("f.yaml".into(), text.into()).unwrap()
}

fn wish(field: &str, value: FieldValue) -> Wish {
    Wish { address: "FlinkConnector/it".parse().unwrap(), field: field.into(), value }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_text_says_the_wanted_value_and_no_other_byte_changes((field, written, value) in change(), crlf in any::<bool>()) {
        let jar = if field == "jarUrl" { "" } else { "    jarUrl: oss://it\n" };
        let line_ends = |text: &str| if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        let head = line_ends(&format!("{HEAD}{jar}    {field}:"));
        let tail = line_ends(&format!("   # beside\n{TAIL}"));
        // A comment beside the last item of a block list belongs to the item.
        let tail = if written.starts_with('\n') { line_ends(&format!("\n{TAIL}")) } else { tail };
        let before = format!("{head}{}{tail}", line_ends(&written));
        let changed = with(&source(&before), &wish(field, value.clone()), &Values::default());
        prop_assert!(changed.is_ok(), "{:?}\n{before}", changed.map(|_| ()));
        let changed = changed.unwrap();
        let after = changed.text();
        prop_assert!(after.starts_with(&head) && after.ends_with(&tail), "{before}\n=>\n{after}");
        for comment in before.lines().filter(|line| line.contains("# above")) {
            prop_assert!(after.lines().any(|line| line == comment), "{comment}\n{after}");
        }
        let loaded = load_texts(&[("f.yaml", after)]).unwrap();
        let declared = &loaded.desired.declared()[&"FlinkConnector/it".parse().unwrap()];
        prop_assert_eq!(declared.spec.fields().remove(field), Some(value));
    }
}

/// The spec of `it` after a wish, or why it is left alone.
fn after(spec: &str, field: &str, value: FieldValue) -> Result<String, Reason> {
    let head = "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: it}\nspec:\n  workspaceId: w\n  namespaceName: n\n  connectorName: it\n  connectorType: it\n  jarUrl: oss://it\n";
    let changed = with(&source(&format!("{head}{spec}")), &wish(field, value), &Values::default())
        .map_err(|(reason, _)| reason)?;
    Ok(changed.text().strip_prefix(head).unwrap().to_owned())
}

fn set(items: &[&str]) -> FieldValue {
    FieldValue::Set(items.iter().map(|item| (*item).to_owned()).collect::<BTreeSet<_>>())
}

#[test]
fn what_stays_in_a_list_keeps_its_place_and_what_is_new_comes_last() {
    let formats = |spec: &str, items: &[&str]| after(spec, "supportedFormats", set(items)).unwrap();
    assert_eq!(
        formats("  supportedFormats: [json, avro]\n", &["avro", "csv", "json"]),
        "  supportedFormats: [json, avro, csv]\n"
    );
    assert_eq!(formats("  supportedFormats: [ 'json' ]\n", &["a"]), "  supportedFormats: [ 'a' ]\n");
    assert_eq!(formats("  supportedFormats: []\n", &["a"]), "  supportedFormats: [a]\n");
    assert_eq!(formats("  supportedFormats: [a] # c\n", &[]), "  supportedFormats: [] # c\n");
    assert_eq!(
        formats("  supportedFormats:\n  # c\n  - json # kept\n  - avro\n  sink: true\n", &["json", "x"]),
        "  supportedFormats:\n  # c\n  - json # kept\n  - x\n  sink: true\n"
    );
    assert_eq!(formats("  supportedFormats:\n    - a", &["a", "b"]), "  supportedFormats:\n    - a\n    - b");
    assert_eq!(formats("  supportedFormats:\n    - a\n    - b\n", &[]), "  supportedFormats: []\n");
}

#[test]
fn what_cannot_be_changed_where_it_stands_is_left_alone_with_the_reason() {
    let formats = |spec: &str| after(spec, "supportedFormats", set(&["b"])).unwrap_err();
    assert_eq!(formats("  supportedFormats:\n    - a # why\n    - b\n"), Reason::Comment);
    assert_eq!(formats("  supportedFormats: [ # why\n    a]\n"), Reason::Comment);
    assert_eq!(formats("  supportedFormats: [\"${values.a}\"]\n"), Reason::Elsewhere);
    assert_eq!(formats(""), Reason::Elsewhere);
    let text =
        |spec: &str, value: &str| after(spec, "description", FieldValue::Text(value.into())).unwrap_err();
    assert_eq!(text("  description: |\n    a # no comment\n", "b"), Reason::BlockText);
    assert_eq!(text("  description: a\n", "b\u{2028}"), Reason::Unproven);
    assert_eq!(after("  sink: true\n", "sink", set(&["a"])).unwrap_err(), Reason::Form);
}
