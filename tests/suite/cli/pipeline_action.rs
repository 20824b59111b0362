//! The composite action for GitHub: its scripts, run by the shell that runs them there, with the real binary and a `gh` that
//! only writes down what it is asked for.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use reconcile::platform::{checksum, fs};
use serde_yaml::Value;

use crate::support::emulator::Emulator;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::connector;

/// Answers with one comment on a pull request, of the given mark, and notes every call.
const GH: &str = "#!/bin/bash\necho \"$*\" >> \"$GH_LOG\"\nif [[ \"$*\" == *--paginate* ]]; then\n  echo '7 hello'\n  echo \"$GH_COMMENT\"\nfi\n";

/// Makes a file of the working folder a program.
fn executable(env: &TestEnv, name: &str) {
    std::fs::set_permissions(env.work().join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A job on a runner.
struct Job {
    env: TestEnv,
    steps: Vec<Value>,
}

impl Job {
    fn of(emulator: &Emulator) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/github/action.yml");
        let action: Value = serde_yaml::from_slice(&fs::read(&file, 1 << 20).unwrap()).unwrap();
        let steps = action["runs"]["steps"].as_sequence().unwrap().clone();
        let env = TestEnv::of(emulator);
        let place = |name: &str| env.work().join(name).display().to_string();
        env.write("gh", GH);
        executable(&env, "gh");
        env.write("log", "");
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_reconcile")).parent().unwrap().to_owned();
        let path = format!("{}:{}:/usr/bin:/bin", env.work().display(), binary.display());
        let files: Vec<(&str, String)> = vec![
            ("PATH", path),
            ("RUNNER_TEMP", place("temp")),
            ("GITHUB_OUTPUT", place("output")),
            ("GITHUB_PATH", place("path")),
            ("GITHUB_STEP_SUMMARY", place("summary")),
            ("GH_LOG", place("log")),
        ];
        let env = files.into_iter().fold(env, |env, (name, value)| env.with(name, &value));
        let env = env.with("GITHUB_ACTIONS", "true").with("GITHUB_REPOSITORY", "o/r");
        fs::create_folder(&env.work().join("temp")).unwrap();
        Self { env, steps }
    }

    /// Runs the script of a step, with these values in place of its expressions.
    fn step(&self, name: &str, values: &[(&str, &str)]) -> Outcome {
        let step = self.steps.iter().find(|step| step["name"] == name).unwrap();
        let given: BTreeMap<&str, &str> = values.iter().copied().collect();
        let wanted: Vec<&str> = step["env"].as_mapping().unwrap().keys().filter_map(Value::as_str).collect();
        assert!(given.keys().all(|name| wanted.contains(name)), "{name} takes {wanted:?}");
        let mut command = self.env.command("");
        let variables: Vec<_> =
            command.get_envs().map(|(n, v)| (n.to_owned(), v.unwrap().to_owned())).collect();
        command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()])
            .env_clear()
            .envs(variables)
            .envs(given)
            .current_dir(self.env.work());
        Outcome::of(name, command.output().unwrap())
    }

    /// Runs the command of the action.
    fn run(&self, command: &str, artifact: &str) -> Outcome {
        let values = [
            ("COMMAND", command),
            ("PLAN_ARTIFACT", artifact),
            ("FAIL_ON", "never"),
            ("COMMENT_ON_SUMMARY", "true"),
        ];
        self.step("Run reconcile", &values)
    }
}

