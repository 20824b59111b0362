//! The text of one file and its lines.
//!
//! Positions come from the YAML reader; lines are looked up here for diagnostics only, so that reading stays linear.

use std::cell::OnceCell;

use super::limits;
use super::yaml::Mark;
use crate::domain::diagnostic::{Label, Span};

/// The text of one file.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    text: String,
    /// Where each line begins, found when the first one is asked for.
    starts: OnceCell<Vec<usize>>,
}

impl Source {
    /// A text and the name of its file. A byte order mark is dropped: columns do not count it.
    pub(super) fn new(name: String, mut text: String) -> Self {
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Self { name, text, starts: OnceCell::new() }
    }

    /// The file, as the user named it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A label on a marked place; it covers one character at least and ends with the line.
    pub(super) fn label(&self, mark: Mark, text: impl Into<String>) -> Label {
        let line = self.shown_line(mark.line);
        let length = line.map_or(mark.length, |line| {
            let rest = line.chars().count().saturating_sub(mark.column.saturating_sub(1) as usize);
            mark.length.min(u32::try_from(rest).unwrap_or(u32::MAX))
        });
        Label {
            span: Span {
                file: self.name.clone(),
                line: mark.line,
                column: mark.column,
                length: length.max(1),
            },
            source: line.map(str::to_owned),
            text: text.into(),
        }
    }

    /// What is written at the marked place, as far as it stands on one line; empty when the line is not shown.
    pub(super) fn slice(&self, mark: Mark) -> String {
        let skipped = mark.column.saturating_sub(1) as usize;
        let line = self.shown_line(mark.line).unwrap_or_default();
        line.chars().skip(skipped).take(mark.length as usize).collect()
    }

    /// The line, unless it is longer than anybody could read, or may hold the password of a URL.
    fn shown_line(&self, number: u32) -> Option<&str> {
        Some(self.line(number))
            .filter(|line| line.len() <= limits::SHOWN_LINE_BYTES)
            .filter(|line| !line.split_once("://").is_some_and(|(_, rest)| rest.contains('@')))
    }

    /// The line without its end; empty when there is none of this number.
    fn line(&self, number: u32) -> &str {
        let starts = self.starts.get_or_init(|| line_starts(&self.text));
        let index = (number as usize).saturating_sub(1);
        let from = starts.get(index).copied().unwrap_or(self.text.len());
        let to = starts.get(index + 1).copied().unwrap_or(self.text.len());
        self.text.get(from..to).unwrap_or_default().trim_end_matches(['\r', '\n'])
    }
}

/// YAML ends a line with LF, CR LF or a lone CR.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|&(at, &byte)| {
        byte == b'\n' || (byte == b'\r' && bytes.get(at + 1).is_none_or(|&next| next != b'\n'))
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let source = Source::new("f".into(), "\u{feff}a\r\nb\rc\n\nd".into());
        let lines: Vec<&str> = (1..=6).map(|number| source.line(number)).collect();
        assert_eq!(lines, ["a", "b", "c", "", "d", ""]);
    }

    #[test]
    fn a_label_ends_with_its_line_and_a_very_long_line_is_not_shown() {
        let source = Source::new("f".into(), format!("key: 中文\n{}", "x".repeat(5_000)));
        let label = source.label(Mark { line: 1, column: 6, length: 500 }, "");
        assert_eq!((label.span.length, label.source.as_deref()), (2, Some("key: 中文")));
        assert_eq!(source.label(Mark { line: 2, column: 1, length: 1 }, "").source, None);
    }
}
