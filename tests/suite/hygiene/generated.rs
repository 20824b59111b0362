//! Parts of documents that are generated: from the field table, the codes, and the binary's own help.
//!
//! `UPDATE_DOCS=1 cargo test hygiene` writes them anew.

use reconcile::domain::address::Kind;
use reconcile::manifest::codes;
use reconcile::verify::codes as verification;
use reconcile::verify::mysql::codes as numbers;
use serde_json::Value;

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

/// One row for each value below a field, as `explain -o json` tells them.
fn rows(fact: &Value, text: &mut String) {
    if let Some(fields) = fact["fields"].as_array() {
        for field in fields {
            rows(field, text);
        }
        return;
    }
    let path = fact["path"].as_str().unwrap();
    let (kind, field) = path.split_once('.').unwrap();
    let change = match (fact["onChange"].as_str().unwrap(), kind) {
        ("forceNew", _) => "**replaces**",
        ("stateOnly", _) => "in the state only, no request",
        (_, "FlinkConnector") => "in place, by registering again",
        _ => "in place, by `UPDATE STORE`",
    };
    let readable = match fact["readable"].as_str().unwrap() {
        "listing" => "yes",
        "key" => "is the key",
        "byItself" => "by itself",
        _ => "**no**",
    };
    let required = match fact["when"].as_str().unwrap() {
        "no" => "",
        when => when,
    };
    let (value, meaning) = (fact["type"].as_str().unwrap(), fact["meaning"].as_str().unwrap());
    let value = value.replace(" | ", ", ");
    let value =
        fact["default"].as_str().map_or(value.clone(), |default| format!("{value}; default {default}"));
    text.push_str(&format!("| `{field}` | {value} | {required} | {change} | {readable} | {meaning} |\n"));
}

const HEADING: &str =
    "| field | value | required | a change acts | live shows it | meaning |\n|---|---|---|---|---|---|\n";

/// The tables of a kind: its own fields, then those of each block.
fn tables(kind: Kind) -> String {
    let fields = |topic: &str| -> Vec<Value> {
        let told: Value = serde_json::from_str(&said(&["explain", topic, "-o", "json"])).unwrap();
        told["fields"].as_array().unwrap().clone()
    };
    let (blocks, own): (Vec<Value>, Vec<Value>) =
        fields(&format!("{kind}.spec")).into_iter().partition(|field| field.get("beta").is_some());
    let mut text = HEADING.to_owned();
    for field in &own {
        rows(field, &mut text);
    }
    for block in blocks {
        let beta = if block["beta"] == true { " (beta)" } else { "" };
        let name = block["path"].as_str().unwrap().rsplit('.').next().unwrap();
        text.push_str(&format!(
            "\n### `{name}`{beta}\n\n{}\n\n{HEADING}",
            block["meaning"].as_str().unwrap()
        ));
        rows(&block, &mut text);
    }
    text
}

/// One row for each field of a suite: it is run, not changed, so nothing is said of changes.
fn suite_rows(fact: &Value, text: &mut String) {
    let path = fact["path"].as_str().unwrap();
    let field = path.strip_prefix("SinkVerification.").unwrap();
    let value = fact["type"].as_str().unwrap_or("mapping").replace(" | ", ", ");
    let value =
        fact["default"].as_str().map_or(value.clone(), |default| format!("{value}; default `{default}`"));
    let required = if fact["required"] == true { "yes" } else { "" };
    text.push_str(&format!("| `{field}` | {value} | {required} | {} |\n", fact["meaning"].as_str().unwrap()));
    for field in fact["fields"].as_array().into_iter().flatten() {
        suite_rows(field, text);
    }
}

#[test]
fn the_manifest_page_shows_the_fields_of_suites() {
    let told: Value =
        serde_json::from_str(&said(&["explain", "SinkVerification.spec", "-o", "json"])).unwrap();
    let mut text = "| field | value | required | meaning |\n|---|---|---|---|\n".to_owned();
    told["fields"].as_array().unwrap().iter().for_each(|field| suite_rows(field, &mut text));
    check("docs/manifests.md", "fields of SinkVerification", &text);
}

