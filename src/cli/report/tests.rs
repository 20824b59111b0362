//! Every report of the same run as a golden file, and what must hold whatever the run was.

use serde_json::Value;

use super::facts::{Facts, Failed, Planned, Ran, Stand};
use super::github::{annotation, output};
use super::locate::Repository;
use super::reports::render;
use super::wanted::Format;
use crate::cli::exit::Exit;
use crate::cli::render::plan::Changed;
use crate::domain::desired::Origin;
use crate::domain::diagnostic::{Code, Diagnostic, Label, Severity, Span};
use crate::domain::plan::Counts;

const FILE: &str = "manifests/a b,1.yaml";

fn diagnostic(code: u16, severity: Severity, line: Option<u32>, message: &str) -> Diagnostic {
    let label = |line: u32| Label {
        span: Span { file: FILE.to_owned(), line, column: 3, length: 6 },
        source: Some("  the line itself".to_owned()),
        text: "here".to_owned(),
    };
    Diagnostic {
        code: Code(code),
        severity,
        message: message.to_owned(),
        labels: line.into_iter().flat_map(|line| [label(line), label(line + 10)]).collect(),
        help: Some("did you mean `jarUrl`?\nor not".to_owned()),
    }
}

fn facts(command: &str) -> Facts {
    let mut facts = Facts::new(command, Repository::default());
    facts.profile("prod--eu>");
    facts.files(vec![FILE.to_owned(), "manifests/fine.yaml".to_owned()]);
    facts
}

/// Manifests in which three things are wrong, the same one twice, and one has no place.
fn invalid(command: &str) -> Facts {
    let mut facts = facts(command);
    facts.diagnosed(&[
        diagnostic(107, Severity::Error, Some(14), "unknown field `jar<Uri`"),
        diagnostic(107, Severity::Error, Some(24), "unknown field `jar<Uri`"),
        diagnostic(101, Severity::Error, None, "cannot read ]]>\u{1b}.yaml:\r\n100% gone"),
        diagnostic(116, Severity::Warning, Some(3), "worth knowing"),
    ]);
    facts.failure = Some(Failed {
        message: "3 errors. Nothing was sent and nothing was changed.".to_owned(),
        causes: Vec::new(),
        hint: None,
        exit: Exit::Manifest,
        is_diagnosed: true,
    });
    facts
}

fn origin(line: u32) -> Origin {
    Origin { file: FILE.to_owned(), line, column: 1 }
}

fn change(name: &str, symbol: &'static str, action: &'static str, diff: &str) -> Changed {
    Changed {
        address: format!("Store/{name}"),
        symbol,
        action,
        origin: Some(origin(7)),
        blocked: None,
        moved: false,
        diff: diff.to_owned(),
    }
}

fn planned(command: &str) -> Facts {
    let mut facts = facts(command);
    let blocked = Changed {
        blocked: Some("exists and is not managed".to_owned()),
        ..change("stranger", "!", "blocked", "! exists and is not managed\n")
    };
    let moved = Changed {
        moved: true,
        ..change("orders", "~", "update", "- uris : [a]\n+ uris : [```b]  drifted: live moved\n")
    };
    facts.plan = Some(Planned {
        counts: Counts {
            add: 1,
            change: 1,
            replace: 2,
            destroy: 1,
            blocked: 1,
            unchanged: 4,
            ..Counts::default()
        },
        strays: 1,
        refusals: vec!["2 deletes, but only 1 are allowed".to_owned()],
        changes: vec![blocked, change("gone", "-", "delete", "- at : gone\n"), moved],
    });
    facts
}

fn drifted() -> Facts {
    let mut facts = facts("drift");
    let stand = |name: &str, state, moved, unknown: Option<&str>, diff: &str| Stand {
        kind: "Store",
        address: format!("Store/{name}"),
        origin: Some(origin(9)),
        state,
        moved,
        unknown: unknown.map(str::to_owned),
        diff: diff.to_owned(),
    };
    facts.standings = Some(vec![
        stand("gone", "absent", true, None, "- at : gone\n"),
        stand("hidden", "unverifiable", false, Some("role <a> does not list it"), ""),
        stand("moved", "present", true, None, "- uris : [\"a\"]\n+ uris : [\"b\"]  drifted\n"),
        stand("same", "present", false, None, ""),
    ]);
    facts
}

fn applied() -> Facts {
    let mut facts = planned("apply");
    facts.run = Some(Ran {
        line: "Apply incomplete: 1 added, 0 changed, 1 failed, 1 skipped. State saved (serial 3).".to_owned(),
        undone: vec!["Store/orders: failed: 42P05 ```\nno".to_owned(), "Store/gone: skipped".to_owned()],
    });
    facts
}

#[test]
fn the_summary_of_each_command_stays_as_it_is() {
    insta::assert_snapshot!(
        "summary_of_validate",
        render(Format::GitHub, &invalid("validate"), Exit::Manifest)
    );
    insta::assert_snapshot!("summary_of_plan", render(Format::GitHub, &planned("plan"), Exit::Success));
    insta::assert_snapshot!("summary_of_apply", render(Format::GitHub, &applied(), Exit::Partial));
    insta::assert_snapshot!("summary_of_drift", render(Format::GitHub, &drifted(), Exit::Drift));
}

