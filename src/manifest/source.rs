//! The text of one file and its lines.
//!
//! Positions come from the YAML reader; lines are looked up here for diagnostics only, so that reading stays linear.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::yaml::Mark;
use super::{limits, veil};
use crate::domain::diagnostic::{Label, Span};

/// The text of one file.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    folder: PathBuf,
    text: String,
    /// Where each line begins, found when the first one is asked for.
    starts: OnceLock<Vec<u32>>,
    /// The first line of each document, and whether it may hold secrets; found with the first line that is asked for.
    documents: OnceLock<Vec<(u32, bool)>>,
    /// Whether it cannot be told where a document ends.
    is_unreadable: AtomicBool,
}

/// Bytes that cannot be read as YAML by every reader in the same way.
#[derive(Debug)]
pub(super) struct Flawed {
    /// The text, with replacements for what is no text.
    pub(super) source: Source,
    /// Where the flaw is.
    pub(super) at: Mark,
    /// What it is.
    pub(super) flaw: Flaw,
}

/// What is wrong with bytes before they are YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Not UTF-8.
    NotUtf8,
    /// A character that ends a line in YAML 1.1 and is text in YAML 1.2.
    LineEnd(char),
}

impl Source {
    /// The text of a file of this name. A byte order mark is dropped: columns do not count it.
    ///
    /// # Errors
    /// [`Flawed`], with the first flaw.
    pub(super) fn new(name: String, mut bytes: Vec<u8>) -> Result<Self, Box<Flawed>> {
        if bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(.."\u{feff}".len());
        }
        let (text, flaw) = match String::from_utf8(bytes) {
            Ok(text) => {
                let line_end =
                    text.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'));
                (text, line_end.map(|(at, c)| (at, Flaw::LineEnd(c))))
            }
            Err(error) => {
                let flaw = (error.utf8_error().valid_up_to(), Flaw::NotUtf8);
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(flaw))
            }
        };
        let folder = PathBuf::from(".");
        let is_unreadable = AtomicBool::new(flaw.is_some());
        let (starts, documents) = (OnceLock::new(), OnceLock::new());
        let source = Self { name, folder, text, starts, documents, is_unreadable };
        match flaw {
            None => Ok(source),
            Some((byte, flaw)) => Err(Box::new(Flawed { at: source.mark_at(byte), source, flaw })),
        }
    }

    /// The same, with the folder in which the relative paths of the text begin; without one it is the working folder.
    #[must_use]
    pub(super) fn below(self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..self }
    }

    /// The file, as the user named it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The folder in which relative paths begin.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A label on a marked place; it covers one character at least and ends with the line. In a document that may hold
    /// secrets the line is shown without its values.
    pub(super) fn label(&self, mark: Mark, text: impl Into<String>) -> Label {
        self.label_behind(self.is_veiled(mark), mark, text)
    }

    /// The same, behind a veil or not.
    pub(super) fn label_behind(&self, is_veiled: bool, mark: Mark, text: impl Into<String>) -> Label {
        let line = self.shown_line(mark.line);
        let length = line.map_or(mark.length, |line| {
            let rest = line.chars().count().saturating_sub(mark.column.saturating_sub(1) as usize);
            mark.length.min(u32::try_from(rest).unwrap_or(u32::MAX))
        });
        let (line, length) = match line {
            Some(line) if is_veiled => {
                let (line, is_there) = veil::veiled(line, mark.column);
                (Some(line), if is_there { length } else { 1 })
            }
            line => (line.map(str::to_owned), length),
        };
        Label {
            span: Span {
                file: self.name.clone(),
                line: mark.line,
                column: mark.column,
                length: length.max(1),
            },
            source: line,
            text: text.into(),
        }
    }

    /// Forgets what an earlier reading found: it may have gone further than the one that counts.
    pub(super) fn is_read_again(&self) {
        self.is_unreadable.store(false, Ordering::Relaxed);
    }

    /// From now on: if any document may hold secrets, all of them may. What is not YAML has no documents, and the place of
    /// an error may be far behind its cause.
    pub(super) fn distrust(&self) {
        self.is_unreadable.store(true, Ordering::Relaxed);
    }

    /// Whether the document at this place may hold secrets.
    pub(super) fn is_veiled(&self, mark: Mark) -> bool {
        if self.is_unreadable.load(Ordering::Relaxed) {
            return self.documents().iter().any(|(_, veiled)| *veiled);
        }
        let documents = self.documents();
        let index = documents.partition_point(|(first, _)| *first <= mark.line);
        documents.get(index.saturating_sub(1)).is_some_and(|(_, veiled)| *veiled)
    }

    /// A line that begins with `---` and a blank, or holds nothing else, ends a document whatever stands before it.
    /// `-----BEGIN …` does not.
    fn documents(&self) -> &[(u32, bool)] {
        self.documents.get_or_init(|| {
            let count = u32::try_from(self.starts().len()).unwrap_or(u32::MAX);
            let mut firsts: Vec<u32> = vec![1];
            let ends_document = |line: &str| {
                line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
            };
            firsts.extend((2..=count).filter(|line| ends_document(self.line(*line))));
            let start = |line: u32| self.starts().get(line as usize - 1).map_or(0, |start| *start as usize);
            let ends = firsts.iter().skip(1).map(|line| start(*line)).chain([self.text.len()]);
            let text = |first, end| self.text.get(start(first)..end).unwrap_or_default();
            let needs =
                firsts.iter().zip(ends).map(|(first, end)| (*first, veil::is_needed(text(*first, end))));
            let needs: Vec<(u32, Option<bool>)> = needs.collect();
            let somewhere = needs.iter().any(|(_, need)| *need == Some(true));
            needs.into_iter().map(|(first, need)| (first, need.unwrap_or(somewhere))).collect()
        })
    }

    /// Marks the character that begins at a byte.
    fn mark_at(&self, byte: usize) -> Mark {
        let line = self.starts().partition_point(|start| *start as usize <= byte).max(1);
        let start = self.starts().get(line - 1).copied().unwrap_or(0) as usize;
        let column = self.text.get(start..byte).unwrap_or_default().chars().count() + 1;
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Mark { line: narrow(line), column: narrow(column), length: 1 }
    }

    /// The place of the n-th occurrence of a text, counted from 0, within a marked place; the marked place itself when it
    /// is written there in another way.
    pub(super) fn nth(&self, text: &str, n: usize, mark: Mark) -> Mark {
        let start = self.starts().get((mark.line as usize).saturating_sub(1)).copied().unwrap_or(0) as usize;
        let bytes = |text: &str, chars: u32| {
            text.char_indices().nth(chars as usize).map_or(text.len(), |(byte, _)| byte)
        };
        let from = self.text.get(start..).unwrap_or_default();
        let skipped = bytes(from, mark.column.saturating_sub(1));
        let marked = from.get(skipped..).unwrap_or_default();
        let marked = marked.get(..bytes(marked, mark.length)).unwrap_or_default();
        match marked.match_indices(text).nth(n) {
            Some((found, _)) => {
                let length =
                    marked.get(found..).and_then(|rest| rest.find('}')).map_or(text.len(), |end| end + 1);
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                Mark { length, ..self.mark_at(start + skipped + found) }
            }
            None => mark,
        }
    }

    /// The byte at which the marked place begins; the end of the text when there is none.
    pub(super) fn offset(&self, mark: Mark) -> usize {
        let line = self.line(mark.line);
        let before = line.char_indices().nth(mark.column.saturating_sub(1) as usize);
        let start = self.starts().get((mark.line as usize).saturating_sub(1));
        start.map_or(self.text.len(), |start| *start as usize + before.map_or(line.len(), |(at, _)| at))
    }

    /// What is written at the marked place, for comparing and never for showing.
    pub(super) fn raw(&self, mark: Mark) -> &str {
        let rest = self.text.get(self.offset(mark)..).unwrap_or_default();
        let end = rest.char_indices().nth(mark.length as usize).map_or(rest.len(), |(at, _)| at);
        rest.get(..end).unwrap_or_default()
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

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| line_starts(&self.text))
    }

    /// The line without its end; empty when there is none of this number.
    fn line(&self, number: u32) -> &str {
        let starts = self.starts();
        let index = (number as usize).saturating_sub(1);
        let start = |index: usize| starts.get(index).map_or(self.text.len(), |start| *start as usize);
        let (from, to) = (start(index), start(index + 1));
        self.text.get(from..to).unwrap_or_default().trim_end_matches(['\r', '\n'])
    }
}

