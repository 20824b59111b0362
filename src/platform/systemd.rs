//! Tells the service manager that started us how we are: the protocol of `sd_notify(3)`, one datagram for each fact.
//!
//! Promises: without `NOTIFY_SOCKET` nothing happens; telling never waits, and a manager that does not listen fails nothing.
//! By hand because it is little, and the crate for it (`sd-notify`) knows no abstract sockets, which containers are given.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::env;

/// Whoever started us, if they want to hear.
#[derive(Debug)]
pub struct ServiceManager {
    socket: Option<UnixDatagram>,
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// As the environment says. A socket that cannot be reached is told to the log.
    pub fn from_environment() -> Self {
        let socket = env::var("NOTIFY_SOCKET").and_then(|name| match connected(&name) {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::warn!(%error, "NOTIFY_SOCKET cannot be reached");
                None
            }
        });
        let is_ours = env::var("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let watchdog = env::var("WATCHDOG_USEC").filter(|_| is_ours && socket.is_some());
        let watchdog = watchdog.and_then(|usec| usec.parse().ok()).filter(|usec| *usec > 0);
        Self { socket, watchdog: watchdog.map(Duration::from_micros) }
    }

    /// How often we should say that we are alive, if anybody wants to hear: at half of the time after which we are taken for
    /// dead.
    pub fn alive_every(&self) -> Option<Duration> {
        self.watchdog.map(|watchdog| watchdog / 2)
    }

    /// We do what we are there for.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// We are about to end.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// We are alive.
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// What we are at, for `systemctl status`. Each line of a datagram is a fact of its own, so it becomes one line.
    pub fn status(&self, text: &str) {
        self.tell(&format!("STATUS={}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
    }

    fn tell(&self, fact: &str) {
        if let Some(Err(error)) = self.socket.as_ref().map(|socket| socket.send(fact.as_bytes())) {
            tracing::debug!(%error, fact, "the service manager does not listen");
        }
    }
}

/// A name that begins with `@` is in the kernel, and no file.
fn connected(name: &str) -> std::io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    match name.strip_prefix('@') {
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::linux::net::SocketAddrExt as _;
            socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name)?)?;
        }
        _ => socket.connect(name)?,
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}
