//! The plan, for people. Symbols stand in column one to three, so that `grep '^ *-/+'` works; colour never carries
//! meaning alone.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::style::Style;
use super::words;
use crate::domain::address::Kind;
use crate::domain::field::FieldValue;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, DriftWord, FieldVerdict, Plan, Row};

/// The whole plan: a block for every row that is not simply kept, then strays, refusals and the summary.
pub(crate) fn render(
    plan: &Plan,
    declared: &dyn Fn(&NaturalKey) -> Vec<(String, FieldValue)>,
    style: Style,
) -> String {
    let shown: Vec<&Row> = plan.rows.iter().filter(|row| is_shown(row)).collect();
    let width = shown.iter().map(|row| row.address.to_string().width()).max().unwrap_or(0);
    let mut text = String::new();
    for row in &shown {
        text.push_str(&block(row, width, &declared(&row.key), style));
    }
    for stray in &plan.strays {
        let (symbol, word) =
            if stray.delete { (style.remove("  -"), "deleted") } else { ("  .".to_owned(), "kept") };
        text.push_str(&format!(
            "{symbol} stray {}: {} registered it and nobody declares it; {word}\n\n",
            stray.key, stray.jar_url
        ));
    }
    text
}

/// Whether a row has something to say.
fn is_shown(row: &Row) -> bool {
    row.change != Change::Keep
        || row.renamed_from.is_some()
        || row.fields.iter().any(|verdict| verdict.word == DriftWord::Ignored)
}

fn block(row: &Row, width: usize, declared: &[(String, FieldValue)], style: Style) -> String {
    let symbol = paint_symbol(row, style);
    let address = row.address.to_string();
    let pad = " ".repeat(width.saturating_sub(address.width()));
    let origin = row.origin.as_ref().map_or_else(|| row.key.to_string(), ToString::to_string);
    let mut text = format!("{symbol} {}{pad}  {}\n", style.strong(&address), style.dim(&origin));
    let mut lines: Vec<(String, String)> = Vec::new();
    if matches!(row.change, Change::Create(_)) {
        lines.push(("at".to_owned(), row.key.to_string()));
        lines.extend(declared.iter().map(|(field, value)| (field.clone(), style.add(&value.to_string()))));
    } else {
        lines.extend(
            row.fields.iter().map(|verdict| (verdict.field.clone(), field(verdict, row.address.kind, style))),
        );
    }
    let names = lines.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, value) in lines {
        let pad = " ".repeat(names.saturating_sub(name.width()));
        let below = format!("\n{}", " ".repeat(6 + names));
        text.push_str(&format!("      {name}{pad} : {}\n", value.replace('\n', &below)));
    }
    for reason in words::reasons(row) {
        let reason =
            if matches!(row.change, Change::Blocked(_)) { style.error(&reason) } else { style.dim(&reason) };
        text.push_str(&format!("      {reason}\n"));
    }
    text.push('\n');
    text
}

fn paint_symbol(row: &Row, style: Style) -> String {
    let symbol = format!("{:>3}", words::symbol(row));
    match &row.change {
        Change::Create(_) => style.add(&symbol),
        Change::Update(_) | Change::Keep => style.change(&symbol),
        Change::Replace(_) | Change::Delete(_) => style.remove(&symbol),
        Change::Adopt(_) => style.adopt(&symbol),
        Change::Forget(_) => style.dim(&symbol),
        Change::Blocked(_) => style.error(&symbol),
    }
}