#[test]
fn the_annotations_and_outputs_stay_as_they_are() {
    for (name, facts) in [
        ("validate", invalid("validate")),
        ("plan", planned("plan")),
        ("apply", applied()),
        ("drift", drifted()),
    ] {
        insta::assert_snapshot!(format!("annotations_of_{name}"), annotation::lines(&facts).join("\n"));
    }
    let mut facts = planned("plan");
    facts.plan_digest = Some("00ff".to_owned());
    insta::assert_snapshot!("outputs", output::lines(&facts, Exit::Success, "one\ntwo\n", "END"));
}

#[test]
fn the_reports_for_gitlab_and_for_code_scanning_stay_as_they_are() {
    insta::assert_snapshot!("sarif", render(Format::Sarif, &invalid("validate"), Exit::Manifest));
    insta::assert_snapshot!(
        "code_quality",
        render(Format::CodeQuality, &invalid("validate"), Exit::Manifest)
    );
    insta::assert_snapshot!(
        "gitlab_terraform",
        render(Format::GitlabTerraform, &planned("plan"), Exit::Success)
    );
    assert_eq!(render(Format::GitlabTerraform, &invalid("plan"), Exit::Manifest), "{}\n");
    assert_eq!(render(Format::CodeQuality, &facts("validate"), Exit::Success), "[]\n");
}

#[test]
fn the_test_cases_stay_as_they_are_and_are_xml() {
    let mut early = facts("drift");
    early.failure = Some(Failed {
        message: "the endpoint cannot be reached".to_owned(),
        causes: vec!["connection <refused>".to_owned()],
        hint: Some("is it \"up\"?".to_owned()),
        exit: Exit::Unavailable,
        is_diagnosed: false,
    });
    for (name, facts) in [("validate", invalid("validate")), ("drift", drifted()), ("failed_drift", early)] {
        let text = render(Format::Junit, &facts, Exit::Success);
        let document = roxmltree::Document::parse(&text).unwrap();
        let suites = document.root_element();
        let count =
            |tag: &str| suites.descendants().filter(|node| node.has_tag_name(tag)).count().to_string();
        for (attribute, tag) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(suites.attribute(attribute), Some(count(tag).as_str()), "{text}");
        }
        insta::assert_snapshot!(format!("junit_of_{name}"), text);
    }
}

#[test]
fn every_result_of_sarif_has_a_region_and_a_fingerprint_of_its_own() {
    let document: Value =
        serde_json::from_str(&render(Format::Sarif, &invalid("plan"), Exit::Manifest)).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let at = |name: &str| region[name].as_u64().unwrap_or_else(|| panic!("no {name}: {result:#}"));
        assert!(
            at("startLine") >= 1 && at("startColumn") >= 1 && at("endColumn") > at("startColumn"),
            "{result:#}"
        );
        let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result:#}");
        assert!(prints.insert(result["partialFingerprints"].to_string()), "{result:#}");
    }
}

#[test]
fn a_line_that_is_added_above_changes_no_fingerprint() {
    let prints = |line: u32| {
        let mut facts = facts("validate");
        facts.diagnosed(&[diagnostic(107, Severity::Error, Some(line), "unknown field `x`")]);
        facts.fingerprints()
    };
    assert_eq!(prints(3), prints(4));
}

#[test]
fn no_more_than_ten_annotations_of_each_level_are_told_and_each_is_one_line() {
    let mut facts = planned("plan");
    for line in 1..30 {
        let text = "first\r\nsecond";
        facts.diagnosed(&[
            diagnostic(116, Severity::Warning, Some(line), text),
            diagnostic(107, Severity::Error, Some(line), text),
        ]);
    }
    let lines = annotation::lines(&facts);
    let of = |level: &str| lines.iter().filter(|line| line.starts_with(level)).count();
    assert_eq!((of("::error "), of("::warning "), lines.len()), (10, 10, 20));
    assert!(lines.iter().all(|line| !line.contains(['\n', '\r'])), "{lines:#?}");
    // What moved stands before what is merely worth knowing.
    assert!(lines[10].contains("Store/orders drifted"), "{lines:#?}");
}

#[test]
fn a_summary_of_many_objects_keeps_its_head_and_its_limit() {
    let mut facts = planned("plan");
    let body = "+ name : \"value\"\n".repeat(20);
    if let Some(plan) = &mut facts.plan {
        plan.changes = (0..5_000).map(|n| change(&format!("s{n}"), "+", "create", &body)).collect();
    }
    let text = render(Format::GitHub, &facts, Exit::Success);
    assert!(text.chars().count() <= 65_000, "{}", text.chars().count());
    assert!(text.starts_with("<!-- reconcile:prod-_eu- -->\n### reconcile plan:"), "{}", &text[..80]);
    assert!(text.contains("2 deletes, but only 1 are allowed"));
    assert!(text.contains("Store/s0<") && !text.contains("Store/s4999<"));
    assert!(text.ends_with("more that do not fit here.\n"), "{}", &text[text.len() - 80..]);
}
