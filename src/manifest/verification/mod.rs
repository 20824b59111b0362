//! Reads the spec of a `SinkVerification` (design.md 3.3), and what a profile says about every suite.
//!
//! Promises: every field is asked for by name, so that a misspelt one is told; what does not go together is told where it
//! stands. Runs nothing, resolves no secret.

use super::codes;
use super::decode;
use super::object::{Field, Object};
use super::report::Report;
use crate::domain::suite::SuiteOverrides;
use crate::domain::suite::flink::{Engine, Flink, Sink};
use crate::domain::suite::mysql::Mysql;
use crate::domain::suite::report::{Logging, Thresholds};
use crate::domain::suite::scenario::Scenario;

mod expect;
mod fault;
mod flink;
mod known;
mod mysql;
mod mysql_parts;
mod pipeline;
mod report;
mod scalar;
mod scenario;
mod source;
mod table;
mod typed_fault;

pub use typed_fault::{FaultError, fault as typed_fault};

/// What stands below `spec`.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) engine: Engine,
    pub(super) mysql: Mysql,
    pub(super) logging: Logging,
    pub(super) thresholds: Thresholds,
    pub(super) scenarios: Vec<Scenario>,
}

/// Reads the spec.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Spec> {
    let mut object = Object::open(field, "SinkVerification.spec", report)?;
    let engine = engine(&mut object, report);
    let mysql = object.required("mysql", report).and_then(|field| mysql::read(field, report));
    let logging = object.optional("logging").map(|field| report::logging(field, report));
    let thresholds = object.optional("thresholds").map(|field| report::thresholds(field, report));
    let scenarios = object.required("scenarios", report).and_then(|field| scenario::list(field, report));
    object.finish(report);
    Some(Spec {
        engine: engine?,
        mysql: mysql?,
        logging: logging.unwrap_or_else(|| Some(Logging::default()))?,
        thresholds: thresholds.unwrap_or_else(|| Some(Thresholds::default()))?,
        scenarios: scenarios?,
    })
}

/// `engine`, `sink` and `flink`, which go together. A cluster that is declared and not used is no mistake: the engine may
/// come from the profile.
fn engine(object: &mut Object, report: &mut Report<'_>) -> Option<Engine> {
    let engines = [("native", false), ("flink", true)];
    let named = object.optional("engine");
    let at_engine = named.as_ref().map_or_else(|| object.mark(), |field| field.node.mark);
    let on_flink = named.map_or(Some(false), |field| decode::choice(field, &engines, report));
    let sink = object.optional("sink");
    let at_sink = sink.as_ref().map(|field| field.node.mark);
    let sink =
        sink.map_or(Some(Sink::default()), |field| scalar::word(field, Sink::ALL, Sink::as_str, report));
    let has_flink = object.key("flink").is_some();
    let settings = object.optional("flink").map(|field| flink::read(field, report));
    let (on_flink, sink) = (on_flink?, sink?);
    match (on_flink, sink, settings) {
        (false, Sink::Jdbc, _) => {
            let help = Some("write `engine: flink` and a `flink` block, or `sink: native`".to_owned());
            let message = "`sink: jdbc` is Flink's own connector, and `engine` is not `flink`".to_owned();
            report.error(codes::ENGINE, at_sink.unwrap_or(at_engine), message, "runs on Flink only", help)
        }
        (false, Sink::Native, _) => Some(Engine::Native),
        (true, _, None) if !has_flink => {
            let help = Some("add `flink: {gateway: http://127.0.0.1:8083}`".to_owned());
            let message = "`engine: flink` needs a `flink` block that says which cluster".to_owned();
            report.error(codes::ENGINE, at_engine, message, "which one", help)
        }
        (true, sink, settings) => {
            Some(Engine::Flink { sink, flink: Flink::default().with(settings.flatten()?) })
        }
    }
}

/// Reads `verification` of a profile.
pub(super) fn overrides(field: Field, report: &mut Report<'_>) -> Option<SuiteOverrides> {
    let mut object = Object::open(field, "verification", report)?;
    let mysql = object.optional("mysql").and_then(|field| mysql::in_profile(field, report));
    let flink = object.optional("flink").and_then(|field| flink::read(field, report));
    object.finish(report);
    Some(SuiteOverrides { mysql: mysql.unwrap_or_default(), flink: flink.unwrap_or_default() })
}
