//! The table of the fields of a suite: the single source for the schema, `explain`, the docs and what diagnostics may show.
//!
//! It says which fields there are and of which form; what goes together is judged by the reader. A test compares it with
//! the reader, field by field.

use super::fault::Disturbance;
use super::flink::Flink;
use super::form::{Form, Way};
use super::mysql::{Pool, Retry};
use super::pipeline::Write;
use super::quantity::Percent;
use super::report::Thresholds;
use super::scenario::Property;
use super::source::Generate;

/// One field below `spec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its path; items of a list have the path of the list.
    pub path: &'static str,
    /// Its form.
    pub form: Form,
    /// Whether it must be there when what it stands in is.
    pub required: bool,
    /// What leaving it out means, as YAML spells it.
    pub default: Option<&'static str>,
    /// One sentence for people.
    pub help: &'static str,
}

const fn way(fields: &'static [&'static str]) -> Way {
    Way { word: None, fields }
}

const fn fault(at: usize) -> Way {
    // In range: the table below names the words of this one one by one.
    let (word, fields) = Disturbance::WORDS[at];
    Way { word: Some(("do", word)), fields }
}

const SOURCE: &[Way] = &[way(&["generate"]), way(&["csv"]), way(&["ndjson"])];
const TRANSFORM: &[Way] = &[way(&["set", "cel"]), way(&["flatten"]), way(&["program"])];
const CONSTRAINT: &[Way] = &[way(&["unique"]), way(&["check"])];
const FAULT: &[Way] =
    &[fault(0), fault(1), fault(2), fault(3), fault(4), fault(5), fault(6), fault(7), fault(8)];
const FAULTS: &[&str] = &[
    "drop",
    "stall",
    "delay",
    "throttle",
    "cut",
    "serverDown",
    "duplicateKeys",
    "badStatement",
    "oversizedText",
];

const fn must(path: &'static str, form: Form, help: &'static str) -> Field {
    Field { path, form, required: true, default: None, help }
}

const fn may(path: &'static str, form: Form, help: &'static str) -> Field {
    Field { path, form, required: false, default: None, help }
}

const fn usually(path: &'static str, form: Form, default: &'static str, help: &'static str) -> Field {
    Field { path, form, required: false, default: Some(default), help }
}

const fn whole(least: u64, most: u64) -> Form {
    Form::Whole { least, most }
}

