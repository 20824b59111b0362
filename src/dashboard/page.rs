//! The page's files, in the program.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Nothing comes from elsewhere, and nothing is sent elsewhere.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asset {
    pub(super) path: &'static str,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    pub(super) fn response(self) -> Response {
        (StatusCode::OK, [(header::CONTENT_TYPE, self.kind), (header::CACHE_CONTROL, "no-cache")], self.text)
            .into_response()
    }
}

/// All files.
pub(super) const ASSETS: &[Asset] = &[];
