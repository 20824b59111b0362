//! Reads `mysql`: of a suite, which needs host, database and user, and of a profile, which needs nothing.

use super::mysql_parts::{pool, retry, tls};
use super::scalar::{duration, maybe, small, word};
use crate::domain::secret::Sealed;
use crate::domain::suite::mysql::{Charset, Mysql, MysqlSettings};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::yaml::Value;
use crate::manifest::{codes, decode, sealed};

/// Where the block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Suite,
    /// In the project file, in which no password stands.
    Profile,
}

/// Reads the block of a suite.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Mysql> {
    let settings = settings(field, Place::Suite, report)?;
    let MysqlSettings { host: Some(host), database: Some(database), username: Some(username), .. } =
        &settings
    else {
        return None;
    };
    Some(Mysql::new(host.clone(), database.clone(), username.clone()).with(settings))
}

/// Reads the block of a profile.
pub(super) fn in_profile(field: Field, report: &mut Report<'_>) -> Option<MysqlSettings> {
    settings(field, Place::Profile, report)
}

fn settings(field: Field, place: Place, report: &mut Report<'_>) -> Option<MysqlSettings> {
    let mut object = Object::open(field, "mysql", report)?;
    let mut needed = |name, report: &mut Report<'_>| match place {
        // `Some(None)` would be a field that may be missing.
        Place::Suite => object.required(name, report).map(Some),
        Place::Profile => Some(object.optional(name)),
    };
    let host = needed("host", report).and_then(|field| maybe(field, |field| host(field, report)));
    let database = needed("database", report).and_then(|field| {
        maybe(field, |field| decode::checked(field, codes::BAD_DATABASE, database, report))
    });
    let username = needed("username", report)
        .and_then(|field| maybe(field, |field| decode::checked(field, codes::BAD_USER, username, report)));
    let port = maybe(object.optional("port"), |field| small(&field, u16::MAX, codes::BAD_PORT, report));
    let password = maybe(object.optional("password"), |field| password(field, place, report));
    let charset = maybe(object.optional("charset"), |field| charset(field, report));
    let tls = maybe(object.optional("tls"), |field| tls(field, report));
    let connect_timeout = maybe(object.optional("connectTimeout"), |field| duration(field, report));
    let query_timeout = maybe(object.optional("queryTimeout"), |field| duration(field, report));
    let pool = maybe(object.optional("pool"), |field| pool(field, report));
    let retry = maybe(object.optional("retry"), |field| retry(field, report));
    object.finish(report);
    Some(MysqlSettings {
        host: host?,
        port: port?,
        database: database?,
        username: username?,
        password: password?,
        charset: charset?,
        tls: tls?,
        connect_timeout: connect_timeout?,
        query_timeout: query_timeout?,
        pool: pool?.unwrap_or_default(),
        retry: retry?,
    })
}

/// A name or number of a host, and nothing else: the port has its own field, and so have user and password.
fn host(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let host = decode::line(field, report)?;
    if host.contains('@') {
        let message = format!("`{path}` holds a user name or password");
        let help = Some("write them into `username` and `password`".to_owned());
        return report.error_unseen(codes::BAD_HOST, mark, message, help);
    }
    let is_number = host.parse::<std::net::Ipv6Addr>().is_ok();
    if is_number || host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        return Some(host);
    }
    let message = format!("`{path}` is not the name or number of a host: {}", report.value(mark, &host, []));
    let help = Some("write the host alone; `port` has its own field".to_owned());
    report.error(codes::BAD_HOST, mark, message, "not a host", help)
}

/// Why a name of the server's is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{name}` is not the name of a {what}: it has 1 to {most} characters, and none of `/`, `\\`, `.` and blanks at its end"
)]
struct NameError {
    name: String,
    what: &'static str,
    most: usize,
}

/// As both servers have it.
fn database(name: String) -> Result<String, NameError> {
    let is_name = name.chars().count() <= 64 && !name.contains(['/', '\\', '.']) && !name.ends_with(' ');
    if is_name { Ok(name) } else { Err(NameError { name, what: "database", most: 64 }) }
}

/// MariaDB has 128, MySQL 32.
fn username(name: String) -> Result<String, NameError> {
    let is_name = name.chars().count() <= 128 && !name.ends_with(' ');
    if is_name { Ok(name) } else { Err(NameError { name, what: "user", most: 128 }) }
}

fn charset(field: Field, report: &mut Report<'_>) -> Option<Charset> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    if let Value::Text(text) = &field.node.value
        && Charset::ALL.iter().all(|charset| charset.as_str() != text)
        && !text.trim().is_empty()
    {
        let shown = report.value(mark, text, []);
        let message = format!("`{path}` cannot be `{shown}`: rows are sent as UTF-8");
        let help = Some("write `utf8mb4`, or `utf8mb3` where no character has four bytes".to_owned());
        return report.error(codes::BAD_CHARSET, mark, message, "not UTF-8", help);
    }
    word(field, Charset::ALL, Charset::as_str, report)
}

fn password(field: Field, place: Place, report: &mut Report<'_>) -> Option<Sealed> {
    let is_literal =
        matches!(field.node.value, Value::Text(_) | Value::Flag(_) | Value::Whole(_) | Value::Number);
    if place == Place::Profile && is_literal {
        let message = format!("`{}` is not the place for a password", field.path);
        let help = Some("write `password: {fromEnv: NAME}`".to_owned());
        return report.error_unseen(codes::TOKEN_IN_FILE, field.node.mark, message, help);
    }
    sealed::secret(field, report)
}
