//! A service of a few lines: whatever is asked, it answers with these bytes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A running one. Its thread ends with the test process.
pub(crate) struct RawService {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl RawService {
    /// Answers every request with what this returns, and closes the connection.
    pub(crate) fn answering(answer: impl Fn() -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let lines = BufReader::new(client.try_clone().unwrap()).lines();
                let head: Vec<String> =
                    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                heard.lock().unwrap().extend(head.into_iter().next());
                // Whoever does not listen any more has heard enough.
                drop(client.write_all(&answer()));
            }
        });
        Self { url, asked }
    }

    /// An answer of this body; its length is said to be `length`.
    pub(crate) fn json(body: &str, length: usize) -> Vec<u8> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        format!("{head}content-length: {length}\r\n\r\n{body}").into_bytes()
    }

    /// The first line of every request that is no `GET`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|line| !line.starts_with("GET ")).cloned().collect()
    }
}
