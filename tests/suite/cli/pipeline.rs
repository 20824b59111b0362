//! Pipelines: a pull request, its merge and the hourly look, each on a machine of its own that knows nothing of the others;
//! and what the forges are told on the way.

use std::path::Path;
use std::process::Command;

use reconcile::platform::checksum;
use serde_json::Value;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

/// Copies a folder to another machine.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
}

/// A step of GitHub Actions whose files are below the working folder.
fn in_github(env: TestEnv) -> TestEnv {
    let file = |name: &str| env.work().join(name).display().to_string();
    let (summary, output) = (file("step-summary.md"), file("step-output"));
    env.with("GITHUB_ACTIONS", "true").with("GITHUB_STEP_SUMMARY", &summary).with("GITHUB_OUTPUT", &output)
}

/// The value of an output, as the runner reads it.
fn output(env: &TestEnv, name: &str) -> Option<String> {
    let text = env.read("step-output");
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (key, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        if key == name {
            return Some(value.join("\n"));
        }
    }
    None
}

fn json(env: &TestEnv, file: &str) -> Value {
    serde_json::from_str(&env.read(file)).unwrap()
}

#[test]
fn a_pull_request_its_merge_and_the_look_for_drift_on_three_machines() {
    let emulator = Emulator::open("");
    let manifests = |env: &TestEnv, sink: &str| {
        env.manifest("a.yaml", &[connector("a").with("sink", sink)]);
        env.manifest(
            "k.yaml",
            &[kafka("orders")
                .with("kafka.sasl.password", serde_json::json!({"fromEnv": "PW"}))
                .with("kafka.sasl.username", serde_json::json!({"fromEnv": "PW"}))],
        );
    };
    let machine = |sink: &str| {
        let env = TestEnv::with_stores(&emulator).with("PW", "kafka-pass-1");
        manifests(&env, sink);
        env
    };
    // What was before: the default branch, applied.
    let before = machine("true");
    before.apply("").exits(0);

    // Pull request: the state is restored, a plan is made, shown and kept.
    let a = machine("false");
    copy(&before.work().join("state"), &a.work());
    a.plan("--detailed-exitcode --out plan.out --report github=pr.md --report gitlab-terraform=tf.json")
        .exits(2);
    let comment = a.read("pr.md");
    assert!(comment.starts_with("<!-- reconcile:test -->\n### reconcile plan: 1 change\n"), "{comment}");
    assert!(
        comment.contains("<code>FlinkConnector/a</code> update, manifests/a.yaml:1</summary>"),
        "{comment}"
    );
    assert!(comment.contains("```diff\n- sink : true\n+ sink : false\n"), "{comment}");
    assert_eq!(json(&a, "tf.json"), serde_json::json!({"create": 0, "update": 1, "delete": 0}));

    // Merge: another machine with the same state carries out that plan.
    let b = machine("false");
    copy(&before.work().join("state"), &b.work());
    copy(&a.work().join("plan.out"), &b.work());
    b.run("apply plan.out --report github=done.md").exits(0).shows("1 changed");
    assert!(b.read("done.md").contains("### reconcile apply: done\n"), "{}", b.read("done.md"));

    // A second merge of the same plan is refused, and the report says so.
    b.run("apply plan.out --report github=done.md").exits(6);
    let refused = b.read("done.md");
    assert!(
        refused.contains("failed (exit code 6)") && refused.contains("it was applied already"),
        "{refused}"
    );

    // Every hour: a machine that has no state makes one from manifests and live, and looks.
    let c = machine("false");
    c.run("state rebuild manifests").exits(0).shows("Rebuilt 2 objects");
    c.run("drift manifests --detailed-exitcode --report junit=drift.xml --report github=drift.md").exits(0);
    assert!(c.read("drift.xml").contains("tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"0\""));
    emulator.lose("w:n:a");
    c.run("drift manifests --detailed-exitcode --report junit=drift.xml --report github=drift.md").exits(7);
    let (cases, issue) = (c.read("drift.xml"), c.read("drift.md"));
    assert!(cases.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""), "{cases}");
    assert!(cases.contains("<failure type=\"drift\" message=\"it is absent\">"), "{cases}");
    assert!(issue.contains("### reconcile drift: 1 object drifted\n"), "{issue}");
}