#[test]
fn the_action_plans_keeps_the_plan_and_carries_it_out() {
    let emulator = Emulator::open("");
    let job = Job::of(&emulator);
    job.env.manifest("a.yaml", &[connector("a")]);
    job.run("validate", "").exits(0).shows("Valid: 1 object");
    job.run("rebuild", "").exits(0).shows("Rebuilt 0 objects");
    assert!(job.env.has("state/test/snapshot.json"), "the recipes look for it");
    job.run("plan", "kept").exits(0).shows("+ FlinkConnector/a");
    let outputs = job.env.read("output");
    assert!(outputs.contains("\ncode=2\nsummary_file=") && outputs.contains("\nplan_digest<<"), "{outputs}");
    let summary = job.env.read("summary");
    assert!(summary.contains("### reconcile plan: 1 change\n"), "{summary}");
    assert_eq!(summary.matches("### reconcile plan").count(), 1, "it is said once: {summary}");
    job.run("apply", "kept").exits(0).shows("1 added");
    job.run("drift", "").exits(0).shows("No drift");
    assert!(job.env.read("output").ends_with("reconcile-summary.md\n"));
    job.run("destroy", "").exits(64).shows("::error title=reconcile::command takes");
}

#[test]
fn the_action_keeps_one_comment_up_to_date() {
    let emulator = Emulator::open("");
    let job = Job::of(&emulator);
    job.env.manifest("a.yaml", &[connector("a")]);
    job.run("plan", "").exits(0);
    let summary = job.env.work().join("temp/reconcile-summary.md").display().to_string();
    let comment = |job: &Job| {
        let values = [("PULL_REQUEST", "5"), ("GH_TOKEN", "t"), ("SUMMARY", summary.as_str())];
        job.step("Comment on the pull request", &values).exits(0);
        let log = job.env.read("log");
        log.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        comment(&job),
        format!("api --silent --method POST repos/o/r/issues/5/comments -F body=@{summary}")
    );
    let job = Job { env: job.env.with("GH_COMMENT", "42 <!-- reconcile:test -->"), steps: job.steps };
    assert_eq!(
        comment(&job),
        format!("api --silent --method PATCH repos/o/r/issues/comments/42 -F body=@{summary}")
    );
}

#[test]
fn the_action_fails_on_what_it_is_told_to_and_on_every_error() {
    let emulator = Emulator::open("");
    let job = Job::of(&emulator);
    for (code, fail_on, ends) in [
        ("0", "changes", 0),
        ("2", "never", 0),
        ("2", "drift", 0),
        ("2", "changes", 2),
        ("7", "never", 0),
        ("7", "drift", 7),
        ("7", "changes", 7),
        ("6", "never", 6),
        ("65", "never", 65),
    ] {
        let said = job.step("Judge", &[("CODE", code), ("FAIL_ON", fail_on)]);
        assert_eq!(said.code, Some(ends), "{code} {fail_on}");
    }
}

#[test]
fn the_action_takes_no_download_without_its_checksum() {
    let emulator = Emulator::open("");
    let job = Job::of(&emulator);
    job.step("Download reconcile", &[("URL", "https://127.0.0.1:9/reconcile"), ("SHA256", "")])
        .exits(1)
        .shows("archive-url needs archive-sha256");
    // A `curl` that brings an archive as a release has it.
    let pack = "mkdir -p pack/reconcile-1; echo program > pack/reconcile-1/reconcile; chmod +x pack/reconcile-1/reconcile\n\
                tar -C pack -czf archive reconcile-1";
    let packed = Command::new("bash").args(["-c", pack]).current_dir(job.env.work()).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
    job.env.write("curl", "#!/bin/bash\nwhile [ \"$1\" != --output ]; do shift; done\ncp archive \"$2\"\n");
    executable(&job.env, "curl");
    let wrong = "0".repeat(64);
    job.step("Download reconcile", &[("URL", "https://127.0.0.1:9/r"), ("SHA256", &wrong)]).exits(1);
    assert!(!job.env.has("path") && !job.env.has("temp/reconcile-bin/reconcile"));
    let archive = fs::read(&job.env.work().join("archive"), 1 << 20).unwrap();
    let right = checksum::sha256_hex(&[archive.as_slice()]);
    job.step("Download reconcile", &[("URL", "https://127.0.0.1:9/r"), ("SHA256", &right)]).exits(0);
    assert_eq!(job.env.read("temp/reconcile-bin/reconcile"), "program\n");
    assert!(job.env.read("path").ends_with("/reconcile-bin\n"));
}
