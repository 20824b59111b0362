//! The house itself: arrows, sizes, names, examples, documents. These tests read the repository as text.
#![expect(clippy::disallowed_methods, reason = "the repository is read as it lies on the disk")]

mod additivity;
mod architecture;
mod conditions;
mod defects;
mod documents;
mod examples;
mod flags;
mod generated;
mod pipelines;
mod properties;
mod readme;
mod schema;
mod sizes;
mod traces;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tracked files below a folder (`""` for all) whose names end so, relative to the root.
fn tracked(folder: &str, ending: &str) -> Vec<String> {
    let output =
        Command::new("git").args(["ls-files", "-z", "--cached"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let files: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .split('\0')
        .filter(|file| file.starts_with(folder) && file.ends_with(ending) && root().join(file).is_file())
        .map(str::to_owned)
        .collect();
    assert!(!files.is_empty(), "nothing is tracked below {folder:?} that ends with {ending:?}");
    files
}

/// A file of the repository.
fn read(file: &str) -> String {
    let path: PathBuf = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every finding on its own line.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The binary in a clean environment: no variable of the caller changes what it says.
fn reconcile(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
    command.env_clear().args(args);
    command
}
