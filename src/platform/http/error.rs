//! What went wrong on the way, in terms of what may have happened on the other side.

use std::error::Error;
use std::time::Duration;

use super::client::Deadlines;
use super::origin::Origin;

/// A call that brought no usable answer. No text holds a path, a query or a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The client could not be built.
    #[error("cannot set up a connection to {origin}: {detail}")]
    Setup {
        /// Where it was to go.
        origin: Origin,
        /// Why.
        detail: String,
    },
    /// The request cannot be put on the wire unchanged. Definite: nothing was sent.
    #[error("a request to {origin} cannot be sent as it is: {detail}")]
    Unsendable {
        /// Where it was to go.
        origin: Origin,
        /// Why.
        detail: &'static str,
    },
    /// No connection: name resolution, TCP, proxy or TLS. Definite: nothing was sent.
    #[error("cannot connect to {origin}: {detail}")]
    Unreachable {
        /// Where it was to go.
        origin: Origin,
        /// Why.
        detail: String,
    },
    /// A deadline passed after the connection stood. The request may have been processed.
    #[error("{origin} did not answer completely in time (limits: {} s between bytes, {} s in all)", read.as_secs_f64(), total.as_secs_f64())]
    TimedOut {
        /// Where it went.
        origin: Origin,
        /// The longest silence allowed.
        read: Duration,
        /// The longest call allowed.
        total: Duration,
    },
    /// The connection ended before the answer did. The request may have been processed.
    #[error("the connection to {origin} ended before the answer was complete: {detail}")]
    Cut {
        /// Where it went.
        origin: Origin,
        /// How.
        detail: String,
    },
    /// The answer is not HTTP. The request may have been processed.
    #[error("{origin} did not answer in HTTP: {detail}")]
    NotHttp {
        /// Where it went.
        origin: Origin,
        /// How it broke the rules.
        detail: String,
    },
    /// The answer's body is above the limit. The request may have been processed.
    #[error("the answer of {origin} is larger than {limit} bytes")]
    TooLarge {
        /// Where it went.
        origin: Origin,
        /// The limit in bytes.
        limit: usize,
    },
    /// A redirect. Signed requests and credentials never follow one. The request may have been processed.
    #[error("{origin} answered with a redirect (HTTP {status}), which is never followed: check the endpoint")]
    Redirect {
        /// Where it went.
        origin: Origin,
        /// 300 to 399.
        status: u16,
    },
}

impl HttpError {
    /// Whether it is certain that the other side never saw the request.
    pub fn nothing_was_sent(&self) -> bool {
        match self {
            HttpError::Setup { .. } | HttpError::Unsendable { .. } | HttpError::Unreachable { .. } => true,
            HttpError::TimedOut { .. }
            | HttpError::Cut { .. }
            | HttpError::NotHttp { .. }
            | HttpError::TooLarge { .. }
            | HttpError::Redirect { .. } => false,
        }
    }

    /// Sorts what the HTTP library says. Its own text is never used: it repeats the URL.
    pub(super) fn sort(origin: &Origin, deadlines: &Deadlines, error: &reqwest::Error) -> Self {
        let origin = origin.clone();
        let detail = innermost(error);
        if error.is_builder() {
            HttpError::Unsendable { origin, detail: "it has a part that HTTP cannot carry" }
        } else if error.is_connect() {
            HttpError::Unreachable { origin, detail }
        } else if error.is_timeout() {
            HttpError::TimedOut { origin, read: deadlines.read, total: deadlines.total }
        } else if causes(error).any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse)) {
            HttpError::NotHttp { origin, detail }
        } else {
            HttpError::Cut { origin, detail }
        }
    }
}

/// The causes below the library's own error, outermost first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The first cause in the operating system's or the protocol's words.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}
