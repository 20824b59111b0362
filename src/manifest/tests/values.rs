//! `${values.NAME}`: what is put in, where, and what is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::profiles::load_project;
use super::{VALID, place};
use crate::domain::address::Address;
use crate::domain::desired::{Desired, Spec};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::field::FieldValue;
use crate::manifest::load::{Loaded, load_sources};
use crate::manifest::report::Findings;
use crate::manifest::values::{AssignmentError, Scalar, Values};
use crate::manifest::{codes, find};

fn values(assignments: &[&str]) -> Values {
    let mut values = Values::new(BTreeMap::new(), "`profiles.test.values` in reconcile.yaml".to_owned());
    for assignment in assignments {
        values.set(assignment).unwrap();
    }
    values
}

fn load(text: &str, assignments: &[&str]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let source = find::text("m.yaml".into(), text.into(), &mut findings).unwrap();
    load_sources(&[source], &values(assignments), 1, findings)
}

fn connector(loaded: &Loaded) -> &Desired {
    loaded.desired.declared().values().next().unwrap()
}

fn jar_url(loaded: &Loaded) -> String {
    match &connector(loaded).spec {
        Spec::FlinkConnector(spec) => match spec.fields().remove("jarUrl") {
            Some(FieldValue::Text(text)) => text,
            other => unreachable!("{other:?}"),
        },
        Spec::Store(_) => unreachable!(),
    }
}

/// The valid manifest with this JAR.
fn with_jar(jar: &str) -> String {
    VALID.replace("oss://bucket/orders.jar", jar)
}

fn refused(text: &str, assignments: &[&str]) -> Vec<String> {
    load(text, assignments).unwrap_err().iter().map(place).collect()
}

#[test]
fn a_value_is_put_in_alone_inside_text_and_twice() {
    for (written, meant) in [
        ("${values.jar}", "oss://b/x.jar"),
        ("oss://${values.bucket}/${values.bucket}/x.jar", "oss://b/b/x.jar"),
        ("\"oss://${values.bucket}\"", "oss://b"),
        ("'oss://${values.bucket}/v${values.version}-${values.beta}.jar'", "oss://b/v17-true.jar"),
        ("$${values.bucket}", "${values.bucket}"),
        ("a$${b-${values.bucket}", "a${b-b"),
        ("$bucket", "$bucket"),
        ("${values.nested}", "${values.bucket}"),
    ] {
        let loaded = load(
            &with_jar(written),
            &["jar=oss://b/x.jar", "bucket=b", "version=17", "beta=true", "nested=${values.bucket}"],
        );
        assert_eq!(jar_url(&loaded.unwrap()), meant, "{written}");
    }
}

#[test]
fn what_holds_a_value_is_told_apart_from_what_is_written() {
    let text = VALID
        .replace(
            "  name: orders\nspec",
            "  name: orders\n  labels: {team: '${values.team}', tier: '$${x'}\nspec",
        )
        .replace("oss://bucket/orders.jar", "${values.jar}")
        + "  supportedFormats: [json, '${values.format}']\n";
    let loaded = load(&text, &["team=sales", "jar=oss://b", "format=csv"]).unwrap();
    let address: Address = "FlinkConnector/orders".parse().unwrap();
    let fields: Vec<&str> = loaded.substituted[&address].iter().map(String::as_str).collect();
    assert_eq!(fields, ["metadata.labels.team", "spec.jarUrl", "spec.supportedFormats"]);
    let labels: Vec<&str> = connector(&loaded).labels.values().map(String::as_str).collect();
    assert_eq!(labels, ["sales", "${x"]);
    assert!(load(VALID, &[]).unwrap().substituted.is_empty());
}

#[test]
fn a_scalar_that_is_a_value_has_its_type_and_is_text_where_text_is_wanted() {
    let flag = |value: &str| {
        load(&format!("{VALID}  source: ${{values.x}}\n  jarVersion: ${{values.x}}\n"), &[value])
    };
    assert!(flag("x=true").is_ok());
    for value in ["x=yes", "x=1", "x="] {
        assert!(flag(value).is_err(), "{value}");
    }
    assert!(load(&format!("{VALID}  jarVersion: ${{values.x}}\n"), &["x=17"]).is_ok());
}

#[test]
fn a_name_that_nobody_gave_is_reported_where_it_stands() {
    let text = with_jar("oss://$${x}/${values.bucket}/${values.buckets}/中${values.other}");
    let found = load(&text, &["bucket=b"]).unwrap_err();
    assert_eq!(found.iter().map(place).collect::<Vec<_>>(), ["RC0160 10:40"], "{found:#?}");
    let help = found[0].help.as_deref().unwrap();
    assert_eq!(
        help,
        "did you mean `bucket`? Otherwise add it to `profiles.test.values` in reconcile.yaml, or pass --set buckets=VALUE"
    );
    assert_eq!(found[0].labels[0].span.length, 17);
    assert_eq!(refused(&with_jar(">-\n    oss://a/\n    ${values.none}"), &[]), ["RC0160 12:5"]);
}

