//! The traps of YAML: what other readers convert, drop or choke on is refused with its place, in bounded time.

use std::fmt::Write as _;

use super::{VALID, load_text, manifest, only, place, places, valid_with};
use crate::domain::field::FieldValue;
use crate::manifest::{codes, limits};

fn with_field(field: &str) -> String {
    valid_with(&format!("  {field}\n"))
}

#[test]
fn a_duplicate_key_is_refused_at_every_level() {
    for (text, wanted) in [
        (valid_with("kind: FlinkConnector\n"), "RC0106 11:1"),
        (VALID.replace("  name: orders\n", "  name: orders\n  name: other\n"), "RC0106 5:3"),
        (with_field("jarUrl: oss://other.jar"), "RC0106 11:3"),
        (valid_with("lifecycle: {protect: true, protect: false}\n"), "RC0106 11:28"),
        (valid_with("lifecycle:\n  timeouts:\n    create: 1m\n    create: 2m\n"), "RC0106 14:5"),
        (VALID.replace("  name: orders\n", "  name: orders\n  labels: {a: x, \"a\": y}\n"), "RC0106 5:18"),
    ] {
        assert_eq!(places(&text), [wanted], "{text}");
    }
}

#[test]
fn anchors_aliases_merge_keys_and_tags_are_refused() {
    for (field, column) in [
        ("description: &a text", 19),
        ("description: *a", 16),
        ("<<: {source: true}", 3),
        ("description: !!str 1.10", 22),
        ("description: !custom x", 24),
        ("source: !!bool yes", 18),
        ("description: !!binary aGk=", 25),
    ] {
        let found = places(&with_field(field));
        assert_eq!(found, [format!("RC0105 11:{column}")], "{field}");
    }
}

