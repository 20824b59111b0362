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

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset { path: concat!("/page/", $name), kind: $kind, text: include_str!(concat!("page/", $name)) }
    };
}

macro_rules! script {
    ($name:literal) => {
        asset!($name, "text/javascript; charset=utf-8")
    };
}

macro_rules! style {
    ($name:literal) => {
        asset!($name, "text/css; charset=utf-8")
    };
}

/// All files.
pub(super) const ASSETS: &[Asset] = &[
    Asset { path: "/", kind: "text/html; charset=utf-8", text: include_str!("page/index.html") },
    style!("page.css"),
    style!("list.css"),
    style!("detail.css"),
    script!("api.js"),
    script!("board.js"),
    script!("contract.js"),
    script!("detail.js"),
    script!("diff.js"),
    script!("dom.js"),
    script!("grid.js"),
    script!("keys.js"),
    script!("log.js"),
    script!("overview.js"),
    script!("page.js"),
    script!("route.js"),
    script!("row.js"),
    script!("stream.js"),
    script!("theme.js"),
    script!("themes.js"),
    script!("time.js"),
    script!("title.js"),
];
