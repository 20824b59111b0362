//! A suite as the `spec` that says all of it: written from the typed values, without a look at the reader.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use crate::domain::secret::{Sealed, Source as SecretSource};
use crate::domain::suite::Suite;
use crate::domain::suite::fault::{Disturbance, Fault, Moment};
use crate::domain::suite::flink::Engine;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::mysql::{Authority, Mysql, Tls};
use crate::domain::suite::pipeline::{Rule, Transform};
use crate::domain::suite::scenario::Scenario;
use crate::domain::suite::source::Source;
use crate::domain::suite::table::{ConstraintRule, Table};
use crate::domain::suite::types::Schema;
use crate::manifest::duration::spelt;

pub(super) fn written(suite: &Suite) -> Value {
    let thresholds = suite.thresholds;
    let mut spec = json!({
        "engine": suite.engine.as_str(),
        "mysql": mysql(&suite.mysql),
        "logging": {
            "level": suite.logging.level.as_str(),
            "format": suite.logging.format.as_str(),
            "traces": suite.logging.traces,
        },
        "thresholds": {
            "minThroughput": thresholds.min_throughput,
            "maxLatencyP95": spelt(thresholds.max_latency_p95),
            "maxErrorRate": thresholds.max_error_rate.to_string(),
            "maxPoolUse": thresholds.max_pool_use.to_string(),
            "maxMemory": thresholds.max_memory.to_string(),
            "maxCpu": thresholds.max_cpu.to_string(),
        },
        "scenarios": suite.scenarios.iter().map(scenario).collect::<Vec<_>>(),
    });
    if let Engine::Flink { sink, flink } = &suite.engine {
        spec["sink"] = json!(sink.as_str());
        spec["flink"] = json!({
            "gateway": flink.gateway,
            "jobManager": flink.job_manager,
            "jars": flink.jars.iter().map(|jar| path(jar)).collect::<Vec<_>>(),
            "parallelism": flink.parallelism,
            "checkpointInterval": spelt(flink.checkpoint_interval),
        });
    }
    spec
}

fn mysql(mysql: &Mysql) -> Value {
    let delays: Vec<String> = mysql.retry.delays().iter().copied().map(spelt).collect();
    let mut block = json!({
        "host": mysql.host,
        "port": mysql.port,
        "database": mysql.database,
        "username": mysql.username,
        "charset": mysql.charset.as_str(),
        "tls": tls(&mysql.tls),
        "connectTimeout": spelt(mysql.connect_timeout),
        "queryTimeout": spelt(mysql.query_timeout),
        "pool": {
            "size": mysql.pool.size,
            "acquireTimeout": spelt(mysql.pool.acquire_timeout),
            "maxWaiting": mysql.pool.max_waiting,
            "overflow": mysql.pool.overflow.as_str(),
            "idleTimeout": spelt(mysql.pool.idle_timeout),
            "validationQuery": mysql.pool.validation_query,
        },
        "retry": {"max": delays.len(), "delays": delays},
    });
    if let Some(password) = &mysql.password {
        block["password"] = secret(password);
    }
    block
}

fn tls(tls: &Tls) -> Value {
    let mut block = json!({"mode": tls.mode()});
    if let Tls::VerifyCa(Authority::File(file)) | Tls::VerifyIdentity(Authority::File(file)) = tls {
        block["caFile"] = path(file);
    }
    block
}

fn secret(password: &Sealed) -> Value {
    match password.source() {
        SecretSource::Literal(text) => json!(text.expose_secret()),
        SecretSource::Env(name) => json!({"fromEnv": name}),
        SecretSource::File(file) => json!({"fromFile": path(file)}),
        SecretSource::Command { argv, .. } => json!({"fromCommand": argv}),
        SecretSource::LeftBehind => unreachable!(),
    }
}

/// As it was joined with the folder `.`: once.
fn path(path: &Path) -> Value {
    json!(format!("./{}", path.components().as_path().strip_prefix(".").unwrap().display()))
}

