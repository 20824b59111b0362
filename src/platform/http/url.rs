//! A URL whose path and query may be a secret, as those of many webhooks are.
//!
//! Promises: only its origin is ever shown; it goes over TLS or stays on this machine; what is sent is what was written.

use std::fmt;

use super::origin::Origin;

/// Why a text is not such a URL. It is not repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpUrlError {
    /// It is something else than `https://HOST[:PORT]/PATH`, or a URL parser would change it.
    #[error("is not a URL that can be sent as it stands: https://HOST[:PORT]/PATH, without a user or a `#`")]
    Shape,
    /// It would cross a network unencrypted.
    #[error("would cross the network in the clear: http is for loopback only, use https")]
    InTheClear,
}

/// Origin, path and query.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl {
    origin: Origin,
    target: String,
}

impl HttpUrl {
    /// Reads `https://HOST[:PORT][/PATH][?QUERY]`, or the same with `http` where the host is this machine.
    ///
    /// # Errors
    /// [`HttpUrlError`]
    pub fn parse(text: &str) -> Result<Self, HttpUrlError> {
        let Some((scheme, rest)) = text.split_once("://") else { return Err(HttpUrlError::Shape) };
        let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let Ok(origin) = Origin::parse(&format!("{scheme}://{authority}")) else {
            return Err(HttpUrlError::Shape);
        };
        let target = if target.is_empty() { "/" } else { target };
        whole(&origin, target).ok_or(HttpUrlError::Shape)?;
        if origin.travels_in_the_clear() {
            return Err(HttpUrlError::InTheClear);
        }
        Ok(Self { origin, target: target.to_owned() })
    }

    /// Where requests go; this may be shown.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Path and query, for the request and for nothing else.
    pub fn target(&self) -> &str {
        &self.target
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({}/[redacted])", self.origin)
    }
}

/// The whole URL of a target at an origin. `None` when it is not a path, or when the parser would change it: it folds dot
/// segments and escapes what it thinks should be, and a signature or a secret would no longer fit.
pub(super) fn whole(origin: &Origin, target: &str) -> Option<reqwest::Url> {
    let url = reqwest::Url::parse(&format!("{origin}{target}")).ok()?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    (format!("{}{query}", url.path()) == target).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_shows_its_origin_only() {
        let url = HttpUrl::parse("https://Hooks.Example:8443/services/hunter2?key=hunter2").unwrap();
        assert_eq!(
            (url.origin().to_string(), url.target()),
            ("https://hooks.example:8443".to_owned(), "/services/hunter2?key=hunter2")
        );
        assert_eq!(format!("{url:?}"), "HttpUrl(https://hooks.example:8443/[redacted])");
        assert_eq!(HttpUrl::parse("http://127.0.0.1:1").unwrap().target(), "/");
    }

    #[test]
    fn what_cannot_be_sent_as_it_stands_or_would_be_overheard_is_refused() {
        for text in [
            "",
            "hooks.example/x",
            "ftp://h/x",
            "https://",
            "https:///x",
            "https://u:hunter2@h/x",
            "https://h/x#y",
            "https://h?x",
            "https://h/a b",
            "https://h/../x",
            "https://h/ä",
            "https://h/x\n",
        ] {
            assert_eq!(HttpUrl::parse(text), Err(HttpUrlError::Shape), "{text:?}");
        }
        for text in ["http://hooks.example/x", "http://10.0.0.1/x", "http://localhost.example/x"] {
            assert_eq!(HttpUrl::parse(text), Err(HttpUrlError::InTheClear), "{text:?}");
        }
    }
}
