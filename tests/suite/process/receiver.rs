//! A webhook's other end: keeps what is posted to it, and answers with the statuses that it was given, then with 200.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::program::eventually;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    /// Its first line and its headers.
    pub(super) head: String,
    /// Its body.
    pub(super) message: Value,
}

/// A server on a free port.
pub(super) struct Receiver {
    address: String,
    posted: Arc<Mutex<Vec<Posted>>>,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// With this status.
    Status(u16),
    /// By sending it elsewhere.
    Redirect,
    /// Never.
    Silence,
}

impl Receiver {
    /// Answers with these, in this order.
    pub(super) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let posted = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                std::thread::spawn(move || serve(stream.unwrap(), &kept, &answers));
            }
        });
        Self { address, posted }
    }

    /// Where it is, with a secret in its path.
    pub(super) fn url(&self) -> String {
        format!("http://{}/services/hunter2?key=hunter2", self.address)
    }

    /// Everything that was posted so far.
    pub(super) fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    /// The events of everything that was posted so far.
    pub(super) fn events(&self) -> Vec<String> {
        let event = |posted: &Posted| posted.message["event"].as_str().unwrap().to_owned();
        self.posted().iter().map(event).collect()
    }

    /// Waits until so many messages were posted, and returns the last of these.
    pub(super) fn nth(&self, number: usize) -> Posted {
        eventually(&format!("message {number}"), || self.posted().get(number - 1).cloned())
    }
}

/// One connection, which may carry several requests.
fn serve(stream: TcpStream, kept: &Mutex<Vec<Posted>>, answers: &Mutex<VecDeque<Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let answer = answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
        kept.lock().unwrap().push(Posted { head, message: serde_json::from_slice(&body).unwrap() });
        let status = match answer {
            Answer::Status(status) => format!("{status} X"),
            Answer::Redirect => "302 X\r\nLocation: /elsewhere".to_owned(),
            Answer::Silence => loop {
                std::thread::park();
            },
        };
        if write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}
