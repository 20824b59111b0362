//! Properties 1 and 3: a valid configuration connects, an invalid one is named.

use std::num::NonZeroU16;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::trial::{Judged, Trial, judge, require};
use crate::domain::suite::mysql::{Authority, Charset, Mysql, Pool, Tls};
use crate::domain::suite::verdict::Verdict;
use crate::verify::mysql::class::Setting;
use crate::verify::mysql::client::Client;
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::facts::ServerFacts;

/// Opens a session, asks it something and closes it.
pub trait Dialer {
    /// Does it as declared; what the server said about itself.
    ///
    /// # Errors
    /// [`MysqlError`]
    fn dial(&self, mysql: &Mysql) -> impl Future<Output = Result<ServerFacts, MysqlError>>;
}

/// The real one.
impl Dialer for () {
    async fn dial(&self, mysql: &Mysql) -> Result<ServerFacts, MysqlError> {
        let mut session = Client::new(mysql.clone())?.connect().await?;
        session.validate(&mysql.pool.validation_query).await?;
        let facts = session.facts().clone();
        session.close().await?;
        Ok(facts)
    }
}

/// Property 1: for any valid configuration, a connection is established. `valid` are the ways to reach the database that
/// are known to be right (accounts, hosts, TLS modes); the rest is varied.
pub fn connection_establishment(dialer: &impl Dialer, valid: &[Mysql], trial: Trial) -> Verdict {
    if valid.is_empty() {
        return Verdict::NotApplicable { reason: "no database is declared".to_owned() };
    }
    let cases = (select(valid.to_vec()), select(Charset::ALL.to_vec()), 5..60_u64, 5..60_u64, 1..=20_u16);
    let cases = cases.prop_map(|(mysql, charset, connect, query, size)| Mysql {
        charset,
        connect_timeout: Duration::from_secs(connect),
        query_timeout: Duration::from_secs(query),
        // No larger than declared: whether the account may have more is not known.
        pool: Pool {
            size: mysql.pool.size.min(NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN)),
            ..mysql.pool.clone()
        },
        ..mysql
    });
    judge(trial, &cases, async |mysql| -> Judged {
        let facts = dialer.dial(&mysql).await.map_err(|error| error.to_string())?;
        let (mode, encrypted) = (mysql.tls.mode(), facts.encrypted);
        let as_declared = match mysql.tls {
            Tls::Disabled => !encrypted,
            Tls::Preferred => true,
            Tls::Required | Tls::VerifyCa(_) | Tls::VerifyIdentity(_) => encrypted,
        };
        require(as_declared, || format!("tls is {mode}, and encrypted is {encrypted}"))?;
        Ok(vec![("connections", 1), ("encrypted connections", u64::from(encrypted))])
    })
}

/// One thing that is wrong about a configuration.
#[derive(Debug, Clone)]
enum Wrong {
    Host(String),
    /// On this machine, where a port is known to be closed, or to be open and silent.
    Port {
        silent: bool,
    },
    Username(String),
    NoPassword,
    Database(String),
    Authority(String),
    PoolSize(u16),
}

impl Wrong {
    /// Who may be blamed. The server does not tell a name that it does not know from a wrong password.
    fn setting(&self) -> Setting {
        match self {
            Self::Host(_) => Setting::Host,
            Self::Port { .. } => Setting::Port,
            Self::Username(_) => Setting::Credentials,
            Self::NoPassword => Setting::Password,
            Self::Database(_) => Setting::Database,
            Self::Authority(_) => Setting::Tls,
            Self::PoolSize(_) => Setting::Pool,
        }
    }
}

/// Property 3: for any invalid configuration, the failure names what is wrong, with a code and a remedy of its own, and no
/// password. `valid` is right, has a password, and belongs to an account that may not do without.
pub fn invalid_configuration(dialer: &impl Dialer, valid: &Mysql, trial: Trial) -> Verdict {
    let odd = || "[a-z]{6,12}";
    let cases = prop_oneof![
        odd().prop_map(|name| Wrong::Host(format!("{name}.invalid"))),
        any::<bool>().prop_map(|silent| Wrong::Port { silent }),
        odd().prop_map(|name| Wrong::Username(format!("nobody_{name}"))),
        Just(Wrong::NoPassword),
        odd().prop_map(|name| Wrong::Database(format!("no_such_{name}"))),
        odd().prop_map(|name| Wrong::Authority(format!("/nonexistent/{name}.pem"))),
        (Pool::LARGEST / 2..=Pool::LARGEST).prop_map(Wrong::PoolSize),
    ];
    judge(trial, &cases, async |wrong| -> Judged {
        let (mysql, _listener) = with(valid, &wrong).await?;
        let limit = facts_limit(dialer, valid).await?;
        if let Wrong::PoolSize(size) = wrong
            && u64::from(size) <= limit
        {
            return Ok(vec![("sizes that this server has room for", 1)]);
        }
        let Err(error) = dialer.dial(&mysql).await else {
            return Err("a connection was established".to_owned());
        };
        let (expected, text) = (wrong.setting(), error.to_string());
        require(error.setting() == Some(expected), || {
            format!("{expected} is wrong, and this was said: {text}")
        })?;
        for part in [expected.code(), expected.field(), expected.remedy()] {
            require(text.contains(part), || format!("{part:?} is missing: {text}"))?;
        }
        let secret = valid.password.as_ref().and_then(|sealed| sealed.content());
        let told = format!("{text} {error:?} {mysql:?}");
        let leaks = secret.is_some_and(|secret| told.contains(secrecy::ExposeSecret::expose_secret(secret)));
        require(!leaks, || "the password is told".to_owned())?;
        Ok(vec![(expected.code(), 1)])
    })
}

async fn facts_limit(dialer: &impl Dialer, valid: &Mysql) -> Result<u64, String> {
    let facts = dialer.dial(valid).await.map_err(|error| format!("what should be valid is not: {error}"))?;
    Ok(facts.most_connections)
}

/// The configuration with this one thing wrong, and what keeps a silent port open.
async fn with(valid: &Mysql, wrong: &Wrong) -> Result<(Mysql, Option<tokio::net::TcpListener>), String> {
    let mut mysql = valid.clone();
    let mut listener = None;
    match wrong {
        Wrong::Host(host) => mysql.host.clone_from(host),
        Wrong::Port { silent } => {
            let bound = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let bound = bound.map_err(|error| format!("the machine gives no port: {error}"))?;
            let port = bound.local_addr().ok().and_then(|address| NonZeroU16::new(address.port()));
            "127.0.0.1".clone_into(&mut mysql.host);
            mysql.port = port.unwrap_or(mysql.port);
            mysql.connect_timeout = Duration::from_millis(50);
            listener = silent.then_some(bound);
        }
        Wrong::Username(name) => mysql.username.clone_from(name),
        Wrong::NoPassword => mysql.password = None,
        Wrong::Database(name) => mysql.database.clone_from(name),
        Wrong::Authority(path) => mysql.tls = Tls::VerifyCa(Authority::File(path.into())),
        Wrong::PoolSize(size) => mysql.pool.size = NonZeroU16::new(*size).unwrap_or(NonZeroU16::MIN),
    }
    Ok((mysql, listener))
}