#[test]
fn null_or_nothing_is_no_required_text() {
    for required in
        ["apiVersion", "kind", "metadata", "spec", "name", "workspaceId", "namespaceName", "connectorName"]
            .into_iter()
            .chain(["connectorType", "jarUrl"])
    {
        for nothing in ["", " ~", " null", " Null", " \"\"", " '  '"] {
            let text: String = VALID
                .lines()
                .filter(|line| !(required == "spec" && line.starts_with("  ") && !line.contains("name: ")))
                .filter(|line| !(required == "metadata" && line.contains("name: ")))
                .map(|line| {
                    let indent = line.len() - line.trim_start().len();
                    if line.trim_start().starts_with(&format!("{required}:")) {
                        format!("{}{required}:{nothing}\n", " ".repeat(indent))
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect();
            let found = load_text(&text).unwrap_err();
            let wanted = if nothing.contains(['"', '\'']) && matches!(required, "metadata" | "spec") {
                codes::WRONG_TYPE
            } else {
                codes::NO_VALUE
            };
            assert_eq!(found.len(), 1, "{required}:{nothing}\n{found:#?}");
            assert_eq!(found[0].code, wanted, "{required}:{nothing}");
        }
    }
}

#[test]
fn numbers_and_flags_are_no_text_and_the_help_says_how_to_quote() {
    for written in [
        "1.10",
        "1",
        "-1",
        "017",
        "0x1f",
        "0o17",
        "1e999",
        ".inf",
        "1_000",
        "99999999999999999999",
        "true",
        "False",
    ] {
        let found = load_text(&with_field(&format!("jarVersion: {written}"))).unwrap_err();
        assert_eq!(found.iter().map(place).collect::<Vec<_>>(), ["RC0110 11:15"], "{written}");
        assert_eq!(found[0].help.as_deref(), Some(format!("quote it: \"{written}\"").as_str()));
    }
}

#[test]
fn texts_that_older_readers_convert_stay_texts() {
    for written in
        ["no", "yes", "on", "y", "12:30:45", "2001-01-01", "1.10.0", "=", "0b1_x", "'017'", "\"1.10\""]
    {
        let loaded = load_text(&with_field(&format!("description: {written}"))).unwrap();
        let fields = loaded.desired.declared().values().next().unwrap().spec.fields();
        let shown = fields["description"].to_string();
        assert_eq!(shown, format!("{:?}", written.trim_matches(['"', '\''])));
    }
}

#[test]
fn only_true_and_false_are_flags() {
    for (written, help) in [
        ("yes", "write true"),
        ("On", "write true"),
        ("no", "write false"),
        ("off", "write false"),
        ("\"true\"", "remove the quotes: true"),
        ("1", "write true or false"),
        ("maybe", "write true or false"),
    ] {
        let diagnostic = only(&with_field(&format!("source: {written}")));
        assert_eq!(
            (diagnostic.code, diagnostic.help.as_deref()),
            (codes::NOT_A_FLAG, Some(help)),
            "{written}"
        );
    }
    assert!(load_text(&with_field("source: true")).is_ok());
}

#[test]
fn line_ends_byte_order_marks_and_empty_documents_do_not_matter() {
    let plain = load_text(VALID).unwrap();
    for text in [
        VALID.replace('\n', "\r\n"),
        format!("\u{feff}{VALID}"),
        format!("{VALID}---\n"),
        format!("---\n---\n# nothing\n---\n{VALID}...\n---\n~\n"),
        VALID.trim_end().to_owned(),
        VALID.replace(": ", ":\t"),
    ] {
        let loaded = load_text(&text).unwrap();
        assert_eq!(loaded.documents, 1);
        let spec = |loaded: &super::Loaded| loaded.desired.declared().values().next().unwrap().spec.clone();
        assert_eq!(spec(&loaded), spec(&plain), "{text:?}");
    }
}

#[test]
fn a_place_after_cr_lf_or_a_byte_order_mark_is_the_right_one() {
    let bad = with_field("jarUri: x");
    for text in [bad.replace('\n', "\r\n"), format!("\u{feff}{bad}"), bad.replace('\n', "\r")] {
        let diagnostic = only(&text);
        assert_eq!(place(&diagnostic), "RC0107 11:3");
        assert_eq!(diagnostic.labels[0].source.as_deref(), Some("  jarUri: x"));
    }
}

#[test]
fn a_file_without_a_document_declares_nothing() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n---\n", "null\n", "...\n"] {
        let loaded = load_text(text).unwrap();
        assert_eq!((loaded.documents, loaded.desired.declared().len()), (0, 0), "{text:?}");
    }
}

#[test]
fn what_is_no_yaml_is_refused_at_its_place() {
    for (text, wanted) in [
        ("a: [1\n", "RC0104"),
        ("a: b: c\n", "RC0104 1:5"),
        ("a: \0\n", "RC0104 1:4"),
        ("a: \u{1b}[31m\n", "RC0104 1:4"),
        ("a:\n\t- b\n", "RC0104"),
        ("a: \"\\q\"\n", "RC0104"),
        ("a: 'never closed\n", "RC0104"),
    ] {
        let found = places(text);
        assert!(found.len() == 1 && found[0].starts_with(wanted), "{text:?}: {found:?}");
    }
}

#[test]
fn a_document_that_is_no_mapping_is_refused() {
    for text in ["- a\n", "text\n", "42\n", "true\n"] {
        assert_eq!(only(text).code, codes::WRONG_TYPE, "{text}");
    }
}

#[test]
fn keys_that_are_no_text_are_refused() {
    for key in ["1", "true", "~", "? [a]\n"] {
        let found = places(&valid_with(&format!("{key}: x\n")));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(found[0].starts_with("RC0110 11:"), "{key}: {found:?}");
    }
}

#[test]
fn an_alias_bomb_and_quadratic_aliases_end_at_the_first_anchor() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{items}]").unwrap();
    }
    let quadratic = format!("a: &a [{}]\nb:\n{}", "x, ".repeat(20_000), "- *a\n".repeat(2_000));
    for text in [bomb, quadratic] {
        assert_eq!(only(&text).code, codes::REFERENCE);
    }
}

