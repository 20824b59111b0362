//! Checks the addresses of stores: the shape that a subtype asks for, and nothing in them that is a secret.
//!
//! An address is recorded and shown in plans, so it must not hold a user name or password. Nothing is rewritten: what is
//! accepted is sent as it stands.

use crate::domain::kind::store::UriShape;

/// Why an address is refused. No text repeats it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndpointFlaw {
    /// A user name or password.
    #[error("holds a user name or password, and addresses are recorded and shown")]
    Login,
    /// A blank.
    #[error("holds a blank")]
    Blank,
    /// None of the schemes.
    #[error("does not begin with {0}")]
    Scheme(String),
    /// A scheme where there is none.
    #[error("has a scheme, but only host:port is wanted")]
    SchemeUnwanted,
    /// No host, or none that can be one.
    #[error("names no host")]
    Host,
    /// No port, or none that can be one.
    #[error("has no port from 1 to 65535")]
    Port,
    /// More than the host and port.
    #[error("has something behind the port")]
    Behind,
    /// More than one address.
    #[error("is more than one address, but one is wanted")]
    Several,
}

/// Checks one address.
///
/// # Errors
/// The first flaw.
pub(super) fn check(address: &str, shape: UriShape) -> Result<(), EndpointFlaw> {
    if holds_login(address) {
        return Err(EndpointFlaw::Login);
    }
    if address.chars().any(char::is_whitespace) {
        return Err(EndpointFlaw::Blank);
    }
    if shape.schemes.is_empty() {
        if address.contains("://") {
            return Err(EndpointFlaw::SchemeUnwanted);
        }
        return match host_and_port(address)? {
            Some(_) => Ok(()),
            None => Err(EndpointFlaw::Port),
        };
    }
    let rest = shape.schemes.iter().find_map(|scheme| address.strip_prefix(scheme));
    let rest = rest.ok_or_else(|| EndpointFlaw::Scheme(shape.schemes.join(" or ")))?;
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains(',') || behind.contains("://") {
        return Err(EndpointFlaw::Several);
    }
    host_and_port(authority).map(|_| ())
}

/// A login before the host, or one of the parameters in which drivers take one.
fn holds_login(address: &str) -> bool {
    let parameters = address.split_once(['?', '#', ';']).map_or("", |(_, parameters)| parameters);
    let is_login = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        ["user", "password", "passwd", "pwd", "secret", "token", "key"].iter().any(|word| name.contains(word))
    };
    address.contains('@') || parameters.split(['&', ';', '?', '#']).any(is_login)
}

/// The port behind a host, if there is one.
fn host_and_port(text: &str) -> Result<Option<u16>, EndpointFlaw> {
    let (host, behind) = match text.strip_prefix('[') {
        // An IPv6 address.
        Some(rest) => rest.split_once(']').ok_or(EndpointFlaw::Host)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_ipv6 = text.starts_with('[');
    let allowed = |c: char| {
        if is_ipv6 {
            c.is_ascii_hexdigit() || matches!(c, ':' | '.')
        } else {
            c.is_alphanumeric() || "-._".contains(c)
        }
    };
    if host.is_empty() || !host.chars().all(allowed) {
        return Err(EndpointFlaw::Host);
    }
    let Some(port) = behind.strip_prefix(':') else {
        return if behind.is_empty() { Ok(None) } else { Err(EndpointFlaw::Behind) };
    };
    let (digits, behind) = port.split_at(port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len()));
    if !digits.is_empty() && !behind.is_empty() {
        return Err(EndpointFlaw::Behind);
    }
    let number = digits.parse().ok().filter(|port: &u16| *port > 0 && behind.is_empty());
    number.map(Some).ok_or(EndpointFlaw::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKERS: UriShape = UriShape { schemes: &[], example: "" };
    const POSTGRES: UriShape = UriShape { schemes: &["postgresql://"], example: "" };
    const CLICKHOUSE: UriShape = UriShape { schemes: &["https://", "jdbc:clickhouse://"], example: "" };

    #[test]
    fn what_a_subtype_takes_is_accepted_as_it_stands() {
        for address in ["b-1.example.com:9092", "10.0.0.1:1", "localhost:65535", "[::1]:9092", "my_host:9092"]
        {
            assert_eq!(check(address, BROKERS), Ok(()), "{address}");
        }
        for address in ["postgresql://h:5432/db", "postgresql://h/db", "postgresql://h:5432/db?param1=test"] {
            assert_eq!(check(address, POSTGRES), Ok(()), "{address}");
        }
        for address in ["https://h:8443", "jdbc:clickhouse://h:8443/db", "https://h/"] {
            assert_eq!(check(address, CLICKHOUSE), Ok(()), "{address}");
        }
    }

    #[test]
    fn anything_else_is_refused_for_its_reason() {
        for (address, flaw) in [
            ("kafka://b:9092", EndpointFlaw::SchemeUnwanted),
            ("b", EndpointFlaw::Port),
            ("b:", EndpointFlaw::Port),
            ("b:0", EndpointFlaw::Port),
            ("b:65536", EndpointFlaw::Port),
            ("b:x", EndpointFlaw::Port),
            (":9092", EndpointFlaw::Host),
            ("b/c:9092", EndpointFlaw::Host),
            ("[::1:9092", EndpointFlaw::Host),
            ("b:9092/x", EndpointFlaw::Behind),
            ("b :9092", EndpointFlaw::Blank),
            ("u:p@b:9092", EndpointFlaw::Login),
        ] {
            assert_eq!(check(address, BROKERS), Err(flaw), "{address}");
        }
        for (address, flaw) in [
            ("postgres://h:5432/db", EndpointFlaw::Scheme("postgresql://".into())),
            ("h:5432", EndpointFlaw::Scheme("postgresql://".into())),
            ("postgresql:///db", EndpointFlaw::Host),
            ("postgresql://h:1,i:2/db", EndpointFlaw::Several),
            ("postgresql://h:1/db,postgresql://i:2/db", EndpointFlaw::Several),
            ("postgresql://u:p@h/db", EndpointFlaw::Login),
            ("postgresql://u:p/w@h/db", EndpointFlaw::Login),
            ("postgresql://h/db?sslmode=x&Password=y", EndpointFlaw::Login),
        ] {
            assert_eq!(check(address, POSTGRES), Err(flaw), "{address}");
        }
    }
}
