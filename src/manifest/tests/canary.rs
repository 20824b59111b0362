//! Whatever stands in a store's manifest and however it is damaged: no diagnostic shows a value of it (design.md 3.4).

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::load_text;
use super::profiles::load_project;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::field::ValueType;
use crate::domain::kind::store::{Parameter, Subtype};

/// How a value or mapping is written.
#[derive(Debug, Clone, Copy)]
enum Style {
    Plain,
    Single,
    Double,
    Block,
    Env,
    File,
    Command,
    /// In braces, where it is a key.
    Braces,
    /// With a comma, behind which it is a key in braces.
    Comma,
}

/// Letters that stand together in no message, so that a part of a canary is found too.
const CANARY: &str = "[qxzj]{12}";

const PART: usize = 5;

fn styles() -> impl Strategy<Value = Vec<Style>> {
    use Style::{Block, Braces, Comma, Command, Double, Env, File, Plain, Single};
    let styles = &[Plain, Plain, Single, Double, Block, Env, File, Command, Braces, Comma][..];
    prop::collection::vec(select(styles), 40)
}

/// A store with a canary wherever a text can stand in its block, each mapping as a block or in braces. What stands around
/// it (names, labels, a description) is no secret, and is shown where nothing tells that it belongs to a store.
fn manifest(subtype: Subtype, canary: &str, styles: &[Style]) -> String {
    let mut styles = styles.iter().copied().cycle();
    let block = mapping(subtype.as_str(), subtype, canary, &mut styles, 1);
    format!(
        "apiVersion: reconcile/v1\nkind: Store\nmetadata:\n  name: orders\n  labels: {{team: a}}\nspec:\n  name: orders\n  \
         owner: loader\n  description: d\n{block}lifecycle:\n  ignoreFields: [/spec/{subtype}/{canary}]\n"
    )
}

fn mapping(
    path: &str,
    subtype: Subtype,
    canary: &str,
    styles: &mut impl Iterator<Item = Style>,
    depth: usize,
) -> String {
    let key = path.rsplit('.').next().unwrap();
    let indent = "  ".repeat(depth);
    if depth > 1 && matches!(styles.next(), Some(Style::Double)) {
        let leaves = leaves(path, subtype);
        let inner: Vec<String> =
            leaves.iter().map(|(name, leaf)| format!("{name}: {}", flow(leaf, canary, styles))).collect();
        return format!("{indent}{key}: {{{}}}\n", inner.join(", "));
    }
    let mut text = format!("{indent}{key}:\n");
    let mut seen = Vec::new();
    for parameter in subtype.parameters() {
        let Some(rest) = parameter.rule.name.strip_prefix(&format!("{path}.")) else { continue };
        match rest.split_once('.') {
            None => {
                let value = match styles.next() {
                    Some(Style::Block) => format!("|\n{indent}    {canary}\n{indent}    {canary}"),
                    _ => flow(parameter, canary, styles),
                };
                text.push_str(&format!("{indent}  {rest}: {value}\n"));
            }
            Some((step, _)) if !seen.contains(&step) => {
                seen.push(step);
                text.push_str(&mapping(&format!("{path}.{step}"), subtype, canary, styles, depth + 1));
            }
            Some(_) => {}
        }
    }
    text
}

/// The parameters directly in a mapping.
fn leaves(path: &str, subtype: Subtype) -> Vec<(&'static str, &'static Parameter)> {
    let direct = |parameter: &'static Parameter| {
        let rest = parameter.rule.name.strip_prefix(path)?.strip_prefix('.')?;
        (!rest.contains('.')).then_some((rest, parameter))
    };
    subtype.parameters().iter().filter_map(direct).collect()
}

fn flow(parameter: &Parameter, canary: &str, styles: &mut impl Iterator<Item = Style>) -> String {
    match (parameter.rule.value, styles.next().unwrap()) {
        (ValueType::Word(words), Style::Single) => words[0].to_owned(),
        (ValueType::Flag, Style::Single) => "true".to_owned(),
        (ValueType::Set, _) => format!("[{canary}:9092, \"{canary}:9093\"]"),
        (ValueType::Sealed { .. }, Style::Env) => format!("{{fromEnv: {canary}}}"),
        (ValueType::Sealed { .. }, Style::File) => format!("{{fromFile: ./{canary}}}"),
        (ValueType::Sealed { .. }, Style::Command) => format!("{{fromCommand: [{canary}, \"--{canary}\"]}}"),
        (_, Style::Braces) => format!("{{{canary}}}"),
        (_, Style::Comma) => format!("{canary}, {canary}"),
        (_, Style::Single) => format!("'{canary}'"),
        (_, Style::Double) => format!("\"{canary} {canary}\""),
        (_, Style::Command) => format!("https://{canary}:{canary}@{canary}/"),
        _ => canary.to_owned(),
    }
}

