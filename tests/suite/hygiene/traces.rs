//! Nothing of the machine on which a file was written, and nothing unfinished, is in a tracked file.

use super::{none, root, tracked};

/// Built from parts, so that this file is not a finding.
fn forbidden() -> Vec<String> {
    [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/Us", "ers/"],
        ["/wo", "rk/"],
        ["/tmp", "/wt"],
        ["to", "do!("],
        ["unimple", "mented!("],
        ["db", "g!("],
        ["FIX", "ME"],
        ["TO", "DO"],
        ["pypi.", "org"],
        ["pythonhosted", ".org"],
        ["npmjs", ".org"],
        ["crates", ".io/"],
        ["proxy.golang", ".org"],
        ["deb.debian", ".org"],
    ]
    .iter()
    .map(|parts| parts.concat())
    .collect()
}

/// Lines of a text that hold one of the words.
fn findings(file: &str, text: &str, words: &[String]) -> Vec<String> {
    let found = |line: &str| words.iter().find(|word| line.contains(word.as_str())).cloned();
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| Some(format!("{file}:{}: holds `{}`", index + 1, found(line)?)))
        .collect()
}

#[test]
fn no_tracked_file_names_this_machine_a_registry_or_unfinished_work() {
    let words = forbidden();
    let mut all = Vec::new();
    // The lock file names its registry by design.
    for file in tracked("", "").into_iter().filter(|file| file != "Cargo.lock") {
        let bytes = std::fs::read(root().join(&file)).unwrap();
        all.extend(findings(&file, &String::from_utf8_lossy(&bytes), &words));
    }
    none(&all);
}

#[test]
fn a_trace_is_found_with_its_line() {
    let words = forbidden();
    let text = format!("fine\nlet x = {}x);\n", ["db", "g!("].concat());
    assert_eq!(findings("a.rs", &text, &words), [format!("a.rs:2: holds `{}`", ["db", "g!("].concat())]);
}

/// A test that is left out needs a reason that says who runs it instead.
#[test]
fn no_test_is_left_out_without_somebody_who_runs_it() {
    let ignored = ["#[", "ignore"].concat();
    let mut all = Vec::new();
    for file in ["src/", "tests/"].into_iter().flat_map(|folder| tracked(folder, ".rs")) {
        let text = super::read(&file);
        let silent = text.lines().filter(|line| line.contains(&ignored) && !line.contains("run by"));
        all.extend(silent.map(|line| format!("{file}: {}", line.trim())));
    }
    none(&all);
}
