//! One record of a CSV file in its cells, as RFC 4180 says.
//!
//! Our own reader, because it must tell an empty cell from an empty text in quotes, and must not read a file of many
//! gigabytes into memory when a quote is never closed; tests compare it with the usual library.

use std::borrow::Cow;

use super::error::RecordProblem;

/// A cell: `None` is an empty one without quotes, which means NULL.
pub(super) type Cell<'a> = Option<Cow<'a, str>>;

/// Where in a record its bytes have come to: whether the end of a line is also that of the record.
///
/// A quote inside of a cell that did not begin with one opens nothing, so that it spoils its own record only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scan {
    /// At the beginning of a cell.
    #[default]
    Start,
    /// In a cell, outside of quotes.
    Bare,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes: it closes them, or is the first of two.
    Closing,
}

impl Scan {
    /// Goes on through these bytes.
    pub(super) fn through(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |scan, byte| match (scan, byte) {
            (Self::Quoted, b'"') => Self::Closing,
            (Self::Start | Self::Closing, b'"') | (Self::Quoted, _) => Self::Quoted,
            (_, b',') => Self::Start,
            _ => Self::Bare,
        })
    }

    /// Whether a quote is open.
    pub(super) fn is_open(self) -> bool {
        self == Self::Quoted
    }
}

/// The cells of a record without its line end.
pub(super) fn cells(record: &str) -> Result<Vec<Cell<'_>>, RecordProblem> {
    let mut cells = Vec::new();
    let mut rest = record;
    loop {
        let stray = RecordProblem::StrayQuote { cell: cells.len() + 1 };
        let (cell, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            let (text, behind) = until_quote(quoted).ok_or(RecordProblem::OpenQuote)?;
            (Some(text), behind)
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            if text.contains('"') {
                return Err(stray);
            }
            ((!text.is_empty()).then_some(Cow::Borrowed(text)), behind)
        };
        cells.push(cell);
        rest = match behind.strip_prefix(',') {
            Some(next) => next,
            None if behind.is_empty() => return Ok(cells),
            None => return Err(stray),
        };
    }
}

/// The text up to the closing quote, and what stands behind it.
fn until_quote(quoted: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let at = from + quoted.get(from..)?.find('"')?;
        let behind = quoted.get(at + 1..)?;
        if behind.starts_with('"') {
            from = at + 2;
            continue;
        }
        let text = quoted.get(..at)?;
        let doubled = from > 0;
        return Some((if doubled { text.replace("\"\"", "\"").into() } else { text.into() }, behind));
    }
}
