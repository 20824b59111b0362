//! Fields: what is unknown, missing, malformed, and what the remedy is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{VALID, load_text, only, place, places, valid_with};
use crate::domain::address::Kind;
use crate::domain::desired::OnRemove;
use crate::domain::field::FieldValue;
use crate::domain::rules::rules;
use crate::manifest::codes;

#[test]
fn every_unknown_field_of_a_document_is_reported_with_the_one_that_was_meant() {
    let text =
        format!("{}lifecyle: {{}}\n", valid_with("  jar_url: x\n  connector-type: y\n  parallelism: 2\n"));
    let found = load_text(&text).unwrap_err();
    let told: Vec<_> =
        found.iter().map(|found| format!("{} {}", place(found), found.help.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            "RC0107 11:3 did you mean `jarUrl`?",
            "RC0107 12:3 did you mean `connectorType`?",
            "RC0107 13:3 known here: `workspaceId`, `namespaceName`, `connectorName`, `connectorType`, `jarUrl`, \
             `jarVersion`, `description`, `source`, `sink`, `lookup`, `supportedFormats`, `dependencies`",
            "RC0107 14:1 did you mean `lifecycle`?",
        ]
    );
    assert_eq!(found[0].labels[0].text, "not a field of FlinkConnector.spec");
    assert_eq!(found[0].labels[0].span.length, 7);
}

#[test]
fn the_reader_knows_exactly_the_fields_of_the_rule_table() {
    let found = only(&valid_with("  parallelism: 2\n"));
    let help = found.help.unwrap();
    let read: BTreeSet<&str> = help.split('`').skip(1).step_by(2).collect();
    let ruled: BTreeSet<&str> = rules(Kind::FlinkConnector).iter().map(|rule| rule.name).collect();
    assert_eq!(read, ruled);
    for rule in rules(Kind::FlinkConnector) {
        let without: String = VALID.split_inclusive('\n').filter(|line| !line.contains(rule.name)).collect();
        let missing = places(&without) == ["RC0108 5:1"];
        assert_eq!(missing, rule.required, "{}", rule.name);
    }
}

#[test]
fn missing_fields_are_reported_together() {
    assert_eq!(
        places("kind: FlinkConnector\nspec: {}\n"),
        ["RC0108 1:1", "RC0108 1:1", "RC0108 2:1", "RC0108 2:1", "RC0108 2:1", "RC0108 2:1", "RC0108 2:1"]
    );
}

#[test]
fn a_spec_before_its_kind_is_refused_and_other_orders_are_free() {
    let (head, spec) = VALID.split_once("spec:").unwrap();
    let diagnostic = only(&format!("spec:{spec}{head}"));
    assert_eq!(
        (diagnostic.code, diagnostic.help.as_deref()),
        (codes::SPEC_BEFORE_KIND, Some("move `kind` above `spec`"))
    );
    let shuffled =
        format!("kind: FlinkConnector\nspec:{spec}metadata: {{name: orders}}\napiVersion: reconcile/v1\n");
    assert!(load_text(&shuffled).is_ok());
}

#[test]
fn an_unknown_kind_or_version_names_the_known_one() {
    for written in ["flink_connector", "FlinkConector", "flinkconnector"] {
        let diagnostic = only(&VALID.replace("FlinkConnector", written));
        assert_eq!(place(&diagnostic), "RC0114 2:7");
        assert_eq!(diagnostic.help.as_deref(), Some("did you mean `FlinkConnector`?"), "{written}");
    }
    let diagnostic = only(&VALID.replace("kind: FlinkConnector", "kind: Deployment"));
    assert_eq!(diagnostic.help.as_deref(), Some("known here: `FlinkConnector`, `Store`, `SinkVerification`"));
    let diagnostic = only(&VALID.replace("reconcile/v1", "v1"));
    assert_eq!(
        (place(&diagnostic).as_str(), diagnostic.help.as_deref()),
        ("RC0113 1:13", Some("write `apiVersion: reconcile/v1`"))
    );
}

#[test]
fn names_and_key_parts_are_checked_where_they_stand() {
    assert_eq!(places(&VALID.replace("  name: orders", "  name: -orders")), ["RC0116 4:9"]);
    for (field, bad) in
        [("workspaceId", ".."), ("workspaceId", "团队"), ("namespaceName", "."), ("connectorName", "..")]
    {
        let text: String =
            VALID
                .lines()
                .map(|line| {
                    if line.contains(field) { format!("  {field}: \"{bad}\"\n") } else { format!("{line}\n") }
                })
                .collect();
        let found = load_text(&text).unwrap_err();
        assert_eq!(found[0].code, codes::BAD_KEY, "{field}: {bad}");
        assert!(found[0].message.contains(field), "{}", found[0].message);
    }
}

#[test]
fn a_text_that_goes_into_a_request_has_no_line_break() {
    let block = VALID.replace("jarUrl: oss://bucket/orders.jar", "jarUrl: |\n    oss://bucket/orders.jar");
    assert_eq!(only(&block).code, codes::CONTROL_CHARACTER);
    let loaded = load_text(&valid_with("  description: |\n    two\n    lines\n")).unwrap();
    let shown = loaded.desired.declared().values().next().unwrap().spec.fields()["description"].to_string();
    assert_eq!(shown, "\"two\\nlines\\n\"");
}

