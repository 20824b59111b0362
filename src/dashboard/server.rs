//! The HTTP server: its own thread with its own runtime, so that it answers whatever the watch is doing.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::sync::oneshot;

use super::access::{Access, Refused};
use super::board::{Board, Health};
use super::connection::LimitedListener;
use super::page;
use super::stream::events;
use super::view::Problem;
use crate::domain::address::{Address, Kind, ObjectName};

/// The prefix of everything that a token protects, beside the metrics.
const API: &str = "/api/";
const METRICS: &str = "/metrics";

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The machine gave no thread or event queue.
    #[error("the machine gave no {what}: {source}")]
    Machine {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It ended before it began.
    #[error("the server ended before it began")]
    Ended,
}

/// A running server. It stops when this is dropped.
#[must_use = "the server stops when its handle is dropped"]
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that shows this board, and returns when it answers.
    ///
    /// # Errors
    /// [`ServeError`]
    pub fn start(listen: SocketAddr, access: Access, board: Arc<Board>) -> Result<Self, ServeError> {
        let bound = |source| ServeError::Bind { address: listen, source };
        let listener = TcpListener::bind(listen).map_err(bound)?;
        listener.set_nonblocking(true).map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::channel();
        let body = move || serve(listener, router(access, board), stopped, &report);
        let thread = std::thread::Builder::new()
            .name("dashboard".to_owned())
            .spawn(body)
            .map_err(|source| ServeError::Machine { what: "thread", source })?;
        let server = Self { address, stop: Some(stop), thread: Some(thread) };
        started.recv().or(Err(ServeError::Ended))??;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told there; the watch has ended well without it.
            drop(thread.join());
        }
    }
}

fn serve(
    listener: TcpListener,
    router: Router,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::Sender<Result<(), ServeError>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ready = runtime.and_then(|runtime| {
        let guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(guard);
        Ok((runtime, LimitedListener::new(listener)))
    });
    let (told, ready) = match ready {
        Ok(ready) => (Ok(()), Some(ready)),
        Err(source) => (Err(ServeError::Machine { what: "event queue", source }), None),
    };
    let heard = report.send(told).is_ok();
    if let Some((runtime, listener)) = ready.filter(|_| heard) {
        runtime.block_on(async {
            tokio::select! {
                ended = axum::serve(listener, router) => if let Err(error) = ended {
                    tracing::error!(%error, "the server of the page stopped");
                },
                // Completes when the handle is dropped. Streams are cut.
                _ = stopped => {}
            }
        });
    }
}

/// What every request is served with.
#[derive(Clone)]
struct Shared {
    access: Access,
    board: Arc<Board>,
}

fn router(access: Access, board: Arc<Board>) -> Router {
    let shared = Shared { access, board };
    let mut router = Router::new()
        .route("/healthz", get(async |State(shared): State<Shared>| probe(shared.board.health())))
        .route("/readyz", get(async |State(shared): State<Shared>| probe(shared.board.readiness())))
        .route(METRICS, get(metrics))
        .route("/api/v1/status", get(async |State(shared): State<Shared>| json(&shared.board.status())))
        .route("/api/v1/resources", get(async |State(shared): State<Shared>| json(&shared.board.resources())))
        .route("/api/v1/resources/{kind}/{name}", get(detail))
        .route("/api/v1/passes", get(async |State(shared): State<Shared>| json(&shared.board.passes())))
        .route("/api/v1/events", get(stream));
    for asset in page::ASSETS {
        router = router.route(asset.path, get(async move || asset.response()));
    }
    router
        .fallback(async || problem(StatusCode::NOT_FOUND, "there is no such page"))
        .layer(from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

/// Refuses who may not read, and keeps browsers from doing more with an answer than showing it.
async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_protected = path.starts_with(API) || path == METRICS;
    let refused = match shared.access {
        Access::Token(_) if !is_protected => Ok(()),
        access => access.check(request.headers()),
    };
    let mut response = match refused {
        Ok(()) => next.run(request).await,
        Err(Refused::Unauthorized) => {
            let mut response =
                problem(StatusCode::UNAUTHORIZED, "send the header `Authorization: Bearer TOKEN`");
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
        Err(Refused::Host) => problem(
            StatusCode::FORBIDDEN,
            "without a token this answers to localhost, 127.0.0.1 and [::1] only; see --token-file",
        ),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

fn json<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => answer(StatusCode::OK, "application/json", body),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn problem(status: StatusCode, error: &str) -> Response {
    let body = serde_json::to_vec(&Problem { error: error.to_owned() }).unwrap_or_default();
    answer(status, "application/json", body)
}

/// One word and one line, as probes and people read it.
fn probe(health: Health) -> Response {
    match health {
        Ok(()) => answer(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"),
        Err(why) => answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", format!("{why}\n")),
    }
}

async fn metrics(State(shared): State<Shared>) -> Response {
    match shared.board.exposition() {
        Ok(text) => answer(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn detail(State(shared): State<Shared>, Path((kind, name)): Path<(String, String)>) -> Response {
    let kind = Kind::ALL.iter().find(|known| known.as_str() == kind);
    let address = kind.and_then(|kind| Some(Address { kind: *kind, name: ObjectName::new(name).ok()? }));
    match address.and_then(|address| shared.board.detail(&address)) {
        Some(detail) => json(&detail),
        None => {
            problem(StatusCode::NOT_FOUND, "there is no such object; /api/v1/resources lists all of them")
        }
    }
}

/// Where a reader goes on: the query, or the header that browsers send when they come back by themselves.
#[derive(Debug, serde::Deserialize)]
struct From {
    since: Option<u64>,
}

async fn stream(
    State(shared): State<Shared>,
    Query(From { since }): Query<From>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let since = since.or_else(|| last.and_then(|last| last.parse().ok()));
    events(shared.board, since).into_response()
}
