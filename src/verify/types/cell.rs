//! One cell on its way to a server or back, in the forms of MySQL's protocol.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::verify::row::civil;

/// What a statement is given for a column, and what comes back for it: the text protocol returns texts and bytes alone,
/// the binary protocol any of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// NULL
    Null,
    /// A signed integer.
    Integer(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A 32-bit float.
    Float(f32),
    /// A 64-bit float.
    Double(f64),
    /// A date.
    Date(Date),
    /// A civil time, with microseconds.
    DateTime(DateTime),
    /// A `TIME`: ±838:59:59, with microseconds.
    Time(SignedDuration),
    /// A text, a decimal number among them.
    Text(Cow<'a, str>),
    /// Bytes that are no text, or that nobody has looked at yet.
    Bytes(Cow<'a, [u8]>),
}

impl Cell<'_> {
    /// Appends the cell as a literal of a statement in `utf8mb4`, for a session without `NO_BACKSLASH_ESCAPES`.
    pub fn write_literal(&self, statement: &mut String) {
        match self {
            Self::Null => statement.push_str("NULL"),
            Self::Integer(number) => statement.push_str(&number.to_string()),
            Self::Unsigned(number) => statement.push_str(&number.to_string()),
            // Without an exponent a literal is a decimal number, which servers limit to 65 digits.
            Self::Float(number) => statement.push_str(&format!("{:e}", f64::from(*number))),
            Self::Double(number) => statement.push_str(&format!("{number:e}")),
            Self::Date(_) | Self::DateTime(_) | Self::Time(_) => {
                statement.push('\'');
                statement.push_str(&self.clock_text());
                statement.push('\'');
            }
            Self::Text(text) => {
                statement.push('\'');
                for c in text.chars() {
                    match c {
                        '\'' => statement.push_str("''"),
                        '\\' => statement.push_str("\\\\"),
                        '\0' => statement.push_str("\\0"),
                        c => statement.push(c),
                    }
                }
                statement.push('\'');
            }
            Self::Bytes(bytes) => {
                statement.push_str("x'");
                for byte in bytes.iter() {
                    statement.push_str(&format!("{byte:02x}"));
                }
                statement.push('\'');
            }
        }
    }

    fn clock_text(&self) -> compact_str::CompactString {
        let mut text = compact_str::CompactString::with_capacity(0);
        match self {
            Self::Date(date) => civil::write_date(&mut text, *date),
            Self::DateTime(civil) => civil::write_datetime(&mut text, *civil, ' '),
            Self::Time(since) => civil::write_time(&mut text, *since),
            _ => {}
        }
        text
    }

    /// How many bytes it has in a statement's packet, roughly: for keeping a batch below the server's limit.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Null => 1,
            Self::Text(text) => text.len() + 9,
            Self::Bytes(bytes) => bytes.len() + 9,
            _ => 13,
        }
    }
}
