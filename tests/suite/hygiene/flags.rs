//! Every flag and every exit code of the command line is used by a test that runs the binary.

use std::collections::BTreeSet;

use super::{none, read, reconcile, tracked};

/// The flags that `docs/cli.md` shows, which is what the binary's own help says.
fn flags(help: &str) -> BTreeSet<String> {
    let defined = |line: &str| {
        let start = line.trim_start();
        let indent = line.len() - start.len();
        (indent <= 6 && start.starts_with('-')).then(|| {
            let (_, name) = start.split_once("--")?;
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
            Some(format!("--{}", &name[..end]))
        })
    };
    help.lines().filter_map(defined).flatten().collect()
}

/// The codes of lines such as `  64  usage error`.
fn codes(table: &str) -> BTreeSet<String> {
    let rows = table.lines().filter_map(|line| line.trim_start().split_once("  "));
    rows.map(|(code, _)| code.to_owned()).filter(|code| code.parse::<u8>().is_ok()).collect()
}

/// The sources of the tests that run the binary.
fn tests() -> String {
    let files = ["tests/suite/cli", "tests/suite/process", "tests/suite/support"];
    let sources = files.iter().flat_map(|folder| tracked(folder, ".rs"));
    sources.map(|file| read(&file)).collect()
}

/// Whether a word stands in a text and does not go on behind it.
fn stands_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let next = text[at + word.len()..].chars().next();
        next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != '-')
    })
}

#[test]
fn every_flag_is_used_by_a_test_through_the_binary() {
    let (help, tests) = (read("docs/cli.md"), tests());
    let flags = flags(&help);
    assert!(flags.len() > 30, "{flags:?}");
    none(&flags.into_iter().filter(|flag| !stands_in(&tests, flag)).collect::<Vec<_>>());
}

#[test]
fn every_exit_code_is_expected_by_a_test_through_the_binary() {
    let (help, tests) = (reconcile(&["help", "exit-codes"]).output().unwrap(), tests());
    let codes = codes(&String::from_utf8(help.stdout).unwrap());
    assert!(codes.len() > 12, "{codes:?}");
    // 70 is what no test can ask for: a defect of ours.
    let asked = codes.into_iter().filter(|code| code != "70");
    let missing = asked.filter(|code| {
        let expectations = [format!("exits({code})"), format!("Some({code})"), format!(", {code})")];
        !expectations.iter().any(|expectation| tests.contains(expectation))
    });
    none(&missing.collect::<Vec<_>>());
}

#[test]
fn a_flag_and_a_code_that_no_test_uses_are_found() {
    assert_eq!(
        flags("  -f, --file-name <PATH>\n      --all\n          --not-this one\n"),
        ["--all", "--file-name"].map(str::to_owned).into()
    );
    assert_eq!(codes("   0  success\n  64  usage error\n"), ["0", "64"].map(str::to_owned).into());
    assert!(!stands_in("--targets", "--target") && stands_in("(\"--target\")", "--target"));
}