#[test]
fn sets_ignore_order_and_fold_repetition_with_a_warning() {
    let one = load_text(&valid_with("  supportedFormats: [json, csv, json]\n")).unwrap();
    let other = load_text(&valid_with("  supportedFormats: [csv, json]\n")).unwrap();
    let spec = |loaded: &super::Loaded| loaded.desired.declared().values().next().unwrap().spec.clone();
    assert_eq!(spec(&one), spec(&other));
    assert_eq!(one.warnings.iter().map(place).collect::<Vec<_>>(), ["RC0121 11:33"]);
    assert!(other.warnings.is_empty());
    for (bad, code) in [
        ("json", codes::WRONG_TYPE),
        ("{a: b}", codes::WRONG_TYPE),
        ("[1]", codes::UNQUOTED),
        ("[~]", codes::NO_VALUE),
        ("[\"\"]", codes::NO_VALUE),
        ("[[a]]", codes::WRONG_TYPE),
    ] {
        assert_eq!(only(&valid_with(&format!("  dependencies: {bad}\n"))).code, code, "{bad}");
    }
}

#[test]
fn an_empty_set_is_declared_and_a_missing_one_is_not() {
    let declared = |text: &str| {
        load_text(text)
            .unwrap()
            .desired
            .declared()
            .values()
            .next()
            .unwrap()
            .spec
            .fields()
            .remove("dependencies")
    };
    assert_eq!(declared(&valid_with("  dependencies: []\n")), Some(FieldValue::Set(BTreeSet::new())));
    assert_eq!(declared(VALID), None);
}

#[test]
fn the_lifecycle_is_read_whole() {
    let text = valid_with(
        "lifecycle:\n  protect: true\n  onRemove: retain\n  adopt: true\n  allowGap: true\n  \
         ignoreFields: [/spec/lookup, /spec/jarUrl]\n  timeouts: {create: 1h30m, delete: 30s}\n",
    );
    let loaded = load_text(&text).unwrap();
    let lifecycle = &loaded.desired.declared().values().next().unwrap().lifecycle;
    assert!(lifecycle.protect && lifecycle.adopt && lifecycle.allow_gap && lifecycle.ignores("lookup"));
    assert_eq!(lifecycle.on_remove, OnRemove::Retain);
    assert_eq!(lifecycle.timeouts.create, Some(Duration::from_mins(90)));
    assert_eq!((lifecycle.timeouts.update, lifecycle.timeouts.delete), (None, Some(Duration::from_secs(30))));
}

#[test]
fn only_fields_that_change_in_place_can_be_ignored() {
    for (pointer, words) in [
        ("/spec/connectorType", "forces a replacement"),
        ("/spec/workspaceId", "forces a replacement"),
        ("/spec/nothing", "is not a field"),
        ("spec/lookup", "is not a field"),
        ("/metadata/labels", "is not a field"),
    ] {
        let diagnostic = only(&valid_with(&format!("lifecycle:\n  ignoreFields: [{pointer}]\n")));
        assert_eq!(place(&diagnostic), "RC0120 12:18");
        assert!(diagnostic.message.contains(words), "{}", diagnostic.message);
    }
    let diagnostic = only(&valid_with("lifecycle:\n  ignoreFields: [spec/lookup]\n"));
    assert_eq!(diagnostic.help.as_deref(), Some("did you mean `/spec/lookup`?"));
}

#[test]
fn durations_need_units_and_more_than_zero() {
    for (written, help) in
        [("10", Some("add a unit: 10s")), ("0s", None), ("10 minutes", None), ("1.5h", None)]
    {
        let diagnostic = only(&valid_with(&format!("lifecycle:\n  timeouts: {{create: {written}}}\n")));
        assert_eq!((diagnostic.code, diagnostic.help.as_deref()), (codes::BAD_DURATION, help), "{written}");
    }
}

#[test]
fn a_word_that_is_not_allowed_names_the_allowed_ones() {
    let diagnostic = only(&valid_with("lifecycle: {onRemove: retian}\n"));
    assert_eq!(diagnostic.message, "`lifecycle.onRemove` cannot be `retian`: allowed are `delete`, `retain`");
    assert_eq!(diagnostic.help.as_deref(), Some("did you mean `retain`?"));
}

#[test]
fn labels_and_annotations_are_texts() {
    let text = VALID.replace(
        "  name: orders\n",
        "  name: orders\n  labels: {team: data, tier: \"1\"}\n  annotations: {a: \"\"}\n",
    );
    let loaded = load_text(&text).unwrap();
    let desired = loaded.desired.declared().values().next().unwrap();
    assert_eq!(desired.labels.get("tier").map(String::as_str), Some("1"));
    assert_eq!(desired.annotations.len(), 1);
    assert_eq!(places(&text.replace("\"1\"", "1")), ["RC0110 5:30"]);
}

#[test]
fn a_diagnostic_never_shows_the_password_of_a_url() {
    for text in [
        valid_with("  jarUri: https://user:hunter2@host/x.jar\n"),
        valid_with("  lookup: https://user:hunter2@host/x.jar\n"),
        valid_with("  jarVersion: [https://user:hunter2@host/x.jar]\n"),
    ] {
        assert!(!format!("{:?}", only(&text)).contains("hunter2"), "{text}");
    }
}

#[test]
fn errors_are_told_in_the_order_of_the_text() {
    let text = format!("extra: 1\n{}", valid_with("  jarVersion: 1\n"));
    assert_eq!(places(&text), ["RC0107 1:1", "RC0110 12:15"]);
}
