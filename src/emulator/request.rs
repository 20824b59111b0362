//! A request as it arrived: nothing decoded, nothing normalised, because the signature covers the raw bytes.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};

use super::encoding::form_decode;

/// One received request. No `Debug`: its headers carry a signature and may carry a security token.
pub(super) struct Request {
    /// The method, upper case.
    pub(super) method: String,
    /// The path as sent, still escaped; `/` if empty.
    pub(super) path: String,
    /// The query, decoded as a form, in wire order; `None` when it cannot be decoded.
    pub(super) query: Option<Vec<(String, String)>>,
    /// The header fields.
    pub(super) headers: HeaderMap,
    /// The body; empty without one.
    pub(super) body: Bytes,
}

impl Request {
    /// Splits the request target at the first `?` and keeps the rest as it is.
    pub(super) fn new(method: &Method, target: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            method: method.as_str().to_owned(),
            path: target.path().to_owned(),
            query: form_decode(target.query().unwrap_or_default()),
            headers,
            body,
        }
    }

    /// The first value of a header, if it is readable text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value that signatures cover: every value trimmed, equal names sorted and joined by `,`.
    pub(super) fn signed_value(&self, name: &str) -> Option<Vec<u8>> {
        let mut values: Vec<&[u8]> =
            self.headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect();
        values.sort_unstable();
        (!values.is_empty()).then(|| values.join(&b','))
    }
}
