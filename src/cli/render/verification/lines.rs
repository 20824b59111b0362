//! The words that all forms of a report share.

use std::collections::BTreeMap;

use crate::cli::render::summary::time;
use crate::domain::suite::SuiteName;
use crate::domain::suite::fault::Disturbance;
use crate::domain::suite::scenario::Property;
use crate::domain::suite::verdict::{Evidence, Verdict};
use crate::verify::check::Comparison;
use crate::verify::run::{FaultEnd, FaultOutcome};

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

fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// What came of a fault, and when.
pub(crate) fn fault(outcome: &FaultOutcome) -> String {
    let declared = outcome.fault;
    match outcome.end {
        FaultEnd::NeverCame => format!("fault {declared}: never came"),
        FaultEnd::Spoilt { rows } => format!("fault {declared}: {} spoilt", count(rows, "row")),
        FaultEnd::OnTheWay { after, rows, done } => {
            let (bytes, closed) = (count(done.bytes, "byte"), count(done.connections, "connection"));
            let held = format!("for {}", time(done.lasted));
            let did = match declared.what {
                _ if done.is_idle => "met nothing".to_owned(),
                Disturbance::Stall { .. } => format!("{bytes} waited, {held}"),
                Disturbance::Delay { .. } => format!("{bytes} came later, {held}"),
                Disturbance::Throttle { .. } => format!("{bytes} passed, {held}"),
                Disturbance::Cut { .. } => format!("{bytes} got through, {closed} closed"),
                Disturbance::ServerDown { .. } => format!("{closed} closed, new ones refused {held}"),
                _ => format!("{closed} closed"),
            };
            let (read, when) = (count(rows, "row"), time(after));
            format!("fault {declared}: after {read} and {when}: {did}")
        }
    }
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
