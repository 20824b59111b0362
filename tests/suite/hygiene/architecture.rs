//! The arrows of `src/lib.rs`, as literal tables, against what every source file names.

use super::{none, read, tracked};

/// Who may name whom. A module may always name itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "engine",
            "ports",
            "domain",
            "platform",
            "manifest",
            "state",
            "saved",
            "providers",
            "emulator",
            "dashboard",
            "verify",
        ],
    ),
    ("engine", &["ports", "domain"]),
    ("ports", &["domain"]),
    ("domain", &[]),
    ("manifest", &["ports", "domain", "platform"]),
    ("state", &["ports", "domain", "platform"]),
    ("saved", &["engine", "domain", "platform"]),
    ("providers", &["ports", "domain", "platform"]),
    ("emulator", &["platform"]),
    ("dashboard", &["domain", "platform"]),
    ("verify", &["ports", "domain", "platform"]),
    ("platform", &["ports"]),
];

/// Where `cli` names an adapter: `wire` builds them all; the others use the values that an adapter hands out, or are
/// the command of that adapter.
const ADAPTERS: &[(&str, &[&str])] = &[
    (
        "providers",
        &[
            "wire.rs",
            "wire/accounts.rs",
            "wire/alicloud.rs",
            "wire/deltastream.rs",
            "wire/settings.rs",
            // The command of the model.
            "commands/simulate.rs",
        ],
    ),
    ("emulator", &["wire.rs", "wire/alicloud.rs", "wire/deltastream.rs", "commands/emulator.rs"]),
    (
        "state",
        &[
            "wire.rs",
            "session.rs",
            "commands/apply/carry.rs",
            "commands/apply/tell.rs",
            "commands/status.rs",
            "commands/unlock.rs",
            "commands/watch.rs",
            "render/status.rs",
        ],
    ),
    (
        "manifest",
        &[
            "wire.rs",
            "wire/alicloud.rs",
            "wire/deltastream.rs",
            "wire/settings.rs",
            "wire/verification.rs",
            "session.rs",
            "offline.rs",
            "options.rs",
            "commands/import_write.rs",
            "reference/explain.rs",
            "commands/accept.rs",
            "commands/fmt.rs",
            "commands/verify/reader.rs",
            "commands/watch/eyes.rs",
        ],
    ),
];

/// Packages that stay in one place: below the folder, or in the file.
const PACKAGES: &[(&str, &[&str])] = &[
    ("reqwest", &["src/platform/http/"]),
    ("hyper", &["src/platform/http/"]),
    ("rustls", &["src/platform/http/", "src/verify/mysql/tls.rs"]),
    ("mysql_async", &["src/verify/"]),
    ("axum", &["src/emulator/", "src/dashboard/"]),
    ("tokio_postgres", &["src/emulator/deltastream/postgres.rs"]),
    ("serde_saphyr", &["src/manifest/yaml"]),
    ("serde_yaml", &["src/manifest/", "src/cli/commands/state.rs"]),
    ("pretty_yaml", &["src/manifest/format.rs"]),
    ("yaml_parser", &["src/manifest/"]),
    ("clap_complete", &["src/cli/completion.rs"]),
    ("fs2", &["src/state/lock.rs", "src/emulator/folder.rs"]),
    ("cel", &["src/domain/suite/expression.rs", "src/verify/transform/"]),
    ("clap", &["src/cli/"]),
    ("annotate_snippets", &["src/cli/render/"]),
    ("indicatif", &["src/cli/render/"]),
    ("anstyle", &["src/cli/render/"]),
    ("similar", &["src/cli/render/"]),
    ("wildmatch", &["src/cli/commands/import.rs", "src/domain/selection.rs"]),
    ("getrandom", &["src/platform/"]),
    ("notify", &["src/platform/watcher"]),
    ("tracing_subscriber", &["src/platform/"]),
    ("chacha20", &["src/verify/generate/"]),
    ("compact_str", &["src/verify/"]),
    ("proptest", &["src/verify/"]),
];

/// What pure modules may use: nothing that reads a clock, a file or a socket.
const PURE: &[(&str, &[&str])] = &[
    ("src/domain/", &["std", "serde", "thiserror", "secrecy", "wildmatch", "cel"]),
    ("src/engine/planner/", &["std", "serde", "thiserror"]),
    ("src/engine/watch/", &["std"]),
    ("src/verify/row/", &["std", "thiserror", "jiff", "compact_str", "serde_json", "base64"]),
    ("src/verify/types/", &["std", "thiserror", "jiff", "compact_str", "serde_json"]),
    ("src/verify/generate/", &["std", "jiff", "compact_str", "chacha20", "proptest", "thiserror"]),
];

/// What only `main` or the terminal may do.
const NEVER: &[&str] = &["println!", "eprintln!", "print!", "eprint!", "process::exit"];

/// A line of code with its number; comments are left out, and everything behind the first `#[cfg(test)]` is marked.
struct Line<'a> {
    number: usize,
    code: &'a str,
    test: bool,
}

fn code_lines<'a>(file: &str, text: &'a str) -> Vec<Line<'a>> {
    let mut test = file.contains("/tests/") || file.ends_with("/tests.rs");
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.trim_start();
        // A test module of its own file: `#[cfg(test)] mod tests;` says nothing about the lines below it.
        test |= code.ends_with("mod tests {");
        if !code.starts_with("//") {
            lines.push(Line { number: index + 1, code, test });
        }
    }
    lines
}

