//! Parts of documents that are generated: from the field table, the codes, and the binary's own help.
//!
//! `UPDATE_DOCS=1 cargo test hygiene` writes them anew.

use reconcile::domain::address::Kind;
use reconcile::domain::field::{Carried, FieldRule, OnChange, Readable, ValueType};
use reconcile::domain::rules::rules;
use reconcile::manifest::codes;

use super::{read, reconcile, root};

/// Compares the part of a document between its two marks with what it should be, or writes it.
fn check(file: &str, name: &str, wanted: &str) {
    let text = read(file);
    let (begin, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end -->");
    let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{file} has no part `{name}`"));
    let (found, tail) = rest.split_once(end).unwrap_or_else(|| panic!("{file}: `{name}` has no end"));
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "{file}: the part `{name}` is out of date; run `UPDATE_DOCS=1 cargo test hygiene`\n--- found\n{found}\n--- wanted\n{wanted}"
    );
    std::fs::write(root().join(file), format!("{head}{begin}{wanted}{end}{tail}")).unwrap();
}

fn said(args: &[&str]) -> String {
    let output = reconcile(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn row(rule: &FieldRule) -> String {
    let value = match rule.value {
        ValueType::Text => "text",
        ValueType::Flag => "true or false",
        ValueType::Set => "list of texts",
        ValueType::Word(_) => "word",
        ValueType::Block(_) => "block",
        ValueType::Sealed { .. } => "secret or file",
    };
    let change = match (rule.on_change, rule.carried) {
        (OnChange::ForceNew, _) => "**replaces**",
        (OnChange::InPlace, Carried::Remotely) => "in place, by registering again",
        (OnChange::InPlace, Carried::InStateOnly) => "in the state only, no request",
    };
    let readable = match rule.readable {
        Readable::Yes => "yes",
        Readable::Key => "is the key",
        Readable::Deep => "by itself",
        Readable::No => "**no**",
    };
    let required = if rule.required { "yes" } else { "" };
    format!("| `spec.{}` | {value} | {required} | {change} | {readable} | {} |\n", rule.name, rule.help)
}

#[test]
fn the_manifest_page_shows_the_field_table() {
    for kind in Kind::ALL {
        let mut table = "| field | value | required | a change acts | live shows it | meaning |\n|---|---|---|---|---|---|\n".to_owned();
        table.extend(rules(*kind).iter().map(row));
        check("docs/manifests.md", &format!("fields of {kind}"), &table);
    }
}

#[test]
fn the_manifest_page_explains_every_code() {
    let rows = codes::TABLE.iter().map(|e| format!("| `{}` | {} | {} |\n", e.code, e.title, e.explanation));
    let table =
        format!("| code | what it says | why, and what to do |\n|---|---|---|\n{}", rows.collect::<String>());
    check("docs/manifests.md", "codes", &table);
}

#[test]
fn every_code_is_explained_by_help() {
    for entry in codes::TABLE {
        let text = said(&["help", &entry.code.to_string()]);
        assert!(text.contains(entry.title) && text.contains(entry.explanation), "{text}");
    }
}

/// The commands, as `--help` lists them.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The help of a command without the options that every command has.
fn own_help(path: &[&str]) -> String {
    let text = said(&[path, &["--help"]].concat());
    let own = text.split("\nGlobal options:").next().unwrap();
    // clap pads empty lines between an option and its default.
    own.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_command_page_shows_the_help_of_every_command() {
    let mut text = String::new();
    let mut add = |path: &[&str]| {
        text.push_str(&format!("### {}\n\n```text\n{}\n```\n\n", path.join(" "), own_help(path).trim_end()));
    };
    for command in commands() {
        add(&[&command]);
        if command == "state" {
            for inner in ["list", "show", "mv", "rm"] {
                add(&["state", inner]);
            }
        }
    }
    check("docs/cli.md", "commands", &format!("\n{text}"));
    let global = said(&["--help"]);
    let global = global.split("\nGlobal options:\n").nth(1).unwrap();
    let global = global.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    check("docs/cli.md", "global options", &format!("\n```text\n{}\n```\n\n", global.trim_end()));
}

/// The promise to scripts (features 3.3): a code never changes its meaning.
#[test]
fn the_exit_codes_stay_as_they_are() {
    let table = said(&["help", "exit-codes"]);
    let codes: Vec<u8> =
        table.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 5, 6, 7, 8, 64, 65, 69, 70, 75, 77, 130, 143]);
    for (code, word) in
        [(3, "partial"), (6, "refused"), (7, "drift"), (8, "locked"), (65, "manifest"), (75, "throttled")]
    {
        let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{code} "))).unwrap();
        assert!(line.contains(word), "{line}");
    }
    check("docs/cli.md", "exit codes", &format!("\n```text\n{table}```\n\n"));
}