#[test]
fn everything_else_that_begins_with_the_opening_is_refused_without_repeating_it() {
    for reference in [
        "${HOME}",
        "${env.HOME}",
        "${values.}",
        "${values.a b}",
        "${values.a",
        "${",
        "${values.a:-x}",
        "${VALUES.a}",
    ] {
        let found = load(&with_jar(&format!("\"oss://{reference}\"")), &["a=b"]).unwrap_err();
        assert_eq!(found.iter().map(place).collect::<Vec<_>>(), ["RC0161 10:18"], "{reference}");
        assert!(!found[0].message.contains("HOME"), "{}", found[0].message);
        assert!(found[0].help.as_deref().unwrap().contains("fromEnv"));
    }
    let key = VALID.replace("  name: orders\nspec", "  name: orders\n  labels: {'${values.a}': x}\nspec");
    assert_eq!(refused(&key, &["a=b"]), ["RC0161 5:12"]);
}

#[test]
fn an_address_a_kind_and_a_lifecycle_hold_no_values() {
    for (from, to) in [
        ("name: orders\nspec", "name: ${values.a}\nspec"),
        ("kind: FlinkConnector", "kind: ${values.a}"),
        ("apiVersion: reconcile/v1", "apiVersion: ${values.a}"),
    ] {
        assert!(load(&VALID.replace(from, to), &["a=b"]).is_err(), "{to}");
    }
    for line in ["dependsOn: ['Store/${values.a}']", "lifecycle: {protect: '${values.a}'}"] {
        assert!(load(&format!("{VALID}{line}\n"), &["a=true"]).is_err(), "{line}");
    }
}

#[test]
fn a_value_in_a_secret_is_a_secret_in_the_manifest_and_never_shown() {
    let store = "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: s}\nspec:\n  name: s\n  owner: sysadmin\n  \
                 postgres: {uris: 'postgresql://h/d', username: {fromEnv: U}, password: '${values.pw}'}\n";
    let loaded = load(store, &["pw=hunter2"]).unwrap();
    assert_eq!(loaded.warnings.iter().map(|found| found.code).collect::<Vec<_>>(), [codes::SECRET_LITERAL]);
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let found = load(&store.replace("${values.pw}", "p4ss${w0rd}"), &[]).unwrap_err();
    let told = format!("{found:?}");
    assert!(found.iter().any(|found| found.code == codes::BAD_REFERENCE), "{told}");
    assert!(!told.contains("w0rd") && !told.contains("p4ss"), "{told}");
}

#[test]
fn values_are_read_as_strictly_as_manifests() {
    let project =
        |values: &str| load_project(&format!("profiles: {{p: {{emulator: true, values: {values}}}}}\n"));
    let read = project("{bucket: prod, replicas: 3, beta: false, version: '1.10', empty: ''}").unwrap();
    let wanted = [
        ("beta", Scalar::Flag(false)),
        ("bucket", Scalar::Text("prod".into())),
        ("empty", Scalar::Text(String::new())),
        ("replicas", Scalar::Whole(3)),
        ("version", Scalar::Text("1.10".into())),
    ];
    let wanted = wanted.map(|(name, scalar)| (name.to_owned(), scalar));
    assert_eq!(read.profiles["p"].values, BTreeMap::from(wanted));
    for bad in [
        "{a: 1.10}",
        "{a: 017}",
        "{a: 0x1F}",
        "{a: -1}",
        "{a: }",
        "{a: [x]}",
        "{a: {b: c}}",
        "{1a: x}",
        "{a.b: x}",
    ] {
        let found = project(bad).unwrap_err();
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [codes::BAD_VALUE], "{bad}");
    }
    assert_eq!(project("[a]").unwrap_err()[0].code, codes::WRONG_TYPE);
}

#[test]
fn an_assignment_has_a_name_and_keeps_everything_behind_the_first_equals_sign() {
    let given = values(&["a=x=y", "b=017", "c=17", "d=true", "e=TRUE", "a=z=1"]);
    let read: Vec<(&str, Scalar)> = given.iter().map(|(name, scalar)| (name, scalar.clone())).collect();
    let text = |text: &str| Scalar::Text(text.to_owned());
    assert_eq!(
        read,
        [
            ("a", text("z=1")),
            ("b", text("017")),
            ("c", Scalar::Whole(17)),
            ("d", Scalar::Flag(true)),
            ("e", text("TRUE"))
        ]
    );
    let mut values = Values::default();
    assert_eq!(values.set("hunter2"), Err(AssignmentError::NoValue));
    assert_eq!(values.set("1=a"), Err(AssignmentError::Name("1".to_owned())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever the text is: escaped, it comes out as it was.
    #[test]
    fn an_escaped_text_comes_out_as_it_was(text in "[a-z${}.]{0,12}") {
        prop_assume!(!text.trim().is_empty() && !text.contains("$$") );
        let written = format!("'{}'", text.replace("${", "$${"));
        let loaded = load(&with_jar(&written), &[]).unwrap();
        prop_assert_eq!(jar_url(&loaded), text);
    }

    /// Whatever the value is, it arrives as it is.
    #[test]
    fn a_value_arrives_as_it_is(value in "[ -~]{1,20}") {
        prop_assume!(!value.trim().is_empty());
        let assignment = format!("x={value}");
        let loaded = load(&with_jar("'${values.x}'"), &[&assignment]).unwrap();
        prop_assert_eq!(jar_url(&loaded), value);
    }
}
