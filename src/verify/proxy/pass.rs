//! One connection: its bytes in both directions.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::path::{Chunk, Open, Path, Step};

/// Where the way leads.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
}

/// Bytes of a chunk at most.
const CHUNK: usize = 16 << 10;
/// Chunks that wait in a direction at most: whoever sends is held back then.
const WAITING: usize = 16;

/// Passes a connection on until one side ends it, or it is cut.
pub(super) async fn pass(client: TcpStream, to: Target, path: Arc<Path>, mut open: Open) {
    let way = async {
        let server = TcpStream::connect((to.host.as_str(), to.port)).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            ended = direction(true, from_client, to_server, &path) => ended,
            ended = direction(false, from_server, to_client, &path) => ended,
        }
    };
    let ended = tokio::select! {
        biased;
        () = open.is_cut() => Ok(()),
        ended = way => ended,
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection through the proxy ended");
    }
}

async fn direction(up: bool, from: OwnedReadHalf, to: OwnedWriteHalf, path: &Path) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::try_join!(take_in(from, sender), hand_on(up, receiver, to, path))?;
    Ok(())
}

async fn take_in(mut from: OwnedReadHalf, chunks: mpsc::Sender<Chunk>) -> io::Result<()> {
    let mut room = vec![0; CHUNK];
    loop {
        let read = from.read(&mut room).await?;
        let bytes = room.get(..read).unwrap_or_default().to_vec();
        if bytes.is_empty() || chunks.send(Chunk::new(bytes)).await.is_err() {
            return Ok(());
        }
    }
}

async fn hand_on(
    up: bool,
    mut chunks: mpsc::Receiver<Chunk>,
    mut to: OwnedWriteHalf,
    path: &Path,
) -> io::Result<()> {
    let mut changes = path.changes();
    while let Some(mut chunk) = chunks.recv().await {
        while !chunk.bytes.is_empty() {
            changes.mark_unchanged();
            match path.step(up, &mut chunk) {
                Step::Wait(until) => tokio::select! {
                    () = sleep_until(until) => {}
                    _ = changes.changed() => {}
                },
                Step::Pass { bytes, then_cut } => {
                    let rest = chunk.bytes.split_off(bytes);
                    to.write_all(&chunk.bytes).await?;
                    chunk.bytes = rest;
                    if then_cut {
                        path.cut_now();
                        return Ok(());
                    }
                }
            }
        }
    }
    to.shutdown().await
}