/// An accident of an editor.
#[derive(Debug, Clone, Copy)]
enum Damage {
    DeleteCharacter,
    Insert(&'static str),
    Cut,
    DeleteLine,
    DuplicateLine,
    SwapLines,
    JoinLines,
    Indent,
    Dedent,
    Replace(&'static str),
}

fn damages(most: usize) -> impl Strategy<Value = Vec<(Damage, Index)>> {
    let pieces = &[
        ":", ": ", "{", "}", "[", "]", ",", ", ", "\"", "'", "&", "*", "!", "!x ", "|", ">", "#", " #", "%",
        "@", "`", "\n", "\t", " ", "- ", "? ", "---\n", "...\n", "\\", "\u{85}", "\0", "1", "<<: ", "~",
        "://",
    ][..];
    let values =
        &["x", "1.5", "true", "~", "", "[]", "{}", "[a: {b", "&a x", "*a", "!!binary x", "'", "|"][..];
    let plain = &[
        Damage::DeleteCharacter,
        Damage::Cut,
        Damage::DeleteLine,
        Damage::DuplicateLine,
        Damage::SwapLines,
        Damage::JoinLines,
        Damage::Indent,
        Damage::Dedent,
    ][..];
    let damage = prop_oneof![
        4 => select(plain),
        3 => select(pieces).prop_map(Damage::Insert),
        1 => select(values).prop_map(Damage::Replace),
    ];
    prop::collection::vec((damage, any::<Index>()), 0..most)
}

fn damaged(text: &str, (damage, at): &(Damage, Index)) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if characters.is_empty() {
        return String::new();
    }
    let (before, after) = characters.split_at(at.index(characters.len()));
    let number = at.index(lines.len());
    let line = lines[number].clone();
    match damage {
        Damage::DeleteCharacter => return before.iter().chain(&after[1..]).collect(),
        Damage::Insert(piece) => {
            return before.iter().copied().chain(piece.chars()).chain(after.iter().copied()).collect();
        }
        Damage::Cut => return before.iter().collect(),
        Damage::DeleteLine => drop(lines.remove(number)),
        Damage::DuplicateLine => lines.insert(number, line),
        Damage::SwapLines => {
            let next = (number + 1) % lines.len();
            lines.swap(number, next);
        }
        Damage::JoinLines => lines[number] = line.trim_end().to_owned(),
        Damage::Indent => lines[number] = format!("  {line}"),
        Damage::Dedent => lines[number] = line.strip_prefix("  ").unwrap_or(&line).to_owned(),
        Damage::Replace(value) => {
            lines[number] =
                line.split_once(": ").map_or(line.clone(), |(key, _)| format!("{key}: {value}\n"));
        }
    }
    lines.concat()
}

/// Everything that a person could see of it.
fn shown(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for Diagnostic { code: _, severity: _, message, labels, help } in diagnostics {
        let labels =
            labels.iter().flat_map(|label| [label.source.clone().unwrap_or_default(), label.text.clone()]);
        let parts = labels.chain([message.clone(), help.clone().unwrap_or_default()]);
        text.extend(parts.map(|part| part + "\n"));
    }
    text
}

fn leak(shown: &str) -> Option<String> {
    let letters: Vec<char> = shown.chars().collect();
    let part = letters.windows(PART).find(|part| part.iter().all(|c| "qxzj".contains(*c)));
    part.map(|part| part.iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_value_of_a_store_is_ever_shown(
        subtype in select(Subtype::ALL),
        canary in CANARY,
        styles in styles(),
        damages in damages(5),
    ) {
        let text = manifest(subtype, &canary, &styles);
        let text = damages.iter().fold(text, |text, damage| damaged(&text, damage));
        let found = load_text(&text).map_or_else(|found| found, |loaded| loaded.warnings);
        let shown = shown(&found);
        prop_assert_eq!(leak(&shown), None, "{}\n=====\n{}", text, shown);
    }

    #[test]
    fn no_password_of_a_suite_is_ever_shown(
        canary in CANARY,
        style in select(&["{}", "'{}'", "\"{}\"", "{fromEnv: {}}", "{fromEnv: '-{}'}", "{fromFile: {}}", "{fromCommand: [vault, {}]}", "|\n      {}", "{{}}", "{}, {}", "[{}]"][..]),
        key in select(&["password", "pasword", "Password", "pwd", "\"password\"", "userPassword", "passWord:"][..]),
        damages in damages(5),
    ) {
        let written = style.replace("{}", &canary);
        let text = format!(
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata:\n  name: orders\nspec:\n  mysql:\n    host: h\n    \
             {key}: {written}\n    database: d\n    username: u\n    pool: {{size: 0}}\n  scenarios:\n    - name: a\n      \
             source: {{generate: {{kind: basic}}}}\n      transform: [{{set: a, cel: a + 1}}]\n      schema: {{fields: [{{name: a, type: INT}}]}}\n"
        );
        let text = damages.iter().fold(text, |text, damage| damaged(&text, damage));
        let found = load_text(&text).map_or_else(|found| found, |loaded| loaded.warnings);
        let shown = shown(&found);
        prop_assert_eq!(leak(&shown), None, "{}\n=====\n{}", text, shown);
    }

    #[test]
    fn no_value_of_the_access_to_deltastream_is_ever_shown(
        canary in CANARY,
        damages in damages(2),
    ) {
        let text = format!(
            "profiles:\n  prod:\n    deltastream:\n      url: https://{canary}:{canary}@{canary}\n      token: {canary}\n      \
             organization: {canary}\n      role: {{{canary}}}\n      {canary}: x\n      proxy: {canary}\n      timeouts: {{{canary}}}\n"
        );
        let text = damages.iter().fold(text, |text, damage| damaged(&text, damage));
        let found = load_project(&text).err().unwrap_or_default();
        let shown = shown(&found);
        prop_assert_eq!(leak(&shown), None, "{}\n=====\n{}", text, shown);
    }
}

#[test]
fn a_part_of_a_canary_is_found() {
    assert_eq!(leak("unknown field `ab qxzjqx`").as_deref(), Some("qxzjq"));
    assert_eq!(leak("unknown field `…`"), None);
}
