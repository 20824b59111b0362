//! A TCP proxy before the emulator: a witness of every request, and the place where the client is killed before a
//! request arrives or before its answer does.

use std::collections::BTreeMap;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::emulator::own_address;
use super::program::{Program, signal};
use super::scenario::Write;

/// On which side of the service the client is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// The service never sees the request.
    Before,
    /// The service has carried the request out, and its answer never arrives.
    After,
    /// The same, but nobody dies: the client waits for ever.
    Never,
}

/// What happens at the n-th request, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trap {
    pub(super) side: Side,
    pub(super) request: usize,
}

#[derive(Debug, Default)]
struct Shared {
    trap: Option<(Trap, u32)>,
    /// Requests since the last start of a client.
    requests: usize,
    carried_out: Vec<Carried>,
    notes: Option<(u32, Notes)>,
    is_over: bool,
}

/// A write that the service carried out, with its whole answer; an empty one if the service gave none.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    pub(super) write: Write,
    pub(super) answer: String,
}

/// Who wrote, write by write, across several proxies.
pub(super) type Notes = Arc<Mutex<Vec<u32>>>;

/// A running proxy. It ends when this is dropped.
pub(super) struct Proxy {
    url: String,
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Proxy {
    /// Starts one before the service at `host:port`.
    pub(super) fn start(service: &str) -> Self {
        let listener = TcpListener::bind((own_address(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (service, state) = (service.to_owned(), Arc::clone(&shared));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if state.lock().unwrap().is_over {
                    break;
                }
                let (service, state) = (service.clone(), Arc::clone(&state));
                // A connection that breaks ends here; what matters is in the counts.
                std::thread::spawn(move || serve(client, &service, &state).ok());
            }
        });
        Self { url, address, shared }
    }

    /// Starts one that also notes each write, under the number that [`Self::note_as`] says.
    pub(super) fn noting(service: &str, notes: &Notes) -> Self {
        let proxy = Self::start(service);
        proxy.shared.lock().unwrap().notes = Some((0, Arc::clone(notes)));
        proxy
    }

    /// Notes writes under this number from now on.
    pub(super) fn note_as(&self, number: u32) {
        if let Some((noted, _)) = &mut self.shared.lock().unwrap().notes {
            *noted = number;
        }
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Starts a client that runs into the trap.
    pub(super) fn start_client(&self, command: Command, trap: Option<Trap>) -> Program {
        // Held until the trap knows its victim: no request passes before.
        let mut shared = self.shared.lock().unwrap();
        let program = Program::start(command);
        shared.requests = 0;
        shared.trap = trap.map(|trap| (trap, program.pid()));
        program
    }

    /// How often each write was carried out.
    pub(super) fn carried_out(&self) -> BTreeMap<Write, usize> {
        let mut counts = BTreeMap::new();
        for carried in self.answered() {
            *counts.entry(carried.write).or_default() += 1;
        }
        counts
    }

    /// Each write that was carried out, in order.
    pub(super) fn answered(&self) -> Vec<Carried> {
        self.shared.lock().unwrap().carried_out.clone()
    }

    /// Requests of the last client.
    pub(super) fn requests(&self) -> usize {
        self.shared.lock().unwrap().requests
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Ok(mut shared) = self.shared.lock() {
            shared.is_over = true;
        }
        // Wakes the listener, which ends then.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut client: TcpStream, service: &str, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut upstream = TcpStream::connect(service)?;
    loop {
        let request = message(&mut client)?;
        let trap = {
            let mut shared = shared.lock().unwrap();
            shared.requests += 1;
            let requests = shared.requests;
            shared.trap.filter(|(trap, _)| trap.request == requests)
        };
        if let Some((Trap { side: Side::Before, .. }, victim)) = trap {
            signal(victim, "KILL");
            return Ok(());
        }
        upstream.write_all(&request)?;
        let answer = message(&mut upstream);
        witness(&request, answer.as_deref().unwrap_or_default(), shared);
        let answer = answer?;
        match trap {
            None => {}
            Some((Trap { side: Side::Never, .. }, _)) => {
                // Until the client goes away.
                client.read_exact(&mut [0])?;
            }
            Some((_, victim)) => {
                signal(victim, "KILL");
                return Ok(());
            }
        }
        client.write_all(&answer)?;
    }
}

/// Counts a write that the service carried out. One without an answer counts: the services of these tests carry out what
/// they do not answer.
fn witness(request: &[u8], answer: &[u8], shared: &Mutex<Shared>) {
    let request = String::from_utf8_lossy(request);
    let answer = String::from_utf8_lossy(answer).into_owned();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let success = answer.is_empty() || body["success"] == true || body["sqlState"] == "00000";
    if let Some(write) = write_of(&request).filter(|_| success) {
        let mut shared = shared.lock().unwrap();
        shared.carried_out.push(Carried { write, answer });
        if let Some((number, notes)) = &shared.notes {
            notes.lock().unwrap().push(*number);
        }
    }
}

/// What a request changes, if it is to change something.
fn write_of(request: &str) -> Option<Write> {
    let mut words = request.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if target.starts_with("/v2/") {
        let (word, rest) = ["CREATE", "UPDATE", "DROP"]
            .into_iter()
            .find_map(|word| Some((word, request.split_once(&format!("{word} STORE "))?.1)))?;
        let name = rest.trim_start_matches(['\\', '"']).split(['\\', '"', ' ', ';']).next()?;
        return Some((word.to_owned(), name.to_owned()));
    }
    (method != "GET").then(|| (method.to_owned(), subject(target)))
}

/// What a request is about: the file of the JAR, or the connector's name.
pub(super) fn subject(target: &str) -> String {
    target.replace("%2F", "/").rsplit('/').next().unwrap_or_default().to_owned()
}

/// One HTTP/1.1 message: head and `content-length` bytes. An error ends the connection.
fn message(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    assert!(!head.contains("transfer-encoding"), "the proxy reads no chunks");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(bytes)
}
