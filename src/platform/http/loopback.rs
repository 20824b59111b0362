//! A raw loopback server for tests: answers with the bytes it was given, whatever they are, and keeps what it heard.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to do with one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Write these bytes, then close.
    Bytes(Vec<u8>),
    /// Write these bytes one by one with a pause after each, until the client gives up or the test ends.
    Drip(Vec<u8>, Duration),
    /// Close without an answer.
    Hang,
}

impl Reply {
    /// A complete answer with a JSON body.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::page(status, "Content-Type: application/json\r\n", body)
    }

    /// A complete answer; every extra header ends with CR LF.
    pub(crate) fn page(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Reply::Bytes(
            format!(
                "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }
}

/// The server: one reply per connection, in order; ends with the last one.
pub(crate) struct Loopback {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
}

impl Loopback {
    /// Starts on a free port.
    pub(crate) fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (kept, ended) = (Arc::clone(&heard), Arc::clone(&over));
        std::thread::spawn(move || {
            for reply in replies {
                let Ok((stream, _)) = listener.accept() else { return };
                let request = read_request(&stream);
                if request.is_empty() {
                    return;
                }
                kept.lock().unwrap().push(request);
                answer(stream, &reply, &ended);
            }
        });
        Self { address, heard, over }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, head and body, as text.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // An empty connection ends a server that still waits. Nobody waits for its thread: it may be writing to a
        // client that shares a runtime with the code that is running here.
        drop(TcpStream::connect(self.address));
    }
}

fn read_request(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
                .map_or(0, |value| value.trim().parse::<usize>().unwrap());
            if body.len() >= length {
                return text.into_owned();
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return text.into_owned(),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

fn answer(mut stream: TcpStream, reply: &Reply, over: &AtomicBool) {
    match reply {
        Reply::Bytes(bytes) => {
            // The client may have seen enough and left; that is its business.
            if stream.write_all(bytes).is_ok() {
                drop(stream.shutdown(Shutdown::Write));
                let mut rest = Vec::new();
                drop(stream.read_to_end(&mut rest));
            }
        }
        Reply::Drip(bytes, pause) => {
            for byte in bytes {
                if over.load(Ordering::Relaxed) || stream.write_all(&[*byte]).is_err() {
                    return;
                }
                std::thread::sleep(*pause);
            }
        }
        Reply::Hang => drop(stream),
    }
}
