//! One field of a row: what it is, what it becomes, and the word on how it stands.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use crate::cli::render::fit;
use crate::cli::render::style::Style;
use crate::domain::address::Kind;
use crate::domain::field::FieldValue;
use crate::domain::plan::{DriftWord, FieldVerdict};

/// One field: what it is and what it becomes, with the word on how it stands.
pub(super) fn field(verdict: &FieldVerdict, kind: Kind, style: Style, room: Option<usize>) -> String {
    let shown = |value: &FieldValue| fit::value(&fit::clean(&value.to_string()), room);
    let from = from(verdict);
    let mut text = match (verdict.word, from, &verdict.desired) {
        (DriftWord::Unverifiable, _, Some(want)) => match kind {
            Kind::FlinkConnector => {
                format!("? {}  (assumed: no read shows it; --replace forces a registration)", shown(want))
            }
            Kind::Store => format!("? {}  (assumed: a listing does not show it)", shown(want)),
        },
        (DriftWord::Agreed, _, Some(want)) => format!("{}  (live has it already)", shown(want)),
        // Two secrets look the same: that they differ is what there is to see.
        (_, Some(FieldValue::Sealed(_)), Some(want))
            if from.map(ToString::to_string) == Some(want.to_string()) =>
        {
            style.change(&format!("{want} changed"))
        }
        (_, Some(from), Some(want)) => arrow(from, want, style, room),
        (_, None, Some(want)) => format!("(not recorded) -> {}", style.add(&shown(want))),
        (_, Some(from), None) => format!("{} -> (no longer declared)", style.remove(&shown(from))),
        (_, None, None) => "(unknown)".to_owned(),
    };
    text.push_str(&remark(verdict, room));
    text
}

/// The value that is replaced: what live shows, or what was applied.
fn from(verdict: &FieldVerdict) -> Option<&FieldValue> {
    match verdict.word {
        DriftWord::Changed | DriftWord::Ignored => verdict.live.as_ref().or(verdict.recorded.as_ref()),
        _ => verdict.live.as_ref(),
    }
}

/// How it came to differ, and what follows from it.
fn remark(verdict: &FieldVerdict, room: Option<usize>) -> String {
    let mut text = String::new();
    match verdict.word {
        DriftWord::Drifted => text.push_str("  drifted: live moved"),
        DriftWord::Conflict => {
            text.push_str("  conflict: manifest and live both moved");
            if let Some(recorded) = &verdict.recorded {
                text.push_str(&format!(" from {}", fit::value(&fit::clean(&recorded.to_string()), room)));
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

/// One field as lines of a diff: what is goes, what is to be comes. What is no change has one line, as in the text.
pub(super) fn diff(verdict: &FieldVerdict, kind: Kind) -> String {
    let name = &verdict.field;
    let shown = |value: &FieldValue| fit::clean(&value.to_string());
    let sides = from(verdict).map(shown).zip(verdict.desired.as_ref().map(shown));
    match sides {
        Some((from, want)) if from != want && verdict.word != DriftWord::Ignored => {
            format!("- {name} : {from}\n+ {name} : {want}{}\n", remark(verdict, None))
        }
        _ => format!("! {name} : {}\n", field(verdict, kind, Style::new(false), None).replace('\n', " ")),
    }
}

/// Values that together are wider than this stand on two lines, one below the other: what differs is seen at once.
const ONE_LINE: usize = 72;

/// `old -> new`, with the parts that differ underlined where there is colour.
fn arrow(from: &FieldValue, want: &FieldValue, style: Style, room: Option<usize>) -> String {
    // Both may stand on one line, or one below the other behind an arrow.
    let (from, want) = (fit::clean(&from.to_string()), fit::clean(&want.to_string()));
    let (from, want) = fit::pair(&from, &want, room.map(|room| room.saturating_sub(3)));
    let one_line = room.map_or(ONE_LINE, |room| room.saturating_sub(4).min(ONE_LINE));
    let gap = if from.width() + want.width() > one_line { "\n" } else { " " };
    if !style.paints() {
        return format!("{from}{gap}-> {want}");
    }
    let (old, new) = (pieces(&from), pieces(&want));
    let diff = TextDiff::from_slices(&old, &new);
    let word = |text: &str| text.contains(char::is_alphanumeric);
    let related = diff.iter_all_changes().any(|part| part.tag() == ChangeTag::Equal && word(part.value()));
    // One run of equal or of different pieces is painted at once.
    let side = |keep: ChangeTag, paint: &dyn Fn(&str) -> String| -> String {
        let parts = diff.iter_all_changes().filter(|part| [ChangeTag::Equal, keep].contains(&part.tag()));
        let mut runs: Vec<(bool, String)> = Vec::new();
        for part in parts {
            let differs = related && part.tag() == keep;
            match runs.last_mut().filter(|(last, _)| *last == differs) {
                Some((_, run)) => run.push_str(part.value()),
                None => runs.push((differs, part.value().to_owned())),
            }
        }
        let painted = |(differs, run): &(bool, String)| {
            if *differs { style.differs(&paint(run)) } else { paint(run) }
        };
        runs.iter().map(painted).collect()
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
        let shown = arrow(&text("oss://b/a-1.4.2.jar"), &text("oss://b/a-1.5.2.jar"), Style::new(true), None);
        let style = Style::new(true);
        assert!(shown.contains(&style.differs(&style.remove("4"))), "{shown:?}");
        assert!(shown.contains(&style.differs(&style.add("5"))), "{shown:?}");
        assert!(!shown.contains(&style.differs(&style.remove("oss"))), "{shown:?}");
        assert!(shown.contains(&style.remove("\"oss://b/a-1.")), "one run is painted at once: {shown:?}");
    }

    #[test]
    fn values_with_nothing_in_common_are_not_underlined() {
        let shown = arrow(&FieldValue::Flag(true), &FieldValue::Flag(false), Style::new(true), None);
        let style = Style::new(true);
        assert_eq!(shown, format!("{} -> {}", style.remove("true"), style.add("false")));
    }

    #[test]
    fn long_values_stand_below_each_other() {
        let (old, new) =
            (format!("oss://{}/1.jar", "b".repeat(40)), format!("oss://{}/2.jar", "b".repeat(40)));
        assert_eq!(arrow(&text(&old), &text(&new), Style::new(false), None), format!("{old:?}\n-> {new:?}"));
        assert_eq!(arrow(&text("a"), &text("b"), Style::new(false), None), "\"a\" -> \"b\"");
    }
}
