//! A real login at the database of a Postgres store, if there is one.
//!
//! It promises to take a few seconds at most, and to say nothing about a database that cannot be reached: the addresses
//! of examples and tests lead nowhere. It must not know stores.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio_postgres::NoTls;

use super::login::Login;
use crate::emulator::encoding::percent_decode;

const PORT: u16 = 5432;
/// How long it may take to reach the database.
const REACH: Duration = Duration::from_secs(1);
/// How long the login may take.
const ANSWER: Duration = Duration::from_secs(5);
/// Names that lead nowhere by definition (RFC 2606).
const NOWHERE: [&str; 3] = [".test", ".example", ".invalid"];

/// Everything for a login. No `Debug`: it holds a password.
pub(in crate::emulator) struct PostgresLogin {
    address: Address,
    user: String,
    password: Vec<u8>,
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    host: String,
    port: u16,
    database: Option<String>,
}

impl PostgresLogin {
    /// A login at the address in `uris`; `None` when that is no address of a database.
    pub(super) fn new(uris: &str, user: &str, password: &[u8]) -> Option<Self> {
        let address = Address::read(uris)?;
        Some(Self { address, user: user.to_owned(), password: password.to_vec() })
    }

    /// Logs in and out. `None` when nobody answers at that address.
    pub(in crate::emulator) async fn attempt(&self) -> Option<Login> {
        let Address { host, port, database } = &self.address;
        if NOWHERE.iter().any(|end| host.ends_with(end)) {
            return None;
        }
        let connecting = TcpStream::connect((host.as_str(), *port));
        let stream = tokio::time::timeout(REACH, connecting).await.ok()?.ok()?;
        let mut config = tokio_postgres::Config::new();
        config.user(&self.user).password(&self.password).application_name("reconcile emulator");
        if let Some(database) = database {
            config.dbname(database);
        }
        Some(match tokio::time::timeout(ANSWER, config.connect_raw(stream, NoTls)).await {
            Ok(Ok(_logged_in)) => Login::Accepted,
            Ok(Err(error)) => Login::Refused(words_of(&error)),
            Err(_elapsed) => Login::Refused(format!("{host}:{port} did not answer the login")),
        })
    }
}

/// The server's own words, with its code.
fn words_of(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{}: {} (SQLSTATE {})", said.severity(), said.message(), said.code().code()),
        None => error.to_string(),
    }
}

impl Address {
    /// Reads `postgresql://host[:port][/database][?…]`.
    fn read(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        if !matches!(scheme, "postgresql" | "postgres") {
            return None;
        }
        let rest = rest.split('?').next().unwrap_or_default();
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(PORT), str::parse).ok()?;
        let database = percent_decode(database).filter(|database| !database.is_empty());
        (!host.is_empty()).then(|| Self { host: host.to_ascii_lowercase(), port, database })
    }
}

#[cfg(test)]
mod tests;