/// The byte at which each line begins. YAML ends a line with LF, CR LF or a lone CR. Counted first, so that a file of
/// nothing but line ends costs four bytes each and no more.
fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let ends = || {
        bytes.iter().zip(1_u32..).filter(|&(byte, next)| {
            *byte == b'\n' || (*byte == b'\r' && bytes.get(next as usize).is_none_or(|byte| *byte != b'\n'))
        })
    };
    let mut starts = Vec::with_capacity(1 + ends().count());
    starts.push(0);
    starts.extend(ends().map(|(_, next)| next));
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let source = Source::new("f".into(), "\u{feff}a\r\nb\rc\n\nd".into()).unwrap();
        let lines: Vec<&str> = (1..=6).map(|number| source.line(number)).collect();
        assert_eq!(lines, ["a", "b", "c", "", "d", ""]);
    }

    #[test]
    fn a_label_ends_with_its_line_and_a_very_long_line_is_not_shown() {
        let source = Source::new("f".into(), format!("key: 中文\n{}", "x".repeat(5_000)).into()).unwrap();
        let label = source.label(Mark { line: 1, column: 6, length: 500 }, "");
        assert_eq!((label.span.length, label.source.as_deref()), (2, Some("key: 中文")));
        assert_eq!(source.label(Mark { line: 2, column: 1, length: 1 }, "").source, None);
    }

    #[test]
    fn only_the_documents_that_may_hold_secrets_are_veiled() {
        let text = "kind: FlinkConnector\nname: a\n---\nkind: Store\nname: b\n--- # part of it?\nname: c\n";
        let source = Source::new("f".into(), text.into()).unwrap();
        let line = |line| source.label(Mark { line, column: 1, length: 100 }, "").source.unwrap();
        assert_eq!([line(2), line(5), line(7)], ["name: a", "name: …", "name: …"]);
        let pasted = "kind: Store\nspec:\n-----BEGIN\nkind: x\nhunter2\n";
        let pasted = Source::new("f".into(), pasted.into()).unwrap();
        assert_eq!(pasted.label(Mark { line: 5, column: 1, length: 1 }, "").source.as_deref(), Some("…"));
        source.distrust();
        assert_eq!([line(2), line(5), line(7)], ["name: …"; 3]);
    }
}
