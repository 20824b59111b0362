//! A database as somebody writes it into a file: what each property about configuration draws, and what must come of it.
//!
//! What must come of it is put together here field by field, and not by the program's own merging, which is on trial.

use std::num::NonZeroU16;
use std::path::Path;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::domain::suite::mysql::{Authority, Charset, Mysql, Overflow, Pool, Retry, Tls};
use crate::platform::env;

/// Where a password stands, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Password {
    Literal(String),
    /// A variable that this process has.
    Env(String),
    /// In a file of this name beside the manifest, with or without a line end.
    File {
        name: &'static str,
        text: String,
        end: &'static str,
    },
    /// What a program prints.
    Command(String),
}

impl Password {
    /// What it is.
    pub(super) fn content(&self) -> String {
        match self {
            Self::Literal(text) | Self::File { text, .. } | Self::Command(text) => text.clone(),
            Self::Env(name) => env::var(name).unwrap_or_default(),
        }
    }

    fn spelt(&self) -> Value {
        match self {
            Self::Literal(text) => json!(text),
            Self::Env(name) => json!({"fromEnv": name}),
            Self::File { name, .. } => json!({"fromFile": name}),
            Self::Command(text) => json!({"fromCommand": ["printf", "%s\\n", text]}),
        }
    }

    /// As [`crate::domain::secret::Source`] shows it.
    pub(super) fn source(&self, folder: &Path) -> String {
        match self {
            Self::Literal(_) => "literal in the manifest".to_owned(),
            Self::Env(name) => format!("env {name}"),
            Self::File { name, .. } => format!("file {}", folder.join(name).display()),
            Self::Command(_) => "command printf".to_owned(),
        }
    }
}

/// What is written about a database; what is `None` is not.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) database: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Password>,
    pub(super) charset: Option<Charset>,
    pub(super) tls: Option<Tls>,
    pub(super) connect_timeout: Option<u64>,
    pub(super) query_timeout: Option<u64>,
    pub(super) pool: WrittenPool,
    pub(super) retry: Option<(u32, Vec<u64>)>,
}

/// What is written about its pool. Times in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct WrittenPool {
    pub(super) size: Option<u16>,
    pub(super) acquire_timeout: Option<u64>,
    pub(super) max_waiting: Option<u32>,
    pub(super) overflow: Option<Overflow>,
    pub(super) idle_timeout: Option<u64>,
    pub(super) validation_query: Option<u32>,
}

fn milliseconds() -> impl Strategy<Value = u64> {
    prop_oneof![1..1_000_u64, (1..3_600_u64).prop_map(|seconds| seconds * 1_000), 1..10_000_000_u64]
}

fn pool() -> impl Strategy<Value = WrittenPool> {
    (
        option::of(1..=Pool::LARGEST),
        option::of(milliseconds()),
        option::of(0..=Pool::MOST_WAITING),
        option::of(select(Overflow::ALL.to_vec())),
        option::of(milliseconds()),
        option::of(any::<u32>()),
    )
        .prop_map(|(size, acquire_timeout, max_waiting, overflow, idle_timeout, validation_query)| {
            WrittenPool { size, acquire_timeout, max_waiting, overflow, idle_timeout, validation_query }
        })
}

fn tls() -> impl Strategy<Value = Tls> {
    let authority = || {
        let file = "[a-z]{1,8}\\.pem".prop_map(|file| Authority::File(file.into()));
        prop_oneof![Just(Authority::Public), file]
    };
    prop_oneof![
        Just(Tls::Disabled),
        Just(Tls::Preferred),
        Just(Tls::Required),
        authority().prop_map(Tls::VerifyCa),
        authority().prop_map(Tls::VerifyIdentity),
    ]
}

fn retry() -> impl Strategy<Value = (u32, Vec<u64>)> {
    (vec(milliseconds(), 1..5), 0..5_u32).prop_map(|(mut delays, more)| {
        delays.sort_unstable();
        let retries = u32::try_from(delays.len()).unwrap_or(u32::MAX).saturating_add(more);
        (retries, delays)
    })
}

