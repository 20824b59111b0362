//! The HTTP server: its own thread with its own runtime, so that it answers whatever its caller's runtime is doing.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::sync::oneshot;

use super::address::Address;
use super::answer::Failure;
use super::connection::{CuttableListener, Scissors};
use super::credentials::PLAIN;
use super::error::EmulatorError;
use super::jar::Mode;
use super::log;
use super::request::Request;
use super::service::{Served, Service};
use super::simulation::Simulation;
use super::store::Store;
use crate::platform::time::SystemClock;
use crate::platform::{entropy, fs, time};

/// The largest request body.
const BODY_LIMIT: usize = 1 << 20;

/// What an emulator is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen: a loopback address; port 0 is a free port.
    pub listen: SocketAddr,
    /// The folder of the world; without one the world ends with the emulator.
    pub data: Option<PathBuf>,
    /// One line of JSON for each request is appended to this file.
    pub request_log: Option<PathBuf>,
    /// What a JAR holds.
    pub mode: Mode,
    /// What is simulated.
    pub simulation: Simulation,
}

/// The emulator, before it is started.
#[derive(Debug, Clone, Copy)]
pub struct Emulator;

/// A running emulator. It stops when this is dropped.
#[must_use = "the emulator stops when its handle is dropped"]
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    /// Dropped to stop the server.
    stop: Option<oneshot::Sender<()>>,
    /// Completes when the server has ended.
    ended: oneshot::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// What every request is served with.
struct Shared {
    service: Mutex<(Service, Option<File>)>,
    latency: Duration,
    /// Tells this start of the emulator from every other.
    server: HeaderValue,
}

impl Emulator {
    /// Starts an emulator and returns when it answers. Its world, if it is kept, is locked until the handle is dropped.
    ///
    /// # Errors
    /// [`EmulatorError`]
    pub fn start(config: Config) -> Result<Handle, EmulatorError> {
        let Config { listen, data, request_log, mode, simulation } = config;
        if !listen.ip().is_loopback() {
            return Err(EmulatorError::NotLoopback(listen));
        }
        let store = data.as_deref().map_or_else(|| Ok(Store::in_memory()), Store::open)?;
        mode.fixtures().map(fs::list).transpose()?;
        let request_log = request_log.as_deref().map(fs::open_append).transpose()?;
        let bound = |source| EmulatorError::Bind { address: listen, source };
        let listener = TcpListener::bind(listen).map_err(bound)?;
        listener.set_nonblocking(true).map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let instance =
            entropy::hex_128().map_err(|source| EmulatorError::Machine { what: "randomness", source })?;
        if let Some(folder) = &data {
            Address::new(address, &instance).write(folder)?;
        }
        let shared = Shared {
            latency: simulation.latency,
            server: HeaderValue::from_str(&Address::server_header(&instance))
                .unwrap_or(HeaderValue::from_static("reconcile-emulator")),
            service: Mutex::new((
                Service::new(address.to_string(), instance, store, mode, simulation),
                request_log,
            )),
        };
        spawn(listener, address, shared)
    }
}

fn spawn(listener: TcpListener, address: SocketAddr, shared: Shared) -> Result<Handle, EmulatorError> {
    let (stop, stopped) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let (report, started) = mpsc::channel();
    let body = move || {
        // Dropped last, when the world is unlocked.
        let _end: oneshot::Sender<()> = end;
        serve(listener, shared, stopped, &report);
    };
    let thread = std::thread::Builder::new()
        .name("emulator".to_owned())
        .spawn(body)
        .map_err(|source| EmulatorError::Machine { what: "thread", source })?;
    let handle = Handle { address, stop: Some(stop), ended, thread: Some(thread) };
    started.recv().or(Err(EmulatorError::Stopped))??;
    Ok(handle)
}

fn serve(
    listener: TcpListener,
    shared: Shared,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::Sender<Result<(), EmulatorError>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ready = runtime.and_then(|runtime| {
        let guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(guard);
        Ok((runtime, CuttableListener(listener)))
    });
    let (report_result, ready) = match ready {
        Ok(ready) => (Ok(()), Some(ready)),
        Err(source) => (Err(EmulatorError::Machine { what: "event queue", source }), None),
    };
    let heard = report.send(report_result).is_ok();
    if let Some((runtime, listener)) = ready.filter(|_| heard) {
        let service = Router::new()
            .fallback(answer)
            .with_state(Arc::new(shared))
            .into_make_service_with_connect_info::<Scissors>();
        runtime.block_on(async {
            tokio::select! {
                ended = axum::serve(listener, service) => if let Err(error) = ended {
                    tracing::error!(%error, "the emulator stopped");
                },
                // Completes when the handle is dropped. Requests that wait for their answer are abandoned.
                _ = stopped => {}
            }
        });
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: axum::extract::Request,
) -> Response {
    let clock = SystemClock::start();
    let (parts, body) = request.into_parts();
    let request = match axum::body::to_bytes(body, BODY_LIMIT).await {
        Ok(body) => Ok(Request::new(&parts.method, &parts.uri, parts.headers, body)),
        Err(_too_large_or_cut_off) => Err(Failure::body_not_read(BODY_LIMIT)),
    };
    let served = shared.process(request, clock);
    time::sleep(shared.latency(&served)).await;
    if served.withheld {
        scissors.cut();
    }
    shared.respond(served)
}

impl Shared {
    /// Processed and logged in one go: a caller that hangs up cannot separate the two.
    fn process(&self, request: Result<Request, Failure>, clock: SystemClock) -> Served {
        let mut guard = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let (service, log) = &mut *guard;
        let served = service.serve(request, time::wall());
        if let Some(log) = log {
            log::append(log, &served, clock.elapsed() + self.latency(&served));
        }
        served
    }

    /// What is no operation is answered at once, so that others can find out who listens here.
    fn latency(&self, served: &Served) -> Duration {
        if served.operation.is_some() { self.latency } else { Duration::ZERO }
    }

    fn respond(&self, served: Served) -> Response {
        let mut response = Response::new(Body::from(served.answer.body));
        *response.status_mut() = served.answer.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::SERVER, self.server.clone());
        if let Ok(request_id) = HeaderValue::from_str(&served.request_id) {
            headers.insert("x-acs-request-id", request_id);
        }
        response
    }
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The line that says where it listens and with which keys it is called (design.md section 6). The keys are fake.
    pub fn ready_line(&self) -> String {
        serde_json::json!({
            "ververica": self.base_url(),
            "accessKeyId": PLAIN.id,
            "accessKeySecret": PLAIN.secret,
        })
        .to_string()
    }

    /// Serves until the signal comes, then stops.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`] when the server ended first.
    pub async fn run_until(mut self, signal: impl Future<Output = ()>) -> Result<(), EmulatorError> {
        tokio::select! {
            () = signal => Ok(()),
            _ = &mut self.ended => Err(EmulatorError::Stopped),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the emulator ended by a defect in it");
        }
    }
}
