//! The HTTP server: its own thread with its own runtime, so that it answers whatever its caller's runtime is doing.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::address::Address;
use super::answer::Failure;
use super::connection::{CuttableListener, Scissors};
use super::credentials::PLAIN;
use super::deltastream::{self, Call, CallError, Ledger, Login, api_token};
use super::error::EmulatorError;
use super::folder::LockedFolder;
use super::jar::Mode;
use super::log;
use super::request::Request;
use super::served::Served;
use super::service::Service;
use super::simulation::{Faults, Simulation};
use super::store::Store;
use super::world::Lag;
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
    services: Mutex<Services>,
    latency: Duration,
    /// Tells this start of the emulator from every other.
    server: HeaderValue,
    /// Held, never read: the world is unlocked when it is dropped.
    _folder: Option<LockedFolder>,
}

/// Both APIs, and what they share.
struct Services {
    ververica: Service,
    deltastream: deltastream::Service,
    faults: Faults,
    log: Option<File>,
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
        let folder = data.as_deref().map(LockedFolder::lock).transpose()?;
        let store = match &folder {
            Some(folder) => Store::open(folder, time::wall())?,
            None => Store::in_memory(),
        };
        let ledger = folder.as_ref().map_or_else(|| Ok(Ledger::in_memory()), Ledger::open)?;
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
        let server = HeaderValue::from_str(&Address::server_header(&instance))
            .unwrap_or(HeaderValue::from_static("reconcile-emulator"));
        let Simulation { latency, creating_for, deleting_for, throttle_after, faults, stores } = simulation;
        let (host, lag) = (address.to_string(), Lag { creating_for, deleting_for });
        let services = Services {
            deltastream: deltastream::Service::new(host.clone(), instance.clone(), ledger, stores),
            ververica: Service::new(host, instance, store, mode, lag),
            faults: Faults::new(faults, throttle_after),
            log: request_log,
        };
        let shared = Shared { services: Mutex::new(services), latency, server, _folder: folder };
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
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    let read = |body| Request::new(&parts.method, &parts.uri, parts.headers, body);
    let served = if Call::is_meant_by(parts.uri.path()) {
        let call = match body {
            Ok(body) => Call::read(&read(body)),
            Err(_too_large_or_cut_off) => Err(CallError::Body(BODY_LIMIT)),
        };
        let tried = shared.login(&call).await;
        shared.process(clock, |services, now| {
            services.deltastream.serve(call, tried, &mut services.faults, now)
        })
    } else {
        let request = match body {
            Ok(body) => Ok(read(body)),
            Err(_too_large_or_cut_off) => Err(Failure::body_not_read(BODY_LIMIT)),
        };
        shared.process(clock, |services, now| services.ververica.serve(request, &mut services.faults, now))
    };
    time::sleep(shared.latency(&served)).await;
    if served.withheld {
        scissors.cut();
    }
    shared.respond(served)
}

impl Shared {
    fn services(&self) -> MutexGuard<'_, Services> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs in at the database of a store, if a statement names one that answers. Others are served meanwhile.
    async fn login(&self, call: &Result<Call, CallError>) -> Option<Login> {
        let login = self.services().deltastream.login(call.as_ref().ok()?, time::wall());
        login?.attempt().await
    }

    /// Processed and logged in one go: a caller that hangs up cannot separate the two.
    fn process(&self, clock: SystemClock, serve: impl FnOnce(&mut Services, Timestamp) -> Served) -> Served {
        let mut services = self.services();
        let served = serve(&mut services, time::wall());
        if let Some(log) = &mut services.log {
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
            headers.insert(served.subject.request_id_header(), request_id);
        }
        response
    }
}

/// Where the statement API of an emulator is.
pub(super) fn deltastream_url(base_url: &str) -> String {
    format!("{base_url}/v2")
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

    /// `http://127.0.0.1:PORT/v2`
    pub fn deltastream_url(&self) -> String {
        deltastream_url(&self.base_url())
    }

    /// The line that says where it listens and with which keys it is called (design.md section 6). The keys are fake.
    pub fn ready_line(&self) -> String {
        let (token, organization) = api_token();
        serde_json::json!({
            "ververica": self.base_url(),
            "accessKeyId": PLAIN.id,
            "accessKeySecret": PLAIN.secret,
            "deltastream": self.deltastream_url(),
            "token": token,
            "organization": organization,
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
