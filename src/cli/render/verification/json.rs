//! For programs: everything that is known, in one document.

use serde_json::{Value, json};

use super::Verified;
use super::lines::replay;
use crate::domain::suite::scenario::Property;
use crate::domain::suite::verdict::{Evidence, Verdict};
use crate::verify::check::{Comparison, Difference, Kind};
use crate::verify::run::{FaultEnd, FaultOutcome, NotBegun, Ran, ScenarioEnd, ScenarioOutcome, SuiteOutcome};

/// What stands in the document beside its envelope.
pub(crate) fn json(verified: &Verified) -> Value {
    let suites: Vec<Value> = verified.suites.iter().map(suite).collect();
    json!({
        "seed": verified.seed,
        "tookMs": millis(verified.took),
        "again": verified.again(),
        "suites": suites,
    })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn suite(suite: &SuiteOutcome) -> Value {
    let scenarios: Vec<Value> = suite.scenarios.iter().map(scenario).collect();
    let verdicts = suite.verdicts.iter();
    let properties: Vec<Value> =
        verdicts.map(|(property, verdict)| of_property(suite, *property, verdict)).collect();
    json!({
        "suite": suite.suite.as_str(),
        "database": suite.database,
        "server": suite.server,
        "notRun": suite.not_begun.as_ref().map(not_begun),
        "stopped": suite.is_stopped,
        "leftBehind": suite.left_behind,
        "thresholds": if suite.has_thresholds { "notJudged" } else { "none" },
        "tookMs": millis(suite.took),
        "scenarios": scenarios,
        "properties": properties,
    })
}

fn not_begun(why: &NotBegun) -> Value {
    json!({"code": why.code(), "message": why.to_string()})
}

fn scenario(scenario: &ScenarioOutcome) -> Value {
    let (message, code) = match &scenario.end {
        ScenarioEnd::NotRun(why) => (Some(why.to_string()), Some(why.code())),
        ScenarioEnd::Failed(why) => (Some(why.clone()), None),
        ScenarioEnd::Ran(_) | ScenarioEnd::Stopped => (None, None),
    };
    let numbers: Vec<u8> = scenario.properties.iter().map(|property| property.number()).collect();
    json!({
        "name": scenario.name.as_str(),
        "category": scenario.category.as_str(),
        "outcome": scenario.end.as_str(),
        "code": code,
        "message": message,
        "properties": numbers,
        "tookMs": millis(scenario.took),
        "rows": scenario.end.ran().map(rows),
    })
}

fn rows(ran: &Ran) -> Value {
    let [half, most, nearly_all, all] = ran.latency.map(|time| time.as_secs_f64() * 1_000.0);
    json!({
        "read": ran.read,
        "written": ran.written,
        "refused": ran.refused,
        "warned": ran.warned,
        "reasons": ran.reasons,
        "firstRefused": ran.first_refused,
        "batches": ran.batches,
        "retried": ran.retried,
        "flowedMs": millis(ran.flowed),
        "rowsPerSecond": ran.throughput,
        "latencyMs": {"p50": half, "p95": most, "p99": nearly_all, "max": all},
        "comparison": comparison(&ran.comparison),
        "notes": ran.notes,
        "faults": ran.faults.iter().map(fault).collect::<Vec<_>>(),
        "misses": ran.misses,
    })
}

fn fault(outcome: &FaultOutcome) -> Value {
    let declared = outcome.fault.to_string();
    match outcome.end {
        FaultEnd::NeverCame => json!({"fault": declared, "outcome": "neverCame"}),
        FaultEnd::Spoilt { rows } => json!({"fault": declared, "outcome": "done", "rowsSpoilt": rows}),
        FaultEnd::OnTheWay { after, rows, done } => json!({
            "fault": declared,
            "outcome": if done.is_idle { "metNothing" } else { "done" },
            "afterMs": millis(after), "afterRows": rows, "connectionsClosed": done.connections,
            "bytes": done.bytes, "lastedMs": millis(done.lasted),
        }),
    }
}

fn comparison(comparison: &Comparison) -> Value {
    let Comparison { expected, found, missing, extra, doubled, different, .. } = comparison;
    let differences: Vec<Value> = comparison.differences.iter().map(difference).collect();
    json!({
        "expected": expected, "found": found, "missing": missing, "extra": extra, "doubled": doubled,
        "different": different, "exact": comparison.is_exact(),
        "expectedChecksum": comparison.expected_checksum, "foundChecksum": comparison.found_checksum,
        "differences": differences,
    })
}

fn difference(difference: &Difference) -> Value {
    let fields: Vec<Value> = match &difference.kind {
        Kind::Different(fields) => fields
            .iter()
            .map(|field| json!({"field": field.field, "expected": field.expected, "found": field.found}))
            .collect(),
        Kind::Missing | Kind::Extra | Kind::Doubled => Vec::new(),
    };
    json!({"key": difference.key, "kind": difference.kind.as_str(), "fields": fields})
}

fn of_property(suite: &SuiteOutcome, property: Property, verdict: &Verdict) -> Value {
    let reason = if let Verdict::NotApplicable { reason } = verdict { Some(reason) } else { None };
    let evidence = verdict.evidence().map(|evidence| {
        let Evidence { cases, seed, took, counts } = evidence;
        json!({"cases": cases, "seed": seed, "tookMs": millis(*took), "counts": counts})
    });
    let counterexample = if let Verdict::Refuted(evidence, found) = verdict {
        let replay = replay(&suite.suite, property, evidence, found.number);
        Some(json!({
            "number": found.number, "case": found.case, "finding": found.finding, "replay": replay,
        }))
    } else {
        None
    };
    json!({
        "number": property.number(), "title": property.title(), "verdict": verdict.as_str(), "reason": reason,
        "evidence": evidence, "counterexample": counterexample,
    })
}