#[test]
fn nesting_ends_at_its_limit_whatever_it_is_made_of() {
    let levels = limits::DEPTH;
    let blocks = |count: usize| {
        let line = |level: usize| format!("{}k:\n", " ".repeat(level));
        (0..count).map(line).collect::<String>()
    };
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(512 * 1024),
        "[".repeat(1024 * 1024),
        blocks(1_000),
        format!("{}{}", "[".repeat(levels + 1), "]".repeat(levels + 1)),
        format!("{}{}", "{a: ".repeat(levels + 1), "}".repeat(levels + 1)),
        format!("{}x\n", "- ".repeat(levels + 1)),
        blocks(levels + 1),
    ] {
        let diagnostic = only(&text);
        assert_eq!(diagnostic.code, codes::TOO_LARGE, "{:.40}: {}", text, diagnostic.message);
    }
    for text in [
        format!("{}{}", "[".repeat(levels), "]".repeat(levels)),
        format!("{}x\n", "- ".repeat(levels)),
        format!("{}{}", "{a: ".repeat(levels - 1), "}".repeat(levels - 1)),
        blocks(levels - 1),
    ] {
        let found = load_text(&text).unwrap_err();
        assert!(found.iter().all(|found| found.code != codes::TOO_LARGE), "{text:.40}");
    }
}

#[test]
fn ten_thousand_documents_are_accepted_and_the_last_one_has_its_line() {
    let mut text = String::new();
    for number in 0..10_000 {
        writeln!(text, "---\n{}", manifest(&format!("c{number}")).trim_end()).unwrap();
    }
    assert_eq!(load_text(&text).unwrap().desired.declared().len(), 10_000);
    let broken = format!("{text}  jarUri: x\n");
    assert_eq!(places(&broken), [format!("RC0107 {}:3", 11 * 10_000 + 1)]);
}

#[test]
fn too_many_values_and_errors_end_the_loading() {
    let found = load_text(&"--- x\n".repeat(100_000)).unwrap_err();
    assert_eq!(found.last().unwrap().code, codes::TOO_MANY_ERRORS);
    assert_eq!(found.len(), limits::ERRORS + 1);

    let wide = format!("a: [{}]\n", "x, ".repeat(limits::NODES_PER_DOCUMENT));
    assert_eq!(only(&wide).code, codes::TOO_LARGE);
}

#[test]
fn a_very_long_line_is_read_and_not_shown() {
    let long = "x".repeat(1024 * 1024);
    assert!(load_text(&with_field(&format!("description: {long}"))).is_ok());
    let diagnostic = only(&with_field(&format!("jarUri: {long}")));
    assert_eq!((place(&diagnostic).as_str(), &diagnostic.labels[0].source), ("RC0107 11:3", &None));
    let key = "k".repeat(100_000);
    assert_eq!(only(&valid_with(&format!("{key}: 1\n"))).code, codes::SYNTAX);
}

#[test]
fn after_a_broken_document_the_others_are_still_read() {
    let text = format!("a: 1\na: 2\n---\n{}---\nb: !x 1\n---\n{}", manifest("one"), with_field("jarUri: x"));
    assert_eq!(places(&text), ["RC0106 2:1", "RC0105 15:7", "RC0107 27:3"]);
}

#[test]
fn a_line_end_that_only_some_readers_know_is_refused_unless_it_is_escaped() {
    for c in ['\u{85}', '\u{2028}', '\u{2029}'] {
        for text in [format!("a: x{c}kind: y"), format!("# x{c}kind: y"), format!("a: \"x{c}\"")] {
            let diagnostic = only(&text);
            assert_eq!(diagnostic.code, codes::LINE_END, "{text:?}");
            let column = u32::try_from(text.chars().position(|found| found == c).unwrap() + 1).unwrap();
            assert_eq!(diagnostic.labels[0].span.column, column);
        }
        let escaped = with_field(&format!("description: \"x\\u{:04x}\"", u32::from(c)));
        let fields = load_text(&escaped).unwrap().desired.declared().values().next().unwrap().spec.fields();
        assert_eq!(fields.get("description"), Some(&FieldValue::Text(format!("x{c}"))));
    }
}
