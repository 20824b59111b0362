//! Where requests go: scheme, host and port, exactly as they are sent in `Host` and as they are signed.
//!
//! An origin is only made when a URL parser reads the very same host out of it. So nothing that is checked here (is
//! it loopback? is it plain HTTP?) can mean another machine when the connection is made.

use std::fmt;
use std::net::IpAddr;

/// How the bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

/// Why a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It has more than scheme, host and port, or a host that URL parsers read differently. The text itself is not
    /// repeated: it may hold a password.
    #[error(
        "an endpoint is HOST, HOST:PORT, https://HOST[:PORT] or http://HOST[:PORT], without path, query or user"
    )]
    Shape,
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    authority: String,
    loopback: bool,
}

impl Origin {
    /// Reads `HOST[:PORT]` (which means HTTPS) or `http(s)://HOST[:PORT]`, with or without one `/` at the end.
    ///
    /// # Errors
    /// [`OriginError::Shape`]
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(_) => return Err(OriginError::Shape),
            None => (Scheme::Https, text),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(plain) {
            return Err(OriginError::Shape);
        }
        let origin = Self { scheme, loopback: false, authority };
        let Ok(url) = reqwest::Url::parse(&origin.to_string()) else { return Err(OriginError::Shape) };
        let host = url.host_str().unwrap_or_default();
        let port = origin.authority.strip_prefix(host);
        let same = port.is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok())
        });
        if !same {
            return Err(OriginError::Shape);
        }
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        Ok(Self { loopback, ..origin })
    }

    /// The value of `Host`: lower case, with the port exactly if one was given.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether a request would cross a network unencrypted.
    pub fn travels_in_the_clear(&self) -> bool {
        self.scheme == Scheme::Http && !self.loopback
    }
}

/// `scheme://host[:port]`
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_keeps_the_port_as_it_was_given() {
        assert_eq!(Origin::parse("Host.Example:443").unwrap().authority(), "host.example:443");
        assert_eq!(Origin::parse("https://host.example/").unwrap().to_string(), "https://host.example");
        assert_eq!(Origin::parse("http://[::1]:8080").unwrap().to_string(), "http://[::1]:8080");
    }

    #[test]
    fn loopback_is_what_the_url_parser_says_it_is() {
        for yes in ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]", "http://localhost:8"] {
            assert!(Origin::parse(yes).unwrap().is_loopback(), "{yes}");
            assert!(!Origin::parse(yes).unwrap().travels_in_the_clear(), "{yes}");
        }
        for no in ["http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1"] {
            assert!(Origin::parse(no).unwrap().travels_in_the_clear(), "{no}");
        }
    }

    #[test]
    fn what_a_url_parser_would_read_differently_is_refused() {
        for bad in [
            "",
            "https://",
            "ftp://h",
            "user@h",
            "https://u:p@h",
            "h/path",
            "h?q",
            "h#f",
            "h h",
            "0x7f.1",
            "127.1",
            "h:99999",
            "h:",
            "h:1:2",
            "h\\x",
            "ä.example",
            "http://http://h",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
