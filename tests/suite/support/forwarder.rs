//! A way over TCP that a test interrupts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use reconcile::verify::property::{Interruption, NetworkPath};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Passes connections on to a server; ends with the process.
pub(crate) struct Forwarder {
    pub(crate) port: u16,
    state: Arc<State>,
}

struct State {
    /// Counts up when every connection is to be closed.
    cuts: watch::Sender<u64>,
    refused_until: Mutex<Instant>,
    stalled_until: Mutex<Instant>,
}

impl Forwarder {
    /// To this port of this machine.
    pub(crate) fn to(port: u16) -> Self {
        let (say, hear) = std::sync::mpsc::channel();
        let now = Instant::now();
        let (cuts, _) = watch::channel(0);
        let state = Arc::new(State { cuts, refused_until: Mutex::new(now), stalled_until: Mutex::new(now) });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                say.send(listener.local_addr().unwrap().port()).unwrap();
                while let Ok((client, _)) = listener.accept().await {
                    if *shared.refused_until.lock().unwrap() <= Instant::now() {
                        tokio::spawn(pass(client, port, Arc::clone(&shared)));
                    }
                }
            });
        });
        Self { port: hear.recv().unwrap(), state }
    }
}

async fn pass(client: TcpStream, port: u16, state: Arc<State>) {
    let mut cuts = state.cuts.subscribe();
    let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await else { return };
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    tokio::select! {
        _ = pump(client_in, server_out, &state) => {}
        _ = pump(server_in, client_out, &state) => {}
        _ = cuts.changed() => {}
    }
}

async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    state: &State,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        let until = *state.stalled_until.lock().unwrap();
        sleep_until(until).await;
        to.write_all(&bytes[..read]).await?;
    }
}

impl NetworkPath for Forwarder {
    fn interrupt(&self, how: Interruption) {
        let later = |after: Duration| Instant::now() + after;
        match how {
            Interruption::Cut => {}
            Interruption::Refused(after) => *self.state.refused_until.lock().unwrap() = later(after),
            Interruption::Stalled(after) => {
                *self.state.stalled_until.lock().unwrap() = later(after);
                return;
            }
        }
        self.state.cuts.send_modify(|cuts| *cuts += 1);
    }
}