fn scenario(scenario: &Scenario) -> Value {
    let (source, schema) = source(&scenario.source);
    let mut written = json!({
        "name": scenario.name,
        "category": scenario.category.as_str(),
        "source": source,
        "table": table(&scenario.table),
        "transform": scenario.transform.iter().map(transform).collect::<Vec<_>>(),
        "write": {
            "mode": scenario.write.mode.as_str(),
            "batchSize": scenario.write.batch_size,
            "flushInterval": spelt(scenario.write.flush_interval),
            "parallelism": scenario.write.parallelism,
            "statement": scenario.write.statement,
            "onRefused": scenario.write.on_refused.as_str(),
        },
        "faults": scenario.faults.iter().map(fault).collect::<Vec<_>>(),
        "rules": scenario.rules.iter().map(rule).collect::<Vec<_>>(),
        "expect": {"properties": scenario.expect.properties.iter().map(|p| p.number()).collect::<Vec<_>>()},
    });
    if let Some(description) = &scenario.description {
        written["description"] = json!(description);
    }
    if let Some(schema) = schema {
        written["schema"] = self::schema(schema);
    }
    for (name, count) in [("written", scenario.expect.written), ("refused", scenario.expect.refused)] {
        if let Some(count) = count {
            written["expect"][name] = json!(count);
        }
    }
    written
}

fn source(source: &Source) -> (Value, Option<&Schema>) {
    match source {
        Source::Generate { generate, schema } => {
            let block = json!({
                "kind": generate.kind.as_str(),
                "rows": generate.rows,
                "seed": generate.seed,
                "distribution": generate.distribution.as_str(),
            });
            (json!({"generate": block}), schema.as_ref())
        }
        Source::File { format, path, schema } => (json!({format.as_str(): self::path(path)}), Some(schema)),
    }
}

fn schema(schema: &Schema) -> Value {
    let fields = schema.fields();
    let key: Vec<&str> = schema.key().iter().map(|at| fields[*at].name.as_str()).collect();
    let fields = fields.iter().map(|field| json!({"name": field.name, "type": field.value.to_string()}));
    json!({"fields": fields.collect::<Vec<_>>(), "primaryKey": key})
}

fn names(names: &[Identifier]) -> Vec<&str> {
    names.iter().map(Identifier::as_str).collect()
}

fn table(table: &Table) -> Value {
    let named = |name: &Option<Identifier>, mut item: Value| {
        if let Some(name) = name {
            item["name"] = json!(name.as_str());
        }
        item
    };
    let column = |column: &crate::domain::suite::table::Column| json!({"name": column.name.as_str(), "type": column.kind.to_string(), "nullable": column.nullable});
    let constraints = table.constraints.iter().map(|constraint| {
        named(
            &constraint.name,
            match &constraint.rule {
                ConstraintRule::Unique(columns) => json!({"unique": names(columns)}),
                ConstraintRule::Check(check) => json!({"check": check}),
            },
        )
    });
    let indexes =
        table.indexes.iter().map(|index| named(&index.name, json!({"columns": names(&index.columns)})));
    json!({
        "name": table.name.as_str(),
        "create": table.create,
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
        "constraints": constraints.collect::<Vec<_>>(),
        "indexes": indexes.collect::<Vec<_>>(),
    })
}

fn transform(transform: &Transform) -> Value {
    match transform {
        Transform::Set { field, cel } => json!({"set": field.as_str(), "cel": cel.as_str()}),
        Transform::Flatten { field } => json!({"flatten": field.as_str()}),
        Transform::Program { argv, .. } => json!({"program": argv}),
    }
}

fn rule(rule: &Rule) -> Value {
    json!({"field": rule.field.as_str(), "check": rule.check.as_str(), "severity": rule.severity.as_str()})
}

fn fault(fault: &Fault) -> Value {
    let mut written = Map::new();
    let at = match fault.at {
        Moment::Share(share) => share.to_string(),
        Moment::After(time) => spelt(time),
    };
    written.insert("at".to_owned(), json!(at));
    written.insert("do".to_owned(), json!(fault.what.as_str()));
    let lasting = |lasting: Duration| ("for", json!(spelt(lasting)));
    written.extend(
        match fault.what {
            Disturbance::Drop | Disturbance::BadStatement => vec![],
            Disturbance::Stall { lasting: time } | Disturbance::ServerDown { lasting: time } => {
                vec![lasting(time)]
            }
            Disturbance::Delay { lasting: time, by } => vec![lasting(time), ("by", json!(spelt(by)))],
            Disturbance::Throttle { lasting: time, rate } => {
                vec![lasting(time), ("rate", json!(rate.to_string()))]
            }
            Disturbance::Cut { after } => vec![("after", json!(after))],
            Disturbance::DuplicateKeys { rows } | Disturbance::OversizedText { rows } => {
                vec![("rows", json!(rows))]
            }
        }
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Value::Object(written)
}
