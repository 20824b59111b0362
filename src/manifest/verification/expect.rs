//! Reads `expect`.

use std::collections::BTreeSet;

use super::scalar::{maybe, whole};
use crate::domain::suite::scenario::{Expect, Property};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::yaml::Mark;
use crate::manifest::{codes, decode};

/// Reads the block. `most` is how many rows there are, where that is known.
pub(super) fn read(field: Field, most: Option<u64>, report: &mut Report<'_>) -> Option<Expect> {
    let mark = field.key;
    let mut object = Object::open(field, "expect", report)?;
    let mut count = |name, report: &mut Report<'_>| {
        maybe(object.optional(name), |field| whole(&field, 0..=u64::MAX, codes::BAD_NUMBER, report))
    };
    let written = count("written", report);
    let refused = count("refused", report);
    let properties = maybe(object.optional("properties"), |field| properties(field, report));
    object.finish(report);
    let (written, refused) = (written?, refused?);
    possible(written, refused, most, mark, report)?;
    Some(Expect { written, refused, properties: properties?.unwrap_or_default() })
}

/// No more rows can come to an end than there are.
fn possible(
    written: Option<u64>,
    refused: Option<u64>,
    most: Option<u64>,
    mark: Mark,
    report: &mut Report<'_>,
) -> Option<()> {
    let wanted = written.unwrap_or(0).saturating_add(refused.unwrap_or(0));
    match most {
        Some(rows) if wanted > rows => {
            let message = format!("{wanted} rows are expected, and the source has {rows}");
            report.error(codes::IMPOSSIBLE, mark, message, "more than there are", None)
        }
        _ => Some(()),
    }
}

/// A repeated number is a warning, as in every set.
fn properties(field: Field, report: &mut Report<'_>) -> Option<BTreeSet<Property>> {
    let mut failed = false;
    let read = decode::set(field, report, |item, report| {
        let number = whole(&item, 1..=Property::LAST.into(), codes::BAD_NUMBER, report);
        let property = number.and_then(|number| Property::new(number.try_into().ok()?));
        failed |= property.is_none();
        property
    })?;
    (!failed).then_some(read)
}