fn module_of(file: &str) -> &str {
    let inner = file.strip_prefix("src/").unwrap_or(file);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The texts behind each occurrence of a word that is not the end of a longer name.
fn behind<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word).filter_map(move |(at, _)| {
        let before = code.get(..at)?.chars().next_back();
        let end_of_a_name = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
        if end_of_a_name { None } else { code.get(at + word.len()..) }
    })
}

/// The top-level modules that a line names, in `crate::x` or in `crate::{x, y::{…}}` on one line.
fn modules_named(code: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for root in ["crate::", "reconcile::"] {
        for rest in behind(code, root) {
            let Some(group) = rest.strip_prefix('{') else {
                named.push(identifier(rest));
                continue;
            };
            let mut depth = 0;
            let first_level = |c: char| {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                c == ',' && depth == 0
            };
            named.extend(group.split(first_level).map(|part| identifier(part.trim())));
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

/// How many modules above a file's own there are before the root of the crate.
fn depth(file: &str) -> usize {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').count()
}

/// Everything in one file that the tables forbid.
fn violations(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    let mut found = Vec::new();
    for Line { number, code, test } in code_lines(file, text) {
        let mut say = |what: String| found.push(format!("{file}:{number}: {what}"));
        for target in modules_named(code) {
            let known = ARROWS.iter().any(|(name, _)| *name == target);
            let allowed =
                ARROWS.iter().find(|(name, _)| *name == module).is_some_and(|(_, to)| to.contains(&target));
            if known && target != module && !allowed {
                say(format!("{module} must not know {target}"));
            }
            let adapter = ADAPTERS.iter().find(|(name, _)| *name == target);
            if let ("cli", Some((_, homes))) = (module, adapter)
                && !homes.iter().any(|home| file == format!("src/cli/{home}"))
            {
                say(format!("this part of cli must not name the adapter {target}"));
            }
        }
        let ups = code.matches("super::").count();
        if ups > 0 && code.contains(&"super::".repeat(depth(file) + usize::from(test))) {
            say("climbs to the root by `super`: write `crate::`".to_owned());
        }
        for (package, homes) in PACKAGES {
            let named = behind(code, package).any(|rest| rest.starts_with("::") || rest.starts_with(';'));
            if named && !test && !homes.iter().any(|home| file.starts_with(home)) {
                say(format!("the package {package} belongs into {}", homes.join(" or ")));
            }
        }
        for (folder, allowed) in PURE {
            let used = code.strip_prefix("use ").or_else(|| code.strip_prefix("pub use ")).map(identifier);
            let ours = |name: &str| matches!(name, "crate" | "super" | "self") || allowed.contains(&name);
            let foreign = used.filter(|name| file.starts_with(folder) && !test && !ours(name));
            // A path through a child module, like `pub use report::…`, begins with a name of this file's folder.
            if let Some(package) = foreign.filter(|name| !text.contains(&format!("mod {name};"))) {
                say(format!("{folder} is pure and must not use {package}"));
            }
        }
        for word in NEVER {
            if !test && behind(code, word).next().is_some() {
                say(format!("`{word}` is for nobody: the terminal prints, and main returns its code"));
            }
        }
    }
    found
}

#[test]
fn every_source_file_keeps_to_the_arrows() {
    let found: Vec<String> =
        tracked("src/", ".rs").iter().flat_map(|file| violations(file, &read(file))).collect();
    none(&found);
}

#[test]
fn every_module_is_in_the_picture() {
    let front = read("src/lib.rs");
    for line in front.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = line.trim_end_matches(';');
        assert!(ARROWS.iter().any(|(name, _)| *name == module), "{module} has no arrows");
        assert!(front.matches(module).count() > 1, "{module} is not in the picture of src/lib.rs");
    }
}

#[test]
fn each_way_to_break_the_rules_is_noticed() {
    for (file, code, because) in [
        ("src/engine/run.rs", "use crate::state::LockedState;", "engine must not know state"),
        ("src/engine/run.rs", "use crate::{ports::Clock, platform::fs};", "engine must not know platform"),
        ("src/domain/plan.rs", "    let x = crate::cli::exit::TABLE;", "domain must not know cli"),
        ("src/state/lock.rs", "use crate::manifest;", "state must not know manifest"),
        ("src/emulator/world.rs", "use crate::providers::alicloud;", "emulator must not know providers"),
        ("src/main.rs", "use reconcile::engine;", "main must not know engine"),
        (
            "src/cli/commands/plan.rs",
            "use crate::providers::alicloud;",
            "must not name the adapter providers",
        ),
        ("src/engine/planner/diff.rs", "use super::super::super::state::X;", "climbs to the root"),
        ("src/state/folder.rs", "use fs2::FileExt;", "fs2 belongs into"),
        ("src/domain/plan.rs", "use tokio::sync::Mutex;", "is pure and must not use tokio"),
        ("src/engine/planner/diff.rs", "use tracing::info;", "is pure and must not use tracing"),
        ("src/engine/run.rs", "    println!(\"x\");", "println!"),
        ("src/cli/error.rs", "    std::process::exit(1);", "process::exit"),
    ] {
        let found = violations(file, code);
        assert!(found.iter().any(|line| line.contains(because)), "{code}: {found:?}");
    }
    let fine = "// use crate::cli;\nuse crate::domain::plan::Plan;\nuse super::diff;\n";
    assert_eq!(violations("src/engine/planner/order.rs", fine), Vec::<String>::new());
}
