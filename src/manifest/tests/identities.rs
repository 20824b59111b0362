//! What only the whole load can show.

use super::{VALID, load_text, load_texts, manifest, only, places};
use crate::manifest::codes;

#[test]
fn each_identity_may_be_claimed_once_and_both_places_are_shown() {
    let other = |change: &dyn Fn(String) -> String| format!("{VALID}---\n{}", change(manifest("other")));
    for (text, code, line) in [
        (other(&|text| text.replace("  name: other", "  name: orders")), codes::DUPLICATE_ADDRESS, 15),
        (
            other(&|text| text.replace("connectorName: other", "connectorName: orders")),
            codes::DUPLICATE_NATURAL_KEY,
            19,
        ),
        (
            other(&|text| text.replace("other-type", "orders-type").replace("default", "elsewhere")),
            codes::DUPLICATE_CONNECTOR_TYPE,
            20,
        ),
    ] {
        let diagnostic = only(&text);
        let lines: Vec<u32> = diagnostic.labels.iter().map(|label| label.span.line).collect();
        assert_eq!((diagnostic.code, lines), (code, vec![line, line - 11]));
        assert_eq!(diagnostic.labels[1].text, "first declared here");
    }
}

#[test]
fn the_same_type_in_two_workspaces_is_two_types() {
    let text = format!(
        "{VALID}---\n{}",
        manifest("other").replace("other-type", "orders-type").replace("ws-1", "ws-2")
    );
    assert_eq!(load_text(&text).unwrap().desired.declared().len(), 2);
}

#[test]
fn a_copied_manifest_is_one_error_with_both_files() {
    let found = load_texts(&[("a.yaml", VALID), ("b.yaml", VALID)]).unwrap_err();
    assert_eq!(found.len(), 1);
    let files: Vec<&str> = found[0].labels.iter().map(|label| label.span.file.as_str()).collect();
    assert_eq!((found[0].code, files), (codes::DUPLICATE_ADDRESS, vec!["b.yaml", "a.yaml"]));
}

#[test]
fn a_dependency_may_stand_in_another_file_or_further_down() {
    let first = format!("{VALID}dependsOn: [FlinkConnector/other]\n");
    assert!(load_texts(&[("a.yaml", &first), ("b.yaml", &manifest("other"))]).is_ok());
    assert_eq!(places(&first), ["RC0126 11:13"]);
}

#[test]
fn dependencies_are_addresses_of_other_objects() {
    for (target, wanted) in [
        ("orders", "RC0116 11:13"),
        ("Connector/orders", "RC0116 11:13"),
        ("FlinkConnector/a b", "RC0116 11:13"),
        ("FlinkConnector/orders", "RC0127 11:13"),
    ] {
        assert_eq!(places(&format!("{VALID}dependsOn: [{target}]\n")), [wanted], "{target}");
    }
}

#[test]
fn a_misspelt_kind_of_a_target_finds_the_one_that_was_meant() {
    let diagnostic = only(&format!("{VALID}dependsOn: [FlinkConector/other]\n"));
    assert_eq!(diagnostic.help.as_deref(), Some("did you mean `FlinkConnector`?"));
}

#[test]
fn a_target_in_a_broken_document_is_not_called_unknown() {
    let broken = manifest("other").replace("  jarUrl: oss://bucket/other.jar\n", "");
    let text = format!("{VALID}dependsOn: [FlinkConnector/other]\n---\n{broken}");
    assert_eq!(places(&text), ["RC0108 17:1"]);
}