/// One field: what it is and what it becomes, with the word on how it stands.
fn field(verdict: &FieldVerdict, kind: Kind, style: Style) -> String {
    let from = match verdict.word {
        DriftWord::Changed | DriftWord::Ignored => verdict.live.as_ref().or(verdict.recorded.as_ref()),
        _ => verdict.live.as_ref(),
    };
    let mut text = match (verdict.word, from, &verdict.desired) {
        (DriftWord::Unverifiable, _, Some(want)) => match kind {
            Kind::FlinkConnector => {
                format!("? {want}  (assumed: no read shows it; --replace forces a registration)")
            }
            Kind::Store => format!("? {want}  (assumed: a listing does not show it)"),
        },
        (DriftWord::Agreed, _, Some(want)) => format!("{want}  (live has it already)"),
        // Two secrets look the same: that they differ is what there is to see.
        (_, Some(FieldValue::Sealed(_)), Some(want))
            if from.map(ToString::to_string) == Some(want.to_string()) =>
        {
            style.change(&format!("{want} changed"))
        }
        (_, Some(from), Some(want)) => arrow(from, want, style),
        (_, None, Some(want)) => format!("(not recorded) -> {}", style.add(&want.to_string())),
        (_, Some(from), None) => format!("{} -> (no longer declared)", style.remove(&from.to_string())),
        (_, None, None) => "(unknown)".to_owned(),
    };
    match verdict.word {
        DriftWord::Drifted => text.push_str("  drifted: live moved"),
        DriftWord::Conflict => {
            text.push_str("  conflict: manifest and live both moved");
            if let Some(recorded) = &verdict.recorded {
                text.push_str(&format!(" from {recorded}"));
            }
        }
        DriftWord::Ignored => text.push_str("  ignored by lifecycle.ignoreFields"),
        DriftWord::Changed | DriftWord::Agreed | DriftWord::Unverifiable => {}
    }
    if verdict.forces {
        text.push_str("  forces replacement");
    }
    text
}

/// Values that together are wider than this stand on two lines, one below the other: what differs is seen at once.
const ONE_LINE: usize = 72;

/// `old -> new`, with the parts that differ underlined where there is colour.
fn arrow(from: &FieldValue, want: &FieldValue, style: Style) -> String {
    let (from, want) = (from.to_string(), want.to_string());
    let gap = if from.width() + want.width() > ONE_LINE { "\n" } else { " " };
    if !style.paints() {
        return format!("{from}{gap}-> {want}");
    }
    let (old, new) = (pieces(&from), pieces(&want));
    let diff = TextDiff::from_slices(&old, &new);
    let word = |text: &str| text.contains(char::is_alphanumeric);
    let related = diff.iter_all_changes().any(|part| part.tag() == ChangeTag::Equal && word(part.value()));
    let side = |keep: ChangeTag, paint: &dyn Fn(&str) -> String| -> String {
        diff.iter_all_changes()
            .filter(|change| change.tag() == ChangeTag::Equal || change.tag() == keep)
            .map(|change| match change.tag() {
                ChangeTag::Insert | ChangeTag::Delete if related => style.differs(&paint(change.value())),
                _ => paint(change.value()),
            })
            .collect()
    };
    format!(
        "{}{gap}-> {}",
        side(ChangeTag::Delete, &|text| style.remove(text)),
        side(ChangeTag::Insert, &|text| style.add(text))
    )
}

/// Words and the characters between them: in a URL or a path only the part that differs is to be seen.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> FieldValue {
        FieldValue::Text(value.to_owned())
    }

    #[test]
    fn only_the_part_of_a_url_that_differs_is_underlined() {
        let shown = arrow(&text("oss://b/a-1.4.2.jar"), &text("oss://b/a-1.5.2.jar"), Style::new(true));
        let style = Style::new(true);
        assert!(shown.contains(&style.differs(&style.remove("4"))), "{shown:?}");
        assert!(shown.contains(&style.differs(&style.add("5"))), "{shown:?}");
        assert!(!shown.contains(&style.differs(&style.remove("oss"))), "{shown:?}");
    }

    #[test]
    fn values_with_nothing_in_common_are_not_underlined() {
        let shown = arrow(&FieldValue::Flag(true), &FieldValue::Flag(false), Style::new(true));
        let style = Style::new(true);
        assert_eq!(shown, format!("{} -> {}", style.remove("true"), style.add("false")));
    }

    #[test]
    fn long_values_stand_below_each_other() {
        let (old, new) =
            (format!("oss://{}/1.jar", "b".repeat(40)), format!("oss://{}/2.jar", "b".repeat(40)));
        assert_eq!(arrow(&text(&old), &text(&new), Style::new(false)), format!("{old:?}\n-> {new:?}"));
        assert_eq!(arrow(&text("a"), &text("b"), Style::new(false)), "\"a\" -> \"b\"");
    }
}