/// Variables that a process usually has, and this one does.
fn variables() -> Vec<String> {
    let usual = ["PATH", "HOME", "USER", "LANG", "SHELL", "PWD", "LOGNAME"];
    let is_line = |name: &&str| env::var(name).is_some_and(|value| !value.contains(char::is_control));
    usual.into_iter().filter(is_line).map(str::to_owned).collect()
}

fn password(may_be_literal: bool, name: &'static str) -> BoxedStrategy<Password> {
    // `${` would begin a value of the profile.
    let text = || "[!-#%-~äß漢😀]([ -#%-~äß漢😀]{0,20}[!-#%-~])?";
    let elsewhere = prop_oneof![
        (text(), select(vec!["", "\n", "\r\n"])).prop_map(move |(text, end)| Password::File {
            name,
            text,
            end
        }),
        text().prop_map(Password::Command),
    ];
    let variables = variables();
    let elsewhere = if variables.is_empty() {
        elsewhere.boxed()
    } else {
        prop_oneof![elsewhere, select(variables).prop_map(Password::Env)].boxed()
    };
    if may_be_literal {
        prop_oneof![elsewhere, text().prop_map(Password::Literal)].boxed()
    } else {
        elsewhere
    }
}

fn needed(always: bool, text: impl Strategy<Value = String>) -> impl Strategy<Value = Option<String>> {
    (text, any::<bool>()).prop_map(move |(text, sometimes)| (always || sometimes).then_some(text))
}

/// What may be written: the suite needs a host, a database and a user, and a profile holds no password itself.
fn written(of_suite: bool, file: &'static str) -> impl Strategy<Value = Written> {
    let host = prop_oneof![
        "[a-z]{1,8}(-[a-z0-9]{1,4})?(\\.[a-z]{2,8}){0,2}",
        Just("127.0.0.1".to_owned()),
        Just("::1".to_owned())
    ];
    let names = (
        needed(of_suite, host),
        option::of(1..=u16::MAX),
        needed(of_suite, "[a-zA-Z_ä-][a-zA-Z0-9_$ -]{0,20}[a-z]"),
        needed(of_suite, "[a-z'\"größe漢@%]{1,16}"),
        option::of(password(of_suite, file)),
    );
    let rest = (
        option::of(select(Charset::ALL.to_vec())),
        option::of(tls()),
        option::of(milliseconds()),
        option::of(milliseconds()),
        pool(),
        option::of(retry()),
    );
    (names, rest).prop_map(|((host, port, database, username, password), rest)| {
        let (charset, tls, connect_timeout, query_timeout, pool, retry) = rest;
        Written {
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
        }
    })
}

/// What a suite may say.
pub(super) fn of_suite() -> impl Strategy<Value = Written> {
    written(true, "suite.password")
}

/// What a profile may say; its password, if it has one of its own, is in this file.
pub(super) fn of_profile(file: &'static str) -> impl Strategy<Value = Written> {
    written(false, file)
}

/// A duration as somebody would write it.
fn spelt(milliseconds: u64) -> String {
    match milliseconds {
        whole if whole % 60_000 == 0 => format!("{}m", whole / 60_000),
        whole if whole % 1_000 == 0 => format!("{}s", whole / 1_000),
        other => format!("{other}ms"),
    }
}

fn spell_tls(tls: &Tls) -> Value {
    match tls {
        Tls::VerifyCa(Authority::File(file)) | Tls::VerifyIdentity(Authority::File(file)) => {
            json!({"mode": tls.mode(), "caFile": file})
        }
        _ => json!({"mode": tls.mode()}),
    }
}

