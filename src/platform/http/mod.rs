//! HTTP, client side: one way to build a client, one way to send, one vocabulary for what went wrong.

mod client;
mod error;
mod origin;
mod url;

#[cfg(test)]
pub(crate) mod captured_log;
#[cfg(test)]
pub(crate) mod loopback;
#[cfg(test)]
mod tests;

pub use client::{Deadlines, HttpClient, HttpRequest, HttpResponse, Method, Proxy, ProxyError, ProxyUrl};
pub use error::HttpError;
pub use origin::{Origin, OriginError, Scheme};
pub use url::{HttpUrl, HttpUrlError};
