//! The scalar values of suites: numbers with limits, shares, amounts, words, names and types.

use std::fmt::Display;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::domain::diagnostic::Code;
use crate::domain::suite::expression::Cel;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::quantity::{Bytes, Percent};
use crate::manifest::object::Field;
use crate::manifest::report::Report;
use crate::manifest::yaml::Value;
use crate::manifest::{codes, decode};

/// A whole number within limits; what is not one is told with this code.
pub(super) fn whole(
    field: &Field,
    limits: RangeInclusive<u64>,
    code: Code,
    report: &mut Report<'_>,
) -> Option<u64> {
    let number = match field.node.value {
        Value::Whole(number) if limits.contains(&number) => return Some(number),
        Value::Whole(_) | Value::Number => report.written(field.node.mark),
        Value::Text(_) => "text".to_owned(),
        _ => return decode::mismatch(field, "a whole number", report),
    };
    let (least, most) = (limits.start(), limits.end());
    let message =
        format!("`{}` is {number}, but a whole number from {least} to {most} is wanted", field.path);
    report.error(code, field.node.mark, message, "not one of them", None)
}

/// A number that is not 0.
pub(super) fn small(field: &Field, most: u16, code: Code, report: &mut Report<'_>) -> Option<NonZeroU16> {
    whole(field, 1..=most.into(), code, report).and_then(|number| NonZeroU16::new(number.try_into().ok()?))
}

/// A number that is not 0.
pub(super) fn medium(field: &Field, most: u32, code: Code, report: &mut Report<'_>) -> Option<NonZeroU32> {
    whole(field, 1..=most.into(), code, report).and_then(|number| NonZeroU32::new(number.try_into().ok()?))
}

/// A number that is not 0.
pub(super) fn large(field: &Field, most: u64, code: Code, report: &mut Report<'_>) -> Option<NonZeroU64> {
    whole(field, 1..=most, code, report).and_then(NonZeroU64::new)
}

/// A share of at most so much.
pub(super) fn share(field: Field, most: Percent, report: &mut Report<'_>) -> Option<Percent> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let share: Percent = quantity(field, "%", report)?;
    if share <= most {
        return Some(share);
    }
    let message = format!("`{path}` is {share}, and at most {most} is possible");
    report.error(codes::BAD_QUANTITY, mark, message, "too much", None)
}

/// An amount of bytes.
pub(super) fn bytes(field: Field, report: &mut Report<'_>) -> Option<Bytes> {
    quantity(field, "MiB", report)
}

fn quantity<T: FromStr<Err: Display>>(field: Field, unit: &str, report: &mut Report<'_>) -> Option<T> {
    if let Value::Whole(_) | Value::Number = field.node.value {
        let written = report.written(field.node.mark);
        let message = format!("`{}` is the number {written} without a unit", field.path);
        let help = Some(format!("add a unit: {written}{unit}"));
        return report.error(codes::BAD_QUANTITY, field.node.mark, message, "no unit", help);
    }
    decode::checked(field, codes::BAD_QUANTITY, |text| text.parse(), report)
}

/// A word of a closed set.
pub(super) fn word<T: Copy>(
    field: Field,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
    report: &mut Report<'_>,
) -> Option<T> {
    let choices: Vec<(&str, T)> = all.iter().map(|value| (as_str(*value), *value)).collect();
    decode::choice(field, &choices, report)
}

/// A name for SQL.
pub(super) fn identifier(field: Field, report: &mut Report<'_>) -> Option<Identifier> {
    decode::checked(field, codes::BAD_IDENTIFIER, Identifier::new, report)
}

/// At least one name for SQL.
pub(super) fn identifiers(field: Field, report: &mut Report<'_>) -> Option<Vec<Identifier>> {
    let names: Vec<Option<Identifier>> =
        some(field, report)?.into_iter().map(|item| identifier(item, report)).collect();
    names.into_iter().collect()
}

/// The items of a list with at least one.
pub(super) fn some(field: Field, report: &mut Report<'_>) -> Option<Vec<Field>> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let items = decode::list(field, report)?;
    if items.is_empty() {
        let message = format!("`{path}` is empty");
        return report.error(codes::NO_VALUE, mark, message, "at least one is wanted", None);
    }
    Some(items)
}

/// A type in SQL.
pub(super) fn sql_type<T: FromStr<Err: Display>>(field: Field, report: &mut Report<'_>) -> Option<T> {
    parsed(field, codes::BAD_TYPE, "a type", str::parse, report)
}

/// An expression in CEL.
pub(super) fn cel(field: Field, report: &mut Report<'_>) -> Option<Cel> {
    parsed(field, codes::BAD_EXPRESSION, "a CEL expression", Cel::new, report)
}

/// A text with a grammar of its own. What is wrong with it repeats parts of it, so it is told only where no secret can be.
fn parsed<T, E: Display>(
    field: Field,
    code: Code,
    what: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
    report: &mut Report<'_>,
) -> Option<T> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::line(field, report)?;
    match parse(&text) {
        Ok(read) => Some(read),
        Err(error) => {
            let why = error.to_string();
            let message = format!("`{path}` is not {what}: {}", report.value(mark, &why, []));
            report.error(code, mark, message, "not understood", None)
        }
    }
}

/// A path; a relative one begins at the folder of the file in which it stands.
pub(super) fn path(field: Field, report: &mut Report<'_>) -> Option<PathBuf> {
    let text = decode::line(field, report)?;
    Some(report.source().folder().join(text))
}

/// A duration of at least a millisecond.
pub(super) fn duration(field: Field, report: &mut Report<'_>) -> Option<Duration> {
    decode::duration(field, report)
}

/// Takes the field if it is there: `Some(None)` where it is not, `None` where it was reported.
#[expect(
    clippy::option_option,
    reason = "not there, reported, and read are three cases, and `?` tells two of them apart"
)]
pub(super) fn maybe<T>(field: Option<Field>, read: impl FnOnce(Field) -> Option<T>) -> Option<Option<T>> {
    match field {
        None => Some(None),
        Some(field) => read(field).map(Some),
    }
}
