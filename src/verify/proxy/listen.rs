//! The port of the proxy.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::effect::Injected;
use super::pass::{Target, pass};
use super::path::Path;
use super::trouble::Trouble;
use crate::platform::time::sleep;
use crate::verify::property::{Interruption, NetworkPath};

/// A proxy before a database, on a free port of the loopback address. It works in a thread of its own, so that whoever
/// blocks beside it stops nothing, and ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    path: Arc<Path>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// When the operating system has no room for a connection, it may have some after so long.
const PAUSE: Duration = Duration::from_millis(10);

impl FaultProxy {
    /// Starts one before this database.
    ///
    /// # Errors
    /// The operating system gives no port or no thread.
    pub fn start(host: &str, port: u16) -> io::Result<Self> {
        let to = Target { host: host.to_owned(), port };
        let (path, stop) = (Arc::new(Path::new()), CancellationToken::new());
        let (say, hear) = mpsc::channel();
        let (shared, until) = (Arc::clone(&path), stop.clone());
        let work =
            move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(say.send(Err(error))),
                };
                runtime.block_on(async move {
                    match reserve() {
                        Err(error) => drop(say.send(Err(error))),
                        Ok((reserved, address)) => {
                            let listening = listen(address);
                            drop(say.send(
                                listening.as_ref().map(|_| address).map_err(|error| error.kind().into()),
                            ));
                            tokio::select! {
                                () = until.cancelled() => {}
                                () = serve(listening.ok(), address, &to, &shared) => {}
                            }
                            drop(reserved);
                        }
                    }
                });
            };
        let thread = thread::Builder::new().name("proxy".to_owned()).spawn(work)?;
        let address = hear.recv().map_err(|_gone| io::Error::other("the proxy broke off"))??;
        Ok(Self { address, path, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins a disturbance, beside those that hold already.
    pub fn begin(&self, what: Trouble) -> Injected {
        Injected(self.path.begin(what))
    }

    /// Ends every disturbance that has a time, before it is over. What was to happen and has not, has not.
    pub fn calm(&self) {
        self.path.calm();
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(Err(_panicked)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the proxy broke off: this is a defect of the program");
        }
    }
}

/// Property 13 interrupts it.
impl NetworkPath for FaultProxy {
    fn interrupt(&self, how: Interruption) {
        let what = match how {
            Interruption::Cut => Trouble::Drop,
            Interruption::Refused(lasting) => Trouble::ServerDown { lasting },
            Interruption::Stalled(lasting) => Trouble::Stall { lasting },
        };
        drop(self.begin(what));
    }
}

/// A port that nobody else is given while nobody listens on it.
fn reserve() -> io::Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections; while they are refused, nobody listens.
async fn serve(mut listening: Option<TcpListener>, address: SocketAddr, to: &Target, path: &Arc<Path>) {
    let mut changes = path.changes();
    loop {
        changes.mark_unchanged();
        if let Some(until) = path.down_until() {
            listening = None;
            tokio::select! {
                () = sleep_until(until) => {}
                _ = changes.changed() => {}
            }
            continue;
        }
        let listener = match listening.take().map_or_else(|| listen(address), Ok) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "the proxy cannot listen again yet");
                sleep(PAUSE).await;
                continue;
            }
        };
        tokio::select! {
            _ = changes.changed() => {}
            accepted = listener.accept() => match accepted {
                // Whoever comes at the very beginning of an outage is turned away as well.
                Ok(_) if path.down_until().is_some() => {}
                Ok((client, _)) => drop(tokio::spawn(pass(client, to.clone(), Arc::clone(path), path.open()))),
                Err(error) => {
                    tracing::warn!(%error, "the proxy cannot accept a connection");
                    sleep(PAUSE).await;
                }
            },
        }
        listening = Some(listener);
    }
}