#[test]
fn a_step_of_github_actions_is_told_by_annotations_a_summary_and_outputs() {
    let emulator = Emulator::open("");
    let env = in_github(TestEnv::of(&emulator));
    env.manifest("a.yaml", &[connector("a")]);
    env.write("step-summary.md", "of an earlier command\n");
    env.plan("--out plan.out").exits(0);
    assert_eq!(output(&env, "changes").as_deref(), Some("1"));
    assert_eq!(output(&env, "drift").as_deref(), Some("0"));
    assert_eq!(output(&env, "exitcode").as_deref(), Some("0"));
    let digest = checksum::sha256_hex(&[env.read("plan.out").as_bytes()]);
    assert_eq!(output(&env, "plan_digest"), Some(digest));
    let summary = env.read("step-summary.md");
    assert!(summary.starts_with("of an earlier command\n<!-- reconcile:test -->\n"), "{summary}");
    assert_eq!(output(&env, "summary").unwrap(), summary.trim_end().split_once('\n').unwrap().1);

    // What somebody else made is in the way: it is blocked, and told at its line. Stdout stays one document.
    emulator.overwrite(&connector("a"));
    let said = env.plan("-o json").exits(0);
    let place = "::error file=manifests/a.yaml,line=1,endLine=1,col=1,endColumn=1,title=FlinkConnector/a is blocked::exists";
    assert!(said.stderr().contains(place), "{said:?}");
    assert_eq!(said.json("plan")["summary"]["blocked"], 1);

    // A summary that goes elsewhere is not in the step's too; the rest is told all the same.
    let before = env.read("step-summary.md");
    env.plan("--report github=own.md").exits(0).tells("::error file=");
    assert_eq!(env.read("step-summary.md"), before);
    assert!(env.has("own.md"));

    // Nothing at all is told when that is asked for, and never by a command that has nothing to tell.
    let outputs = env.read("step-output");
    let said = env.plan("--no-ci").exits(0);
    assert!(!said.stderr().contains("::"), "{said:?}");
    env.run("list w:n").exits(0);
    assert_eq!((env.read("step-summary.md"), env.read("step-output")), (before, outputs));
    env.with("RECONCILE_NO_CI", "true").plan("").exits(0);
}

#[test]
fn drift_and_wrong_manifests_are_told_at_their_lines() {
    let emulator = Emulator::open("");
    let env = in_github(TestEnv::of(&emulator));
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    env.apply("").exits(0);
    emulator.overwrite(&connector("a").with("sink", "false"));
    env.run("drift manifests --detailed-exitcode").exits(7).tells(
        "::warning file=manifests/a.yaml,line=1,endLine=1,col=1,endColumn=1,title=FlinkConnector/a drifted::- sink : true%0A+ sink : false",
    );

    // Wherever one stands, a file is named from the root of the repository.
    env.write("manifests/a.yaml", &connector("a").with("sorce", "true").to_string());
    env.manifest("b.yaml", &[connector("b")]);
    let flags = "--report sarif=r.sarif --report codequality=cq.json --report junit=v.xml";
    env.run(&format!("validate -C manifests . {flags}")).exits(65).tells(
        "::error file=manifests/a.yaml,line=9,endLine=9,col=3,endColumn=8,title=RC0107::unknown field",
    );
    let sarif = json(&env, "manifests/r.sarif");
    let result = &sarif["runs"][0]["results"][0];
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(result["ruleId"], "RC0107", "{sarif:#}");
    assert_eq!(location["artifactLocation"]["uri"], "manifests/a.yaml", "{sarif:#}");
    assert_eq!((&location["region"]["startLine"], &location["region"]["endColumn"]), (&9.into(), &8.into()));
    let quality = json(&env, "manifests/cq.json");
    assert_eq!(quality[0]["location"]["path"], "manifests/a.yaml", "{quality:#}");
    let cases = env.read("manifests/v.xml");
    assert!(cases.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{cases}");
    assert!(cases.contains("name=\"manifests/b.yaml\" file=\"manifests/b.yaml\"/>"), "{cases}");
}

#[test]
fn what_is_no_report_of_a_command_is_refused_and_by_the_variable_left_out() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a")]);
    for (flags, why) in [
        (
            "--report gitlab-terraform=tf.json",
            "says nothing about `validate`: it is for plan, apply, destroy",
        ),
        ("--report html=x", "`html` is no format"),
        ("--report sarif", "write FORMAT=FILE"),
        ("--report sarif=x --report junit=x", "another report goes to the same file"),
        ("--report sarif=nowhere/x", "nowhere/x"),
    ] {
        env.run(&format!("validate manifests {flags}")).exits(64).tells(why);
    }
    env.run("list w:n --report sarif=x").exits(64).tells("says nothing about `list`");
    assert!(!env.has("tf.json"));
    let env = env.with("RECONCILE_REPORT", "gitlab-terraform=tf.json,junit=v.xml");
    env.run("validate manifests").exits(0);
    assert!(env.has("v.xml") && !env.has("tf.json"));
}

#[test]
fn a_run_that_ends_early_leaves_whole_reports_that_say_so() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.write("tf.json", "{\"create\": 99}");
    drop(emulator);
    env.plan("--report gitlab-terraform=tf.json --report github=s.md").exits(69);
    assert_eq!(json(&env, "tf.json"), serde_json::json!({}));
    assert!(env.read("s.md").contains("### reconcile plan: failed (exit code 69)"), "{}", env.read("s.md"));
    env.run("drift manifests --report junit=d.xml").exits(69);
    assert!(env.read("d.xml").contains("<error type=\"exit code 69\""), "{}", env.read("d.xml"));
}

#[test]
fn what_is_retained_has_not_drifted() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").lifecycle("onRemove", "retain")]);
    env.manifest("b.yaml", &[connector("b")]);
    env.apply("").exits(0);
    env.remove_manifest("a.yaml");
    env.run("drift manifests --detailed-exitcode").exits(0).hides("absent");
}
