//! Reads `logging` and `thresholds`.

use super::scalar::{bytes, duration, maybe, share, whole, word};
use crate::domain::suite::quantity::Percent;
use crate::domain::suite::report::{Level, LogFormat, Logging, Thresholds};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::{codes, decode};

/// Reads `logging`.
pub(super) fn logging(field: Field, report: &mut Report<'_>) -> Option<Logging> {
    let mut object = Object::open(field, "logging", report)?;
    let level = maybe(object.optional("level"), |field| word(field, Level::ALL, Level::as_str, report));
    let format =
        maybe(object.optional("format"), |field| word(field, LogFormat::ALL, LogFormat::as_str, report));
    let traces = maybe(object.optional("traces"), |field| decode::flag(&field, report));
    object.finish(report);
    Some(Logging {
        level: level?.unwrap_or_default(),
        format: format?.unwrap_or_default(),
        traces: traces?.unwrap_or_default(),
    })
}

/// Reads `thresholds`.
pub(super) fn thresholds(field: Field, report: &mut Report<'_>) -> Option<Thresholds> {
    let mut object = Object::open(field, "thresholds", report)?;
    let usual = Thresholds::default();
    let min_throughput = maybe(object.optional("minThroughput"), |field| {
        whole(&field, 0..=Thresholds::MOST_THROUGHPUT, codes::BAD_NUMBER, report)
    });
    let max_latency_p95 = maybe(object.optional("maxLatencyP95"), |field| duration(field, report));
    let mut of = |name, most, report: &mut Report<'_>| {
        maybe(object.optional(name), |field| share(field, most, report))
    };
    let max_error_rate = of("maxErrorRate", Percent::ALL, report);
    let max_pool_use = of("maxPoolUse", Percent::ALL, report);
    let max_cpu = of("maxCpu", Percent::MOST, report);
    let max_memory = maybe(object.optional("maxMemory"), |field| bytes(field, report));
    object.finish(report);
    Some(Thresholds {
        min_throughput: min_throughput?.unwrap_or(usual.min_throughput),
        max_latency_p95: max_latency_p95?.unwrap_or(usual.max_latency_p95),
        max_error_rate: max_error_rate?.unwrap_or(usual.max_error_rate),
        max_pool_use: max_pool_use?.unwrap_or(usual.max_pool_use),
        max_memory: max_memory?.unwrap_or(usual.max_memory),
        max_cpu: max_cpu?.unwrap_or(usual.max_cpu),
    })
}
