//! Whose the database is: somebody's, which is only used, or this run's own, which may be stopped as well (Property 4).

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::verify::mysql::server::PrivateServer;
use crate::verify::property::{Outage, OutageKind};

/// Whose it is.
#[derive(Debug, Clone)]
pub enum Server {
    /// It was there before, and others may use it.
    Theirs,
    /// It is of this run.
    Own(Arc<OwnServer>),
}

/// A server of this run, which may take it away from itself.
#[derive(Debug)]
pub struct OwnServer {
    /// A database on it that nobody uses: for properties that look whether anything is left, or kill whoever is there.
    alone: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    server: PrivateServer,
    away: Option<OutageKind>,
}

impl OwnServer {
    /// Of a server that runs, with the name of a database that nothing else uses.
    pub fn new(server: PrivateServer, alone: String) -> Self {
        Self { alone, state: Mutex::new(State { server, away: None }) }
    }

    /// The database that nothing else uses.
    pub fn alone(&self) -> &str {
        &self.alone
    }
}

impl Outage for OwnServer {
    async fn begin(&self, kind: OutageKind) -> Result<(), String> {
        let State { server, away } = &mut *self.state.lock().await;
        *away = Some(kind);
        let begun = match kind {
            OutageKind::Stopped => server.stop().await,
            OutageKind::Killed => server.kill().await,
            OutageKind::Silent => server.suspend().await,
        };
        begun.map_err(|error| error.to_string())
    }

    async fn end(&self) -> Result<(), String> {
        let State { server, away } = &mut *self.state.lock().await;
        match away.take() {
            None => Ok(()),
            Some(OutageKind::Silent) => {
                server.resume();
                Ok(())
            }
            Some(OutageKind::Stopped | OutageKind::Killed) => {
                server.start_again().await.map_err(|error| error.to_string())
            }
        }
    }
}

impl Outage for Server {
    async fn begin(&self, kind: OutageKind) -> Result<(), String> {
        match self {
            Self::Theirs => Err("this database is not ours to stop".to_owned()),
            Self::Own(server) => server.begin(kind).await,
        }
    }

    async fn end(&self) -> Result<(), String> {
        match self {
            Self::Theirs => Ok(()),
            Self::Own(server) => server.end().await,
        }
    }
}
