//! Text that fits: shortened in the middle or wrapped between words, by what a terminal shows. Only for terminals; in
//! pipes and files everything stays whole.

use unicode_width::UnicodeWidthStr;

/// Stands for what was left out.
const LEFT_OUT: &str = "…";
/// What stays of the common beginning and the common end of two values that differ in between.
const CONTEXT: usize = 24;
/// How an invisible character of a quoted value begins; it ends with a brace.
const ESCAPE: &str = "\\u{";
/// Joins two characters into one that is shown.
const JOINER: char = '\u{200D}';

/// A text without anything that would move the cursor.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Whether a value stands whole however long it is: a part of a URL cannot be copied.
fn is_whole(text: &str) -> bool {
    text.contains("://")
}

/// A value in this many columns, shortened in the middle; a URL stays whole.
pub(super) fn value(text: &str, columns: Option<usize>) -> String {
    match columns {
        Some(columns) if !is_whole(text) => shorten(text, columns),
        _ => text.to_owned(),
    }
}

/// Two values, each in this many columns, so that what differs stays in sight.
pub(super) fn pair(from: &str, to: &str, columns: Option<usize>) -> (String, String) {
    let Some(columns) = columns else { return (from.to_owned(), to.to_owned()) };
    if from.width().max(to.width()) <= columns || is_whole(from) || is_whole(to) {
        return (from.to_owned(), to.to_owned());
    }
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = from.chars().zip(to.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (from_rest, to_rest) = (from.get(head..).unwrap_or(""), to.get(head..).unwrap_or(""));
    let ends = from_rest.chars().rev().zip(to_rest.chars().rev());
    let tail: usize = ends.take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let around = |text: &str| {
        let (head, rest) = text.split_at_checked(head).unwrap_or(("", text));
        let (middle, tail) = rest.split_at_checked(rest.len().saturating_sub(tail)).unwrap_or((rest, ""));
        shorten(&format!("{}{middle}{}", shorten(head, CONTEXT), shorten(tail, CONTEXT)), columns)
    };
    (around(from), around(to))
}

/// A text in this many columns: what is too much is left out in the middle, and no character is cut in two.
pub(super) fn shorten(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let bounds: Vec<usize> = bounds(text);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let head = bounds.iter().copied().take_while(|end| part(0, *end).width() <= room.div_ceil(2)).last();
    let head = head.unwrap_or(0);
    let left = room.saturating_sub(part(0, head).width());
    let tail =
        bounds.iter().rev().copied().take_while(|start| part(*start, text.len()).width() <= left).last();
    format!("{}{LEFT_OUT}{}", part(0, head), part(tail.unwrap_or(text.len()), text.len()))
}

/// Where a text may be cut: not before what belongs to the character in front of it, and not within an escape.
fn bounds(text: &str) -> Vec<usize> {
    let mut bounds = vec![0];
    let mut joined = false;
    let mut escape_ends = text.starts_with(ESCAPE).then(|| text.find('}')).flatten().unwrap_or(0);
    for (at, c) in text.char_indices().skip(1) {
        let within = at <= escape_ends;
        if !within && text.get(at..).is_some_and(|rest| rest.starts_with(ESCAPE)) {
            escape_ends = text.get(at..).and_then(|rest| rest.find('}')).map_or(at, |end| at + end);
        }
        let belongs = within || joined || unicode_width::UnicodeWidthChar::width(c) == Some(0);
        joined = c == JOINER;
        if !belongs {
            bounds.push(at);
        }
    }
    bounds.push(text.len());
    bounds
}

/// Lines of this many columns, broken between words. A word that is longer stands alone and whole.
pub(super) fn wrap(text: &str, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_too_long_is_left_out_in_the_middle() {
        assert_eq!(shorten("abcdefghij", 10), "abcdefghij");
        assert_eq!(shorten("abcdefghij", 7), "abc…hij");
        assert_eq!(shorten("连接器连接器", 7), "连…接器");
        assert_eq!(shorten("👩‍👩‍👧x👩‍👩‍👧y👩‍👩‍👧", 5), "👩‍👩‍👧…👩‍👩‍👧");
        assert_eq!(shorten(r"abcdef\u{200d}gh", 12), r"abcdef…gh");
        assert_eq!(shorten("e\u{301}e\u{301}e\u{301}e\u{301}", 3), "e\u{301}…e\u{301}");
    }

    #[test]
    fn a_url_stands_whole_and_everything_stands_whole_outside_of_a_terminal() {
        let (url, text) = ("oss://bucket/a/very/long/name.jar", "a very long description of it");
        assert_eq!(value(url, Some(10)), url);
        assert_eq!(value(text, Some(9)), "a ve…f it");
        assert_eq!(value(text, None), text);
    }

    #[test]
    fn what_differs_stays_in_sight() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(60), "z".repeat(60));
        let (from, to) = pair(&long("old"), &long("new"), Some(60));
        assert!(from.contains("old") && to.contains("new"), "{from} {to}");
        assert!(from.width() <= 60 && to.width() <= 60, "{from} {to}");
    }

    #[test]
    fn lines_are_broken_between_words_only() {
        assert_eq!(
            wrap("its type is taken by ws:ns:a-long-name", Some(12)),
            ["its type is", "taken by", "ws:ns:a-long-name"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn whatever_is_shortened_fits(text in "\\PC{0,40}", columns in 1_usize..50) {
            let short = shorten(&text, columns);
            prop_assert!(short.width() <= columns, "{short:?} has {} columns", short.width());
            prop_assert!(text.width() > columns || short == text);
        }

        #[test]
        fn two_values_that_differ_look_different_where_there_is_room(
            (head, tail) in ("[a-c]{0,60}", "[a-c]{0,60}"),
            (one, other) in ("[d-f]{1,8}", "[d-f]{1,8}"),
        ) {
            let (from, to) = pair(&format!("{head}{one}{tail}"), &format!("{head}{other}{tail}"), Some(60));
            prop_assert_eq!(from == to, one == other);
        }
    }
}
