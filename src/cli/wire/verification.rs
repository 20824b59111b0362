//! What a profile says about every suite, as settings: only what it says, because the rest is the suites' own (Property 22).

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::suite::SuiteOverrides;
use crate::domain::suite::flink::FlinkSettings;
use crate::domain::suite::mysql::{Authority, Charset, MysqlSettings, Overflow, PoolSettings, Retry, Tls};
use crate::manifest::duration::spelt;

/// Path in the profile and value of each. Of a password it is said where it comes from.
pub(super) fn settings(overrides: &SuiteOverrides) -> Vec<(String, String)> {
    let SuiteOverrides { mysql, flink } = overrides;
    let told = self::mysql(mysql).into_iter().chain(self::flink(flink));
    told.filter_map(|(path, value)| Some((format!("verification.{path}"), value?))).collect()
}

type Told = Vec<(&'static str, Option<String>)>;

fn mysql(mysql: &MysqlSettings) -> Told {
    let MysqlSettings {
        host,
        port,
        database,
        username,
        password,
        charset,
        tls,
        connect_timeout,
        query_timeout,
        pool,
        retry,
    } = mysql;
    let PoolSettings { size, acquire_timeout, max_waiting, overflow, idle_timeout, validation_query } = pool;
    vec![
        ("mysql.host", host.clone()),
        ("mysql.port", port.map(|port| port.to_string())),
        ("mysql.database", database.clone()),
        ("mysql.username", username.clone()),
        ("mysql.password", password.as_ref().map(|password| password.source().to_string())),
        ("mysql.charset", charset.map(Charset::as_str).map(str::to_owned)),
        ("mysql.tls", tls.as_ref().map(tls_words)),
        ("mysql.connectTimeout", connect_timeout.map(spelt)),
        ("mysql.queryTimeout", query_timeout.map(spelt)),
        ("mysql.pool.size", size.map(|size| size.to_string())),
        ("mysql.pool.acquireTimeout", acquire_timeout.map(spelt)),
        ("mysql.pool.maxWaiting", max_waiting.map(|most| most.to_string())),
        ("mysql.pool.overflow", overflow.map(Overflow::as_str).map(str::to_owned)),
        ("mysql.pool.idleTimeout", idle_timeout.map(spelt)),
        ("mysql.pool.validationQuery", validation_query.clone()),
        ("mysql.retry", retry.as_ref().map(Retry::delays).map(delays)),
    ]
}

fn flink(flink: &FlinkSettings) -> Told {
    let FlinkSettings { gateway, job_manager, jars, parallelism, checkpoint_interval } = flink;
    vec![
        ("flink.gateway", gateway.clone()),
        ("flink.jobManager", job_manager.clone()),
        ("flink.jars", jars.as_deref().map(paths)),
        ("flink.parallelism", parallelism.map(|number| number.to_string())),
        ("flink.checkpointInterval", checkpoint_interval.map(spelt)),
    ]
}

fn tls_words(tls: &Tls) -> String {
    match tls {
        Tls::VerifyCa(Authority::File(file)) | Tls::VerifyIdentity(Authority::File(file)) => {
            format!("{} by {}", tls.mode(), file.display())
        }
        _ => tls.mode().to_owned(),
    }
}

fn delays(delays: &[Duration]) -> String {
    if delays.is_empty() {
        return "no retry".to_owned();
    }
    delays.iter().copied().map(spelt).collect::<Vec<_>>().join(", ")
}

fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
