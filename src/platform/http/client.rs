//! The one HTTP client factory.
//!
//! Promises: a call sends at most one request, follows no redirect, ends within its deadlines, reads no more than its
//! limit, sends the target byte for byte, and logs how long it took without its URL or headers. It knows no vendor.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;

use super::error::HttpError;
use super::origin::{Origin, Scheme};
use super::url::whole;

/// An idle connection is dropped after this long: below what common servers grant, so that no request runs into a
/// connection that the other side is just closing.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// A call slower than this is worth a warning (design.md 3.1).
const SLOW: Duration = Duration::from_secs(5);

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// The longest silence once it stands.
    pub read: Duration,
    /// The whole call.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), read: Duration::from_mins(1), total: Duration::from_mins(2) }
    }
}

/// Through which proxy calls go. A loopback origin is always reached directly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// As the environment says (`HTTPS_PROXY`, `NO_PROXY`, …).
    #[default]
    System,
    /// None, whatever the environment says.
    None,
    /// This one.
    Url(ProxyUrl),
}

/// The URL of a proxy; may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(String);

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl([redacted])")
    }
}

/// The text is not a proxy setting. It is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is `system`, `none` or a URL that begins with http:// or https://")]
pub struct ProxyError;

impl std::str::FromStr for Proxy {
    type Err = ProxyError;
    fn from_str(text: &str) -> Result<Self, ProxyError> {
        match text {
            "system" => Ok(Proxy::System),
            "none" => Ok(Proxy::None),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                if reqwest::Proxy::all(url).is_err() {
                    return Err(ProxyError);
                }
                Ok(Proxy::Url(ProxyUrl(url.to_owned())))
            }
            _ => Err(ProxyError),
        }
    }
}

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// DELETE
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// One request.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// What it is, in the vendor's words; for logs.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// Path and query, escaped already; sent byte for byte.
    pub target: String,
    /// The headers, lower-case names; `content-length` is ours, `host` defaults to the origin's.
    pub headers: Vec<(String, String)>,
    /// The body; `None` on POST and DELETE is sent as `content-length: 0`.
    pub body: Option<Vec<u8>>,
}

/// Headers hold credentials, the query may: neither is shown.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({} {})", self.method.as_str(), self.operation)
    }
}

/// One complete answer; never a redirect.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// 200 to 299 or 400 to 599.
    pub status: u16,
    /// Header values in ASCII, by lower-case name; of a repeated name the first.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body, read as JSON. All of it has to be text: of bytes alone, those of members that nobody asks for are skipped
    /// unseen, and a damaged name would be a member that is not there.
    ///
    /// # Errors
    /// [`serde_json::Error`]
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let text = std::str::from_utf8(&self.body).map_err(serde::de::Error::custom)?;
        serde_json::from_str(text)
    }
}

/// The body may hold credentials: only its length is shown.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// A client of one origin, with its connection pool. Cheap to clone; a clone shares the pool.
#[derive(Debug, Clone)]
pub struct HttpClient {
    inner: reqwest::Client,
    origin: Origin,
    deadlines: Deadlines,
    body_limit: usize,
}

impl HttpClient {
    /// A client.
    ///
    /// # Errors
    /// [`HttpError::Setup`], for example when the machine has no root certificates.
    pub fn new(
        origin: Origin,
        proxy: &Proxy,
        deadlines: Deadlines,
        body_limit: usize,
    ) -> Result<Self, HttpError> {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::trace!("the TLS back end is installed already");
        }
        let setup = |_: reqwest::Error| HttpError::Setup {
            origin: origin.clone(),
            detail: "TLS or the proxy could not be set up (are root certificates installed?)".to_owned(),
        };
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(deadlines.connect)
            .read_timeout(deadlines.read)
            .timeout(deadlines.total)
            .pool_idle_timeout(POOL_IDLE);
        if origin.scheme() == Scheme::Http {
            // No TLS will be spoken: the machine's root certificates are neither needed nor read.
            builder = builder.tls_certs_only([]);
        }
        builder = match proxy {
            _ if origin.is_loopback() => builder.no_proxy(),
            Proxy::System => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(ProxyUrl(url)) => builder.proxy(reqwest::Proxy::all(url).map_err(setup)?),
        };
        let inner = builder.build().map_err(setup)?;
        Ok(Self { inner, origin, deadlines, body_limit })
    }

    /// Where requests go.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends one request and reads the answer completely.
    ///
    /// # Errors
    /// [`HttpError`]; [`HttpError::nothing_was_sent`] tells whether the other side may have seen it.
    pub async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let started = tokio::time::Instant::now();
        let outcome = self.exchange(request).await;
        log(request.operation, started.elapsed(), &outcome);
        outcome
    }

    async fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let sort = |error: reqwest::Error| HttpError::sort(&self.origin, &self.deadlines, &error);
        let mut answer = self.inner.execute(self.compose(request)?).await.map_err(sort)?;
        let status = answer.status().as_u16();
        if (300..400).contains(&status) {
            return Err(HttpError::Redirect { origin: self.origin.clone(), status });
        }
        let mut headers = BTreeMap::new();
        for (name, value) in answer.headers() {
            if let Ok(text) = value.to_str() {
                headers.entry(name.as_str().to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(sort)? {
            if body.len().saturating_add(chunk.len()) > self.body_limit {
                return Err(HttpError::TooLarge { origin: self.origin.clone(), limit: self.body_limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, headers, body })
    }

    fn compose(&self, request: &HttpRequest) -> Result<reqwest::Request, HttpError> {
        let refuse = |detail| HttpError::Unsendable { origin: self.origin.clone(), detail };
        let illegal = "a header has a character that HTTP cannot carry";
        let Some(url) = whole(&self.origin, &request.target) else {
            return Err(refuse("its target is not a path, or would be changed on the way"));
        };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut headers = HeaderMap::new();
        let named = std::iter::once(("host", self.origin.authority()))
            .chain(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for (name, value) in named {
            let (Ok(name), Ok(mut value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            else {
                return Err(refuse(illegal));
            };
            value.set_sensitive(name == "authorization" || name == "x-acs-security-token");
            headers.insert(name, value);
        }
        if request.body.is_none() && request.method != Method::Get {
            headers.insert(reqwest::header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut composed = reqwest::Request::new(method, url);
        *composed.headers_mut() = headers;
        *composed.body_mut() = request.body.clone().map(Into::into);
        Ok(composed)
    }
}

/// One record per call, a warning when it was slow.
pub(super) fn log(operation: &'static str, took: Duration, outcome: &Result<HttpResponse, HttpError>) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let status = outcome.as_ref().map(|answer| answer.status).unwrap_or_default();
    if took > SLOW {
        tracing::warn!(operation, ms, status, "slow call");
    } else {
        tracing::debug!(operation, ms, status, "call");
    }
}
