//! The one text of a value: what checksums are made of and what evidence shows.
//!
//! | values | text |
//! |---|---|
//! | NULL | `NULL` |
//! | BOOLEAN, integers | `true`, `-5` |
//! | DECIMAL | its digits, without zeros at the end of the fraction |
//! | FLOAT, DOUBLE | the shortest digits that are read back as the same number, always with a point or an exponent; `NaN`, `Infinity`, `-Infinity`; one zero: `0.0` |
//! | DATE, TIME, TIMESTAMP, `TIMESTAMP_LTZ` | `2024-02-29`, `23:59:59.5`, `2024-02-29T23:59:59.5`, the last with a `Z` |
//! | texts | in quotes, escaped as in JSON |
//! | bytes | `x'00ff'` |
//! | ARRAY, MAP, ROW | `[a,b]`, `{k:v}` ordered by key, `(a,b)` |

use super::read::{Unreadable, octets, read_text};
use super::read_json::{plain, push_quoted};
use super::{Map, Row, Value};
use crate::domain::suite::types::{FlinkKind, FlinkType};

impl Value {
    /// The one text of this value. Two values of a type are equal exactly when these are.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    /// Appends the one text of this value.
    pub fn write_canonical(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("NULL"),
            Self::Boolean(truth) => text.push_str(if *truth { "true" } else { "false" }),
            Self::Integer(number) => text.push_str(&number.to_string()),
            Self::Decimal(decimal) => text.push_str(decimal.canonical()),
            Self::Float(number) if number.is_finite() => text.push_str(&format!("{:?}", number + 0.0)),
            Self::Double(number) if number.is_finite() => text.push_str(&format!("{:?}", number + 0.0)),
            Self::Text(written) => push_quoted(text, written),
            Self::Bytes(bytes) => {
                text.push_str("x'");
                for byte in bytes {
                    text.push_str(&format!("{byte:02x}"));
                }
                text.push('\'');
            }
            Self::Array(values) => separated(text, ('[', ']'), values.iter(), Self::write_canonical_of),
            Self::Map(map) => separated(text, ('{', '}'), map.entries().iter(), |text, (key, value)| {
                key.write_canonical(text);
                text.push(':');
                value.write_canonical(text);
            }),
            Self::Row(row) => separated(text, ('(', ')'), row.values().iter(), Self::write_canonical_of),
            scalar => text.push_str(&plain(scalar).unwrap_or_default()),
        }
    }

    fn write_canonical_of(text: &mut String, value: &Self) {
        value.write_canonical(text);
    }

    /// The value of this type with this canonical text.
    ///
    /// # Errors
    /// [`Unreadable`]
    pub fn from_canonical(declared: &FlinkType, text: &str) -> Result<Self, Unreadable> {
        let mut rest = text;
        let value = read(declared, &mut rest)?;
        if rest.is_empty() { Ok(value) } else { Err(ILL_FORMED) }
    }
}

impl Row {
    /// The one text of this row: `(a,b)`.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        separated(&mut text, ('(', ')'), self.values().iter(), Value::write_canonical_of);
        text
    }
}

const ILL_FORMED: Unreadable = Unreadable::Malformed { wanted: "canonical text" };

fn separated<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(close);
}

fn read(declared: &FlinkType, rest: &mut &str) -> Result<Value, Unreadable> {
    if take(rest, "NULL") {
        return if declared.nullable { Ok(Value::Null) } else { Err(Unreadable::Null) };
    }
    match &declared.kind {
        kind @ (FlinkKind::Char(_) | FlinkKind::VarChar(_)) => read_text(kind, &quoted(rest)?),
        kind @ (FlinkKind::Binary(_) | FlinkKind::VarBinary(_)) => {
            if !take(rest, "x'") {
                return Err(ILL_FORMED);
            }
            let (digits, behind) = rest.split_once('\'').ok_or(ILL_FORMED)?;
            *rest = behind;
            octets(kind, hex(digits).ok_or(ILL_FORMED)?).map(Value::Bytes)
        }
        FlinkKind::Array(element) => {
            let mut values = Vec::new();
            each(rest, ('[', ']'), |rest| {
                values.push(read(element, rest)?);
                Ok(())
            })?;
            Ok(Value::Array(values.into_boxed_slice()))
        }
        FlinkKind::Map(key, value) => {
            let mut entries = Vec::new();
            each(rest, ('{', '}'), |rest| {
                let key = read(key, rest)?;
                if !take(rest, ":") {
                    return Err(ILL_FORMED);
                }
                entries.push((key, read(value, rest)?));
                Ok(())
            })?;
            Ok(Value::Map(entries.into_iter().collect::<Map>()))
        }
        FlinkKind::Row(fields) => {
            let (mut values, mut declared) = (Vec::new(), fields.iter());
            each(rest, ('(', ')'), |rest| {
                let field = declared.next().ok_or(ILL_FORMED)?;
                values.push(read(&field.value, rest)?);
                Ok(())
            })?;
            if values.len() == fields.len() { Ok(Value::Row(values.into())) } else { Err(ILL_FORMED) }
        }
        // A scalar ends where its surroundings go on. A map's key is the only one before a colon, and times have colons too.
        kind => scalar(kind, rest),
    }
}

/// The longest start of the rest that is a value of this scalar type and after which the surroundings go on.
fn scalar(kind: &FlinkKind, rest: &mut &str) -> Result<Value, Unreadable> {
    let end = rest.find([',', ']', '}', ')']).unwrap_or(rest.len());
    let (all, _) = rest.split_at_checked(end).ok_or(ILL_FORMED)?;
    let colons = all.rmatch_indices(':').map(|(at, _)| at);
    let mut first = None;
    for at in std::iter::once(end).chain(colons) {
        let (text, behind) = rest.split_at_checked(at).ok_or(ILL_FORMED)?;
        match read_text(kind, text) {
            Ok(value) => {
                *rest = behind;
                return Ok(value);
            }
            Err(problem) => first = first.or(Some(problem)),
        }
    }
    Err(first.unwrap_or(ILL_FORMED))
}

fn take(rest: &mut &str, start: &str) -> bool {
    match rest.strip_prefix(start) {
        Some(behind) => {
            *rest = behind;
            true
        }
        None => false,
    }
}

/// Reads what stands between two brackets, separated by commas.
fn each<'a>(
    rest: &mut &'a str,
    (open, close): (char, char),
    mut item: impl FnMut(&mut &'a str) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    *rest = rest.strip_prefix(open).ok_or(ILL_FORMED)?;
    let mut first = true;
    loop {
        if let Some(behind) = rest.strip_prefix(close).filter(|_| first) {
            *rest = behind;
            return Ok(());
        }
        item(rest)?;
        first = false;
        if let Some(behind) = rest.strip_prefix(close) {
            *rest = behind;
            return Ok(());
        }
        *rest = rest.strip_prefix(',').ok_or(ILL_FORMED)?;
    }
}

fn quoted(rest: &mut &str) -> Result<String, Unreadable> {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at + 1)
    });
    let (text, behind) = rest.split_at_checked(end.ok_or(ILL_FORMED)?).ok_or(ILL_FORMED)?;
    *rest = behind;
    serde_json::from_str(text).ok().ok_or(ILL_FORMED)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}
