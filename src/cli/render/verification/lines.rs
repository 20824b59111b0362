//! The words that all forms of a report share.

use std::collections::BTreeMap;

use crate::domain::suite::SuiteName;
use crate::domain::suite::scenario::Property;
use crate::domain::suite::verdict::{Evidence, Verdict};
use crate::verify::check::Comparison;

/// The option that tries a refuted case again.
pub(crate) fn replay(suite: &SuiteName, property: Property, evidence: &Evidence, case: u32) -> String {
    format!("--replay {}:{property}:{}:{case}", suite.as_str(), evidence.seed)
}

/// Properties that were not judged, by reason.
pub(crate) fn reason_groups<'a>(
    verdicts: impl Iterator<Item = (Property, &'a Verdict)>,
) -> BTreeMap<&'a str, Vec<Property>> {
    let mut groups: BTreeMap<&str, Vec<Property>> = BTreeMap::new();
    for (property, verdict) in verdicts {
        if let Verdict::NotApplicable { reason } = verdict {
            groups.entry(reason).or_default().push(property);
        }
    }
    groups
}

/// How many differences are shown at once.
const SHOWN: usize = 10;

/// The first differences, and how many there are beside them.
pub(crate) fn differences(comparison: &Comparison) -> Vec<String> {
    let shown = comparison.differences.iter().take(SHOWN).map(ToString::to_string);
    let mut lines: Vec<String> = shown.collect();
    let more = comparison.differing().saturating_sub(lines.len() as u64);
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    lines
}