/// Every field, each after the one that it stands in.
pub const FIELDS: &[Field] = &[
    usually(
        "engine",
        Form::Word(&["native", "flink"]),
        "native",
        "Who reads and transforms the rows: our own process, or a Flink cluster.",
    ),
    usually(
        "sink",
        Form::Word(&["native", "jdbc"]),
        "native",
        "Who writes them. jdbc is Flink's own connector and needs engine: flink.",
    ),
    must("mysql", Form::Mapping, "The database. A profile may say otherwise in verification.mysql."),
    must("mysql.host", Form::Host, "Host name or IP address, alone."),
    usually("mysql.port", whole(1, 65_535), "3306", "TCP port."),
    must(
        "mysql.database",
        Form::Database,
        "The schema into which rows are written. It must be there; tables are created.",
    ),
    must("mysql.username", Form::User, "The user who logs in."),
    may(
        "mysql.password",
        Form::Secret,
        "The user's password, fetched when it is used. None is an empty one.",
    ),
    usually(
        "mysql.charset",
        Form::Word(&["utf8mb4", "utf8mb3"]),
        "utf8mb4",
        "Character set of the connection.",
    ),
    may("mysql.tls", Form::Mapping, "How the connection is encrypted."),
    usually(
        "mysql.tls.mode",
        Form::Word(&["disabled", "preferred", "required", "verifyCa", "verifyIdentity"]),
        "preferred",
        "Whether it is, and whether the certificate is looked at.",
    ),
    may(
        "mysql.tls.caFile",
        Form::Path,
        "PEM file of the authorities that are trusted; with verifyCa and verifyIdentity. The public ones otherwise.",
    ),
    usually("mysql.connectTimeout", Form::Duration, "30s", "How long a connection may take to be ready."),
    usually("mysql.queryTimeout", Form::Duration, "30s", "How long a statement may take."),
    may("mysql.pool", Form::Mapping, "The connections of a run, which together never exceed its size."),
    usually("mysql.pool.size", whole(1, Pool::LARGEST as u64), "10", "The most connections at a time."),
    usually("mysql.pool.acquireTimeout", Form::Duration, "5s", "How long one waits for a connection."),
    usually(
        "mysql.pool.maxWaiting",
        whole(0, Pool::MOST_WAITING as u64),
        "1000",
        "How many may wait at a time.",
    ),
    usually(
        "mysql.pool.overflow",
        Form::Word(&["block", "fail"]),
        "block",
        "What happens to one more than may wait: it is held back, or fails at once.",
    ),
    usually("mysql.pool.idleTimeout", Form::Duration, "1m", "After how long an idle connection is closed."),
    usually(
        "mysql.pool.validationQuery",
        Form::Line,
        "SELECT 1",
        "What tells whether an idle connection is still good.",
    ),
    may("mysql.retry", Form::Mapping, "What is tried again after an error that may pass."),
    usually("mysql.retry.max", whole(0, Retry::MOST as u64), "3", "How often."),
    usually(
        "mysql.retry.delays",
        Form::Durations,
        "[1s, 2s, 4s]",
        "What waits before each attempt; the last one counts for all further ones.",
    ),
    may(
        "flink",
        Form::Mapping,
        "The cluster, which engine: flink needs. A profile may say otherwise in verification.flink.",
    ),
    usually("flink.gateway", Form::Url, "http://127.0.0.1:8083", "The SQL Gateway."),
    usually("flink.jobManager", Form::Url, "http://127.0.0.1:8081", "The REST interface of the job manager."),
    usually("flink.jars", Form::Paths, "[]", "Files that are added to the session."),
    usually("flink.parallelism", whole(1, Flink::MOST_PARALLEL as u64), "2", "Subtasks of a job."),
    usually("flink.checkpointInterval", Form::Duration, "1s", "The time between checkpoints."),
    may("logging", Form::Mapping, "What a run tells."),
    usually(
        "logging.level",
        Form::Word(&["error", "warn", "info", "debug", "trace"]),
        "info",
        "This and everything graver.",
    ),
    usually(
        "logging.format",
        Form::Word(&["json", "text"]),
        "json",
        "One JSON object per line, or lines for people.",
    ),
    usually("logging.traces", Form::Flag, "false", "Whether each operation leaves a trace of its steps."),
    may("thresholds", Form::Mapping, "How good a run must be; one that misses a threshold fails."),
    usually(
        "thresholds.minThroughput",
        whole(0, Thresholds::MOST_THROUGHPUT),
        "1000",
        "Rows per second, at least.",
    ),
    usually(
        "thresholds.maxLatencyP95",
        Form::Duration,
        "250ms",
        "The time within which 95 of 100 batches are written.",
    ),
    usually("thresholds.maxErrorRate", Form::Share(Percent::ALL), "0%", "Rows that fail, of all rows."),
    usually(
        "thresholds.maxPoolUse",
        Form::Share(Percent::ALL),
        "100%",
        "Connections in use, of the pool's size.",
    ),
    usually("thresholds.maxMemory", Form::Bytes, "512MiB", "Memory of our process."),
    usually("thresholds.maxCpu", Form::Share(Percent::MOST), "200%", "CPU of our process; 100% is one core."),
    must("scenarios", Form::SomeItems, "What is run, one after the other."),
    must("scenarios.name", Form::Name, "Unique in the suite; chosen by --scenario."),
    may("scenarios.description", Form::Text, "For people."),
    usually(
        "scenarios.category",
        Form::Word(&["connection", "dataTypes", "performance", "resilience", "integration", "regression"]),
        "integration",
        "What it is about; chosen by --category.",
    ),
    must("scenarios.source", Form::OneOf(SOURCE), "Where rows come from: exactly one of these."),
    may("scenarios.source.generate", Form::Mapping, "Rows that follow from a seed and their number."),
    usually(
        "scenarios.source.generate.kind",
        Form::Word(&["basic", "nested", "edgeCases"]),
        "basic",
        "Common types, nested JSON, or the extremes of every type.",
    ),
    usually("scenarios.source.generate.rows", whole(1, Generate::MOST_ROWS), "1000", "How many rows."),
    usually("scenarios.source.generate.seed", whole(0, u64::MAX), "0", "The same seed makes the same rows."),
    usually(
        "scenarios.source.generate.distribution",
        Form::Word(&["uniform", "zipf", "sequential", "bursty"]),
        "uniform",
        "How keys and values are spread.",
    ),
    may(
        "scenarios.source.csv",
        Form::Path,
        "A CSV file with a header; an empty cell without quotes is NULL. Needs schema.",
    ),
    may("scenarios.source.ndjson", Form::Path, "A file with one JSON object per line. Needs schema."),
    may("scenarios.schema", Form::Mapping, "What the rows are; a generator has a schema of its own."),
    must("scenarios.schema.fields", Form::SomeItems, "The fields in their order."),
    must("scenarios.schema.fields.name", Form::Identifier, "Name of the field, and of its column."),
    must(
        "scenarios.schema.fields.type",
        Form::FlinkType,
        "Its type in Flink SQL; NULL is allowed unless it ends in NOT NULL.",
    ),
    may("scenarios.schema.primaryKey", Form::Lines, "Fields that identify a row; each is NOT NULL."),
    may("scenarios.table", Form::Mapping, "Where rows end."),
    may("scenarios.table.name", Form::Identifier, "Its name; that of the scenario when it is left out."),
    usually(
        "scenarios.table.create",
        Form::Flag,
        "true",
        "Whether the run creates it and drops it afterwards. Otherwise it is there, is checked and stays.",
    ),
    may("scenarios.table.columns", Form::Items, "Its columns; mapped from the schema when there are none."),
    must(
        "scenarios.table.columns.name",
        Form::Identifier,
        "Name of the column: that of the field which it takes.",
    ),
    must("scenarios.table.columns.type", Form::ColumnType, "Its type in the database."),
    usually("scenarios.table.columns.nullable", Form::Flag, "true", "Whether NULL may stand in it."),
    may(
        "scenarios.table.constraints",
        Form::ItemsOf(CONSTRAINT),
        "What rows must keep to beside their types.",
    ),
    may("scenarios.table.constraints.name", Form::Identifier, "Its name; the server makes one up."),
    may(
        "scenarios.table.constraints.unique",
        Form::Identifiers,
        "Columns in which no two rows have the same values.",
    ),
    may("scenarios.table.constraints.check", Form::Line, "A condition in SQL."),
    may("scenarios.table.indexes", Form::Items, "Indexes beside those of keys."),
    may("scenarios.table.indexes.name", Form::Identifier, "Its name; the server makes one up."),
    must("scenarios.table.indexes.columns", Form::Identifiers, "Its columns."),
    may("scenarios.transform", Form::ItemsOf(TRANSFORM), "What is made of rows on the way, in this order."),
    may("scenarios.transform.set", Form::Identifier, "A field, new or not, that becomes what cel gives."),
    may("scenarios.transform.cel", Form::Cel, "An expression over the fields of the row."),
    may(
        "scenarios.transform.flatten",
        Form::Identifier,
        "A nested field whose members become fields of their own, named field_member.",
    ),
    may(
        "scenarios.transform.program",
        Form::Program,
        "A program that takes and gives rows as NDJSON; run without a shell in the manifest's folder.",
    ),
    may("scenarios.write", Form::Mapping, "How rows reach the table."),
    may(
        "scenarios.write.mode",
        Form::Word(&["upsert", "insert"]),
        "What happens to a row whose key is there: it replaces, or is refused. upsert where there is a primary key.",
    ),
    usually(
        "scenarios.write.batchSize",
        whole(1, Write::LARGEST_BATCH as u64),
        "1000",
        "The most rows in a transaction.",
    ),
    usually(
        "scenarios.write.flushInterval",
        Form::Duration,
        "1s",
        "After how long an incomplete batch is written.",
    ),
    usually("scenarios.write.parallelism", whole(1, Write::MOST_PARALLEL as u64), "2", "Writers at a time."),
    may(
        "scenarios.write.statement",
        Form::Statement,
        "An SQL statement in place of ours, with one ? for each column.",
    ),
    usually(
        "scenarios.write.onRefused",
        Form::Word(&["deadLetter", "fail"]),
        "deadLetter",
        "What happens to a row that the database refuses: it is set aside, or the scenario fails.",
    ),
    may("scenarios.faults", Form::ItemsOf(FAULT), "What goes wrong on purpose while it runs."),
    must("scenarios.faults.at", Form::Moment, "When: after a share of the rows, or after a time."),
    must("scenarios.faults.do", Form::Word(FAULTS), "What happens."),
    may("scenarios.faults.for", Form::Duration, "How long it lasts: stall, delay, throttle, serverDown."),
    may("scenarios.faults.by", Form::Duration, "How much later everything arrives: delay."),
    may("scenarios.faults.rate", Form::Bytes, "How much gets through in a second: throttle."),
    may(
        "scenarios.faults.after",
        whole(1, Disturbance::MOST_BYTES),
        "How many more bytes get through to the database: cut.",
    ),
    may(
        "scenarios.faults.rows",
        whole(1, Disturbance::MOST_ROWS as u64),
        "How many rows are spoilt: duplicateKeys, oversizedText.",
    ),
    may("scenarios.rules", Form::Items, "What fields must keep to."),
    must("scenarios.rules.field", Form::Identifier, "The field that is judged."),
    must("scenarios.rules.check", Form::Cel, "What must be true, over value."),
    usually(
        "scenarios.rules.severity",
        Form::Word(&["error", "warning"]),
        "error",
        "Whether a row for which it is not is refused, or written and reported.",
    ),
    may("scenarios.expect", Form::Mapping, "What must come of it."),
    may("scenarios.expect.written", whole(0, u64::MAX), "Rows that end in the table."),
    may("scenarios.expect.refused", whole(0, u64::MAX), "Rows that are refused."),
    may(
        "scenarios.expect.properties",
        Form::Numbers { most: Property::LAST as u64 },
        "Properties that must hold, by number; those of the category when there are none.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::suite::flink::Sink;
    use crate::domain::suite::mysql::{Charset, Overflow};
    use crate::domain::suite::pipeline::{OnRefused, Severity, WriteMode};
    use crate::domain::suite::report::{Level, LogFormat};
    use crate::domain::suite::scenario::Category;
    use crate::domain::suite::source::{Distribution, Generator};

    fn words(path: &str) -> Vec<&'static str> {
        match FIELDS.iter().find(|field| field.path == path).unwrap().form {
            Form::Word(words) => words.to_vec(),
            other => panic!("{path} is {other:?}"),
        }
    }

    #[test]
    fn every_field_stands_once_and_behind_what_it_stands_in() {
        let mut seen = BTreeSet::new();
        for Field { path, help, .. } in FIELDS {
            assert!(path.rsplit_once('.').is_none_or(|(outer, _)| seen.contains(outer)), "{path}");
            assert!(seen.insert(*path) && help.ends_with('.'), "{path}");
        }
    }

    #[test]
    fn the_words_are_those_of_the_types() {
        fn named<T: Copy>(all: &[T], as_str: impl Fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().map(|value| as_str(*value)).collect()
        }
        for (path, wanted) in [
            ("sink", named(Sink::ALL, Sink::as_str)),
            ("mysql.charset", named(Charset::ALL, Charset::as_str)),
            ("mysql.pool.overflow", named(Overflow::ALL, Overflow::as_str)),
            ("logging.level", named(Level::ALL, Level::as_str)),
            ("logging.format", named(LogFormat::ALL, LogFormat::as_str)),
            ("scenarios.category", named(Category::ALL, Category::as_str)),
            ("scenarios.source.generate.kind", named(Generator::ALL, Generator::as_str)),
            ("scenarios.source.generate.distribution", named(Distribution::ALL, Distribution::as_str)),
            ("scenarios.write.mode", named(WriteMode::ALL, WriteMode::as_str)),
            ("scenarios.write.onRefused", named(OnRefused::ALL, OnRefused::as_str)),
            ("scenarios.rules.severity", named(Severity::ALL, Severity::as_str)),
            ("scenarios.faults.do", Disturbance::WORDS.iter().map(|(word, _)| *word).collect()),
        ] {
            assert_eq!(words(path), wanted, "{path}");
        }
        let chosen: Vec<_> = FAULT.iter().filter_map(|way| Some(way.word?.1)).collect();
        assert_eq!(chosen, words("scenarios.faults.do"));
    }
}