#[test]
fn the_manifest_page_shows_the_field_table() {
    for kind in Kind::ALL {
        check("docs/manifests.md", &format!("fields of {kind}"), &tables(*kind));
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
fn every_code_is_explained_by_help_and_by_explain() {
    for entry in codes::TABLE {
        let text = said(&["help", &entry.code.to_string()]);
        // The lines are filled up to the width of a terminal.
        let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(entry.title) && flowing.contains(entry.explanation), "{text}");
        assert_eq!(text, said(&["explain", &entry.code.to_string()]));
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

/// The fields of an object in a schema: name, type, meaning.
fn fields(object: &Value, text: &mut String) {
    let required: Vec<&str> =
        object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in object["properties"].as_object().into_iter().flatten() {
        if name == "type" {
            continue;
        }
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        let meaning = field["description"].as_str().unwrap_or_else(|| panic!("{name} has no meaning"));
        text.push_str(&format!("| `{name}`{optional} | {} | {meaning} |\n", type_of(field)));
    }
}

/// What stands in a field, in a word.
fn type_of(field: &Value) -> String {
    let reference = field["$ref"].as_str().or_else(|| field["anyOf"][0]["$ref"].as_str());
    let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_lowercase();
    let words = |all: &Value| {
        let all = all.as_array().into_iter().flatten().filter_map(Value::as_str);
        all.filter(|word| *word != "null").map(str::to_owned).collect::<Vec<_>>()
    };
    let consts: Vec<&str> =
        field["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["const"].as_str()).collect();
    if !consts.is_empty() {
        return consts.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    match (reference, &field["type"]) {
        (Some(reference), _) => format!("{} (below)", name(reference)),
        (None, Value::String(one)) if one == "array" => match field["items"]["$ref"].as_str() {
            Some(reference) => format!("list of {} (below)", name(reference)),
            None => "list of text".to_owned(),
        },
        (None, Value::String(one)) if one == "string" && field["enum"].is_array() => {
            words(&field["enum"]).iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        (None, Value::String(one)) => one.replace("string", "text"),
        (None, types @ Value::Array(_)) => words(types).join(", ").replace("string", "text"),
        _ => "a value, as its JSON type; a secret is `{\"fingerprint\": …}`".to_owned(),
    }
}

#[test]
fn the_event_page_shows_every_record() {
    const HEAD: &str = "| field | holds | meaning |\n|---|---|---|\n";
    let schema: Value = serde_json::from_str(&said(&["schema", "events"])).unwrap();
    let mut text = format!("\n{HEAD}| `type` | text | Which record it is |\n");
    fields(&schema, &mut text);
    let definition = |reference: &str| &schema["$defs"][reference.rsplit('/').next().unwrap()];
    let meaning = |object: &Value| object["description"].as_str().unwrap().trim_end_matches('.').to_owned();
    let mut records = std::collections::BTreeSet::new();
    for branch in schema["oneOf"].as_array().unwrap() {
        let reference = branch["$ref"].as_str().unwrap();
        records.insert(reference.rsplit('/').next().unwrap());
        let record = definition(reference);
        let kind = branch["properties"]["type"]["const"].as_str().unwrap();
        text.push_str(&format!("\n### `{kind}`\n\n{}.\n\n{HEAD}", meaning(record)));
        fields(record, &mut text);
    }
    for (name, object) in schema["$defs"].as_object().unwrap() {
        if !records.contains(name.as_str()) {
            text.push_str(&format!("\n### {}\n\n{}.\n\n{HEAD}", name.to_lowercase(), meaning(object)));
            fields(object, &mut text);
        }
    }
    check("docs/events.md", "records", &format!("{text}\n"));
}

#[test]
fn the_page_of_types_shows_the_mapping_as_it_is() {
    check("docs/verify-types.md", "types", &format!("\n{}\n", reconcile::verify::types::table()));
}

#[test]
fn the_page_about_the_dashboard_shows_every_answer_and_every_metric() {
    const HEAD: &str = "| field | holds | meaning |\n|---|---|---|\n";
    let schema: Value = serde_json::from_str(&said(&["schema", "api"])).unwrap();
    let name = |reference: &str| reference.rsplit('/').next().unwrap().to_lowercase();
    let mut text = "\n| path | answers |\n|---|---|\n".to_owned();
    for (path, answer) in schema["properties"].as_object().unwrap() {
        let answer = name(answer["$ref"].as_str().unwrap());
        text.push_str(&format!("| `{path}` | [{answer}](#{answer}) |\n"));
    }
    for (object, definition) in schema["$defs"].as_object().unwrap() {
        let meaning = definition["description"].as_str().unwrap().trim_end_matches('.');
        text.push_str(&format!("\n### {}\n\n{meaning}.\n\n{HEAD}", object.to_lowercase()));
        fields(definition, &mut text);
    }
    check("docs/dashboard.md", "api", &format!("{text}\n"));

    let mut table = "\n| metric | type | labels | meaning |\n|---|---|---|---|\n".to_owned();
    for metric in reconcile::dashboard::metrics().unwrap() {
        let labels = metric.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        table.push_str(&format!("| `{}` | {} | {labels} | {} |\n", metric.name, metric.kind, metric.help));
    }
    check("docs/dashboard.md", "metrics", &format!("{table}\n"));
}

#[test]
fn the_page_about_the_watch_shows_what_a_webhook_is_sent() {
    const HEAD: &str = "| field | holds | meaning |\n|---|---|---|\n";
    let schema: Value = serde_json::from_str(&said(&["schema", "notification"])).unwrap();
    let mut text = format!("\n{HEAD}");
    fields(&schema, &mut text);
    for (name, object) in schema["$defs"].as_object().unwrap() {
        let meaning = object["description"].as_str().unwrap();
        text.push_str(&format!("\n{}: {meaning}.\n\n{HEAD}", name.to_lowercase()));
        fields(object, &mut text);
    }
    check("docs/watch.md", "notification", &format!("{text}\n"));
}

/// The promise to scripts (features 3.3): a code never changes its meaning.
#[test]
fn the_exit_codes_stay_as_they_are() {
    let table = said(&["help", "exit-codes"]);
    let codes: Vec<u8> =
        table.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 64, 65, 69, 70, 75, 77, 130, 143]);
    for (code, word) in
        [(3, "partial"), (6, "refused"), (7, "drift"), (8, "locked"), (65, "manifest"), (75, "throttled")]
    {
        let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{code} "))).unwrap();
        assert!(line.contains(word), "{line}");
    }
    check("docs/cli.md", "exit codes", &format!("\n```text\n{table}```\n\n"));
}

#[test]
fn the_page_of_database_errors_shows_both_tables() {
    let settings = verification::all().into_iter().map(|entry| {
        format!("| `{}` | `{}` | {} |\n", entry.code, entry.about.replace(" or ", "` or `"), entry.remedy)
    });
    let head = "| code | wrong | what to do |\n|---|---|---|\n";
    check("docs/verify-errors.md", "settings", &format!("\n{head}{}\n", settings.collect::<String>()));
    let numbers = numbers::TABLE.iter().map(|entry| {
        let again = if entry.class.is_retryable() { "yes" } else { "" };
        let (code, symbol, class) = (entry.code, entry.symbol, entry.class);
        format!("| {code} | `{symbol}` | {class} | {again} | {} | {} |\n", entry.reason, entry.source)
    });
    let head = "| number | symbol | class | tried again | why | of |\n|---|---|---|---|---|---|\n";
    check("docs/verify-errors.md", "numbers", &format!("\n{head}{}\n", numbers.collect::<String>()));
}

#[test]
fn the_page_of_planted_defects_shows_the_list_of_them() {
    check("docs/verify-defects.md", "planted defects", &crate::verify::planted::page());
}
