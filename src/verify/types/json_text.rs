//! JSON by its structure: members ordered, no blanks, numbers by their value, of doubled members the last.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::verify::row::{Decimal, Value};

/// MySQL reads no deeper.
const LEVELS: usize = 100;

/// The one text of what a JSON text says; `None` when it is no JSON, or deeper than 100 levels.
pub(super) fn canonical(text: &str) -> Option<String> {
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    let mut written = String::with_capacity(text.len());
    write(&mut written, raw, 0)?;
    Some(written)
}

fn write(written: &mut String, raw: &RawValue, level: usize) -> Option<()> {
    if level > LEVELS {
        return None;
    }
    let text = raw.get();
    match text.as_bytes().first()? {
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            written.push('[');
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                write(written, item, level + 1)?;
            }
            written.push(']');
        }
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            written.push('{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                written.push_str(&serde_json::to_string(&name).ok()?);
                written.push(':');
                write(written, member, level + 1)?;
            }
            written.push('}');
        }
        // One spelling of every escape.
        b'"' => {
            let plain: String = serde_json::from_str(text).ok()?;
            written.push_str(&serde_json::to_string(&plain).ok()?);
        }
        b'-' | b'0'..=b'9' => match Decimal::parse(text) {
            Some(number) => Value::Decimal(number).write_canonical(written),
            None => written.push_str(text),
        },
        _ => written.push_str(text),
    }
    Some(())
}
