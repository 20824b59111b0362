//! Where the emulator of a world listens: a file beside the world, and the question whether it is still true.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::platform::fs::{self, FsError};

const FILE: &str = "address.json";
const FILE_LIMIT: u64 = 4096;
const PATIENCE: Duration = Duration::from_secs(1);

/// What `address.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Address {
    pid: u32,
    pub(super) url: String,
    /// Every answer of this emulator carries it, so that another program on the same port is not taken for it.
    instance: String,
}

impl Address {
    /// The address of this process.
    pub(super) fn new(address: SocketAddr, instance: &str) -> Self {
        Self { pid: std::process::id(), url: format!("http://{address}"), instance: instance.to_owned() }
    }

    /// The value of the `server` header by which an emulator is recognised.
    pub(super) fn server_header(instance: &str) -> String {
        format!("reconcile-emulator/{instance}")
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`FsError`]
    pub(super) fn write(&self, folder: &Path) -> Result<(), FsError> {
        let path = folder.join(FILE);
        fs::replace(&path, serde_json::json!(self).to_string().as_bytes())
    }

    /// Reads the file; `None` when there is none, or not one that an emulator wrote.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let bytes = fs::read(&folder.join(FILE), FILE_LIMIT).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether that emulator answers there. Takes at most two seconds.
    pub(super) fn answers(&self) -> bool {
        self.greet().is_ok_and(|head| head.contains(&Self::server_header(&self.instance)))
    }

    fn greet(&self) -> std::io::Result<String> {
        let host = self.url.strip_prefix("http://").unwrap_or(&self.url);
        let address: SocketAddr = host.parse().map_err(std::io::Error::other)?;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream
            .write_all(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())?;
        let mut answer = Vec::new();
        stream.take(FILE_LIMIT).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
