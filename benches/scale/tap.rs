//! What passes between a watch and its service, and when: a proxy that looks at the first bytes of each request.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use reconcile::platform::time::SystemClock;

/// Requests so far.
#[derive(Default)]
struct Seen {
    lists: usize,
    /// The first request that changes something since somebody asked for it, and how many lists there were before it.
    write: Option<(Duration, usize)>,
}

struct Shared {
    clock: SystemClock,
    seen: Mutex<Seen>,
    written: Condvar,
}

/// A proxy. Its threads end with the process.
pub(crate) struct Tap {
    url: String,
    shared: Arc<Shared>,
}

impl Tap {
    /// Starts one before the service at `http://HOST:PORT`.
    pub(crate) fn start(service: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared =
            Arc::new(Shared { clock: SystemClock::start(), seen: Mutex::default(), written: Condvar::new() });
        let (service, looked) = (service.strip_prefix("http://").unwrap().to_owned(), Arc::clone(&shared));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let upstream = TcpStream::connect(&service).unwrap();
                for stream in [&client, &upstream] {
                    stream.set_nodelay(true).unwrap();
                }
                let (from, to) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                let looked = Arc::clone(&looked);
                std::thread::spawn(move || pass(from, to, |bytes| looked.look(bytes)));
                std::thread::spawn(move || pass(upstream, client, |_| {}));
            }
        });
        Self { url, shared }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The time on its clock.
    pub(crate) fn now(&self) -> Duration {
        self.shared.clock.elapsed()
    }

    /// How many lists were asked for so far.
    pub(crate) fn lists(&self) -> usize {
        let mut seen = self.shared.seen.lock().unwrap();
        seen.write = None;
        seen.lists
    }

    /// Waits for the first request that changes something since [`Self::lists`]: when it came, and how many lists had been
    /// asked for by then.
    pub(crate) fn first_write(&self) -> (Duration, usize) {
        let seen = self.shared.seen.lock().unwrap();
        let seen = self.shared.written.wait_while(seen, |seen| seen.write.is_none()).unwrap();
        seen.write.unwrap()
    }
}

impl Shared {
    fn look(&self, bytes: &[u8]) {
        let now = self.clock.elapsed();
        let mut seen = self.seen.lock().unwrap();
        if bytes.starts_with(b"GET ") {
            seen.lists += 1;
        } else if bytes.starts_with(b"POST ") || bytes.starts_with(b"DELETE ") {
            let lists = seen.lists;
            seen.write.get_or_insert((now, lists));
            self.written.notify_all();
        }
    }
}

/// Hands on what comes, until the other side closes. A connection that breaks ends here.
fn pass(mut from: TcpStream, mut to: TcpStream, look: impl Fn(&[u8])) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        look(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _gone_already = to.shutdown(Shutdown::Write);
}
