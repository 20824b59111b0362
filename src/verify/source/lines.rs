//! The lines of a file, one at a time and never more than a limit of one.

use std::io::{self, BufRead, Read as _};

/// A line that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It stands at the end of the buffer, with its line end.
    Whole,
    /// It is too long: it was skipped, and its first part stands in the buffer.
    TooLong,
    /// There is none.
    End,
}

/// Reads a line behind what is in the buffer, which grows to at most `limit` bytes.
pub(super) fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>, limit: usize) -> io::Result<Line> {
    let room = limit.saturating_sub(buffer.len());
    let read = reader.by_ref().take(room as u64).read_until(b'\n', buffer)?;
    if buffer.last() == Some(&b'\n') && read > 0 {
        return Ok(Line::Whole);
    }
    if read < room {
        return Ok(if read == 0 { Line::End } else { Line::Whole });
    }
    skip_line(reader)?;
    Ok(Line::TooLong)
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = reader.fill_buf()?;
        let (skipped, done) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (bytes.len(), bytes.is_empty()),
        };
        reader.consume(skipped);
        if done {
            return Ok(());
        }
    }
}