fn object(fields: Vec<(&str, Option<Value>)>) -> Map<String, Value> {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl Written {
    /// The block `mysql`.
    pub(super) fn block(&self) -> Map<String, Value> {
        let Self { host, port, database, username, password, charset, tls, .. } = self;
        let Self { connect_timeout, query_timeout, pool, retry, .. } = self;
        let time = |time: &Option<u64>| time.map(|time| json!(spelt(time)));
        let pool = object(vec![
            ("size", pool.size.map(Value::from)),
            ("acquireTimeout", time(&pool.acquire_timeout)),
            ("maxWaiting", pool.max_waiting.map(Value::from)),
            ("overflow", pool.overflow.map(|overflow| json!(overflow.as_str()))),
            ("idleTimeout", time(&pool.idle_timeout)),
            ("validationQuery", pool.validation_query.map(|number| json!(format!("SELECT {number}")))),
        ]);
        let retry = retry.as_ref().map(|(max, delays)| {
            let delays: Vec<String> = delays.iter().map(|delay| spelt(*delay)).collect();
            json!({"max": max, "delays": delays})
        });
        object(vec![
            ("host", host.as_ref().map(|host| json!(host))),
            ("port", port.map(Value::from)),
            ("database", database.as_ref().map(|database| json!(database))),
            ("username", username.as_ref().map(|username| json!(username))),
            ("password", password.as_ref().map(Password::spelt)),
            ("charset", charset.map(|charset| json!(charset.as_str()))),
            ("tls", tls.as_ref().map(spell_tls)),
            ("connectTimeout", time(connect_timeout)),
            ("queryTimeout", time(query_timeout)),
            ("pool", Some(Value::Object(pool)).filter(|pool| *pool != json!({}))),
            ("retry", retry),
        ])
    }

    /// What must come of it, with what a profile says on top; without the password. Paths begin at the folder.
    pub(super) fn expected(&self, over: &Self, folder: &Path) -> Mysql {
        fn of<T: Clone>(over: Option<&T>, own: Option<&T>, default: T) -> T {
            over.or(own).cloned().unwrap_or(default)
        }
        let number = |number: u16| NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN);
        let (pool, more) = (&self.pool, &over.pool);
        let tls = match of(over.tls.as_ref(), self.tls.as_ref(), Tls::Preferred) {
            Tls::VerifyCa(Authority::File(file)) => Tls::VerifyCa(Authority::File(folder.join(file))),
            Tls::VerifyIdentity(Authority::File(file)) => {
                Tls::VerifyIdentity(Authority::File(folder.join(file)))
            }
            other => other,
        };
        let (retries, delays) = of(over.retry.as_ref(), self.retry.as_ref(), (3, vec![1_000, 2_000, 4_000]));
        let delays: Vec<Duration> = delays.into_iter().map(Duration::from_millis).collect();
        let validation = more.validation_query.or(pool.validation_query).unwrap_or(1);
        Mysql {
            host: of(over.host.as_ref(), self.host.as_ref(), String::new()),
            port: number(of(over.port.as_ref(), self.port.as_ref(), 3306)),
            database: of(over.database.as_ref(), self.database.as_ref(), String::new()),
            username: of(over.username.as_ref(), self.username.as_ref(), String::new()),
            password: None,
            charset: of(over.charset.as_ref(), self.charset.as_ref(), Charset::Utf8mb4),
            tls,
            connect_timeout: Duration::from_millis(of(
                over.connect_timeout.as_ref(),
                self.connect_timeout.as_ref(),
                30_000,
            )),
            query_timeout: Duration::from_millis(of(
                over.query_timeout.as_ref(),
                self.query_timeout.as_ref(),
                30_000,
            )),
            pool: Pool {
                size: number(of(more.size.as_ref(), pool.size.as_ref(), 10)),
                acquire_timeout: Duration::from_millis(of(
                    more.acquire_timeout.as_ref(),
                    pool.acquire_timeout.as_ref(),
                    5_000,
                )),
                max_waiting: of(more.max_waiting.as_ref(), pool.max_waiting.as_ref(), 1_000),
                overflow: of(more.overflow.as_ref(), pool.overflow.as_ref(), Overflow::Block),
                idle_timeout: Duration::from_millis(of(
                    more.idle_timeout.as_ref(),
                    pool.idle_timeout.as_ref(),
                    60_000,
                )),
                validation_query: format!("SELECT {validation}"),
            },
            retry: Retry::new(retries, &delays).unwrap_or_default(),
        }
    }
}
