//! `--start-mysql`: a database of this run's own in the place of the declared one.

use std::sync::Arc;

use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::domain::suite::Suite;
use crate::domain::suite::mysql::{Mysql, Tls};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::server::{Options, PrivateServer, ServerError};
use crate::verify::run::{OwnServer, Server};

/// The databases that are made on it: for the suites, and for properties that want to be alone.
const DATABASE: &str = "reconcile";
const ALONE: &str = "reconcile_alone";

/// A started server, and how it is reached.
pub(super) struct Started {
    pub(super) server: Server,
    mysql: Mysql,
}

/// Starts one, and says so.
pub(super) async fn start(terminal: Terminal) -> Result<Started, CliError> {
    let started = PrivateServer::start(Options::default()).await.map_err(cannot)?;
    let mysql = started.mysql(DATABASE);
    let unusable = |error: &dyn std::fmt::Display| CliError::System(format!("--start-mysql: {error}"));
    let client = Client::new(started.mysql("information_schema")).map_err(|error| unusable(&error))?;
    let mut session = client.connect().await.map_err(|error| unusable(&error))?;
    for database in [DATABASE, ALONE] {
        let made = session.run(&format!("CREATE DATABASE {database} CHARACTER SET utf8mb4")).await;
        made.map_err(|error| unusable(&error))?;
    }
    let version = session.facts().version.clone();
    session.close().await.map_err(|error| unusable(&error))?;
    terminal.say(&format!(
        "--start-mysql: {version} on {}:{}; host, port, database, user, password and TLS of the suites are replaced by its own",
        mysql.host, mysql.port
    ));
    let server = OwnServer::new(started, ALONE.to_owned());
    Ok(Started { server: Server::Own(Arc::new(server)), mysql })
}

/// What is missing is the caller's to install; anything else is this machine's.
fn cannot(error: ServerError) -> CliError {
    match error {
        ServerError::Missing | ServerError::NoInstaller { .. } => {
            CliError::Settings(format!("--start-mysql: {error}"))
        }
        other => CliError::System(format!("--start-mysql: {other}")),
    }
}

impl Started {
    /// The suite on this server: patience, pool and character set stay its own.
    pub(super) fn in_place(&self, suite: Suite) -> Suite {
        let Mysql { host, port, database, username, password, .. } = self.mysql.clone();
        let mysql = Mysql { host, port, database, username, password, tls: Tls::default(), ..suite.mysql };
        Suite { mysql, ..suite }
    }
}
