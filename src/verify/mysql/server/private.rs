//! The server itself: started, stopped, killed, suspended and started again by its process id, and by nothing else.
//!
//! Promises: it listens on a free port of the loopback address only; everything of it is in a temporary folder of mode
//! 0700; nobody logs in without the password, which is random and in no argument; it commits durably, as a server does by
//! default; when this value is dropped it ends, by SIGTERM, after ten seconds by SIGKILL; when we are killed it ends as well.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::num::NonZeroU16;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use secrecy::{ExposeSecret as _, SecretString};

use super::super::client::Client;
use super::error::ServerError;
use super::guard::Guard;
use super::program::Program;
use crate::domain::desired::Origin;
use crate::domain::secret::{Fingerprint, Sealed, Source};
use crate::domain::suite::mysql::Mysql;
use crate::platform::entropy;
use crate::platform::fs;
use crate::platform::time::sleep;

/// Who may log in, with every right.
const USER: &str = "reconcile";
/// How often is looked, and how many looks a start or an end may take: a minute, because a slow machine is no failure.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 3_000;
/// How many looks an end by SIGTERM may take when the value is dropped: ten seconds.
const LAST_LOOKS: u32 = 500;
/// How many ports are tried.
const PORTS: u32 = 4;
/// How much of a log an error shows, in lines.
const LAST_LINES: usize = 15;
const LARGEST_LOG: u64 = 16 << 20;

/// Certificates for a server that is to offer TLS: PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsMaterial {
    /// The authority.
    pub authority: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// What may be different from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Offers TLS with this; none offers what the server makes up for itself, if it does.
    pub tls: Option<TlsMaterial>,
    /// Settings of the server, as on its command line: `--max-allowed-packet=1M`.
    pub settings: Vec<String>,
}

/// A running (or stopped) server.
pub struct PrivateServer {
    program: Program,
    options: Options,
    folder: tempfile::TempDir,
    port: u16,
    password: SecretString,
    child: Option<Child>,
    guard: Option<Guard>,
}

/// Without the password.
impl std::fmt::Debug for PrivateServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateServer")
            .field("program", &self.program)
            .field("port", &self.port)
            .field("pid", &self.child.as_ref().map(Child::id))
            .finish_non_exhaustive()
    }
}

impl PrivateServer {
    /// Makes an empty server, starts it and waits until it answers.
    ///
    /// # Errors
    /// [`ServerError`]
    pub async fn start(options: Options) -> Result<Self, ServerError> {
        let program = Program::find()?;
        let folder = fs::temporary_folder(&std::env::temp_dir())?;
        let password = entropy::hex_128().map_err(|error| machine("randomness", &error))?;
        let mut first = fs::create_new(&folder.path().join("first.sql"))?;
        first
            .write_all(first_statements(&password)?.as_bytes())
            .map_err(|error| machine("room for a file", &error))?;
        let mut server = Self {
            program,
            options,
            folder,
            port: 0,
            password: SecretString::from(password),
            child: None,
            guard: None,
        };
        server.initialise().await?;
        for _ in 1..PORTS {
            server.port = free_port()?;
            match server.start_again().await {
                // Somebody else took the port in the meantime.
                Err(ServerError::Failed { last, .. }) if last.contains("already in use") => {}
                started => return started.map(|()| server),
            }
        }
        server.port = free_port()?;
        server.start_again().await.map(|()| server)
    }

    /// How it is reached, with this database.
    pub fn mysql(&self, database: &str) -> Mysql {
        let at = Origin { file: "--start-mysql".into(), line: 1, column: 1 };
        let password = self.password.clone();
        // Not compared with anything: it is of this run only.
        let fingerprint = Fingerprint { fingerprint: "of the private server".to_owned() };
        let password =
            Sealed::declared(Source::Literal(password.clone()), at).resolved(password, fingerprint);
        Mysql {
            port: NonZeroU16::new(self.port).unwrap_or(NonZeroU16::MIN),
            password: Some(password),
            ..Mysql::new(Ipv4Addr::LOCALHOST.to_string(), database.to_owned(), USER.to_owned())
        }
    }

    /// Its process id; `None` when it does not run.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Starts it with the data and at the port that it had, and waits until it answers.
    ///
    /// # Errors
    /// [`ServerError::Failed`]: it ended, or does not answer after a minute.
    pub async fn start_again(&mut self) -> Result<(), ServerError> {
        if self.child.is_some() {
            return Ok(());
        }
        let mut command = self.program.serve(self.folder.path(), self.port);
        if let Some(tls) = &self.options.tls {
            command.arg(format!("--ssl-ca={}", tls.authority.display()));
            command.arg(format!("--ssl-cert={}", tls.certificate.display()));
            command.arg(format!("--ssl-key={}", tls.key.display()));
        }
        command.args(&self.options.settings);
        let child = self.spawn(command)?;
        let guard = Guard::over(child.id(), self.folder.path());
        self.child = Some(child);
        self.guard = Some(guard.map_err(|error| machine("shell", &error))?);
        // The database is one that every server has.
        let mut mysql = self.mysql("information_schema");
        mysql.connect_timeout = Duration::from_secs(1);
        let client = Client::new(mysql).map_err(|error| machine("connection", &error))?;
        for _ in 0..LOOKS {
            if let Some(status) = self.ended() {
                return Err(self.failed(format!("ended ({status}) instead of answering")));
            }
            if let Ok(session) = client.connect().await {
                if let Err(error) = session.close().await {
                    tracing::trace!(%error, "the first connection did not end in order");
                }
                return Ok(());
            }
            sleep(LOOK).await;
        }
        Err(self.failed("does not answer".to_owned()))
    }

    /// Stops it in order (SIGTERM) and waits for its end. Its data stays.
    ///
    /// # Errors
    /// [`ServerError::Failed`]: it still runs after a minute.
    pub async fn stop(&mut self) -> Result<(), ServerError> {
        self.signal(Signal::TERM);
        self.wait().await
    }

    /// Kills it (SIGKILL) and waits for its end. Its data stays as it lies on the disk.
    ///
    /// # Errors
    /// [`ServerError::Failed`]
    pub async fn kill(&mut self) -> Result<(), ServerError> {
        self.signal(Signal::KILL);
        self.wait().await
    }

    /// Lets it stand still (SIGSTOP), and waits until it does: connections stay open, and nobody answers.
    ///
    /// # Errors
    /// [`ServerError::Failed`]: it does not stand still after a minute.
    pub async fn suspend(&self) -> Result<(), ServerError> {
        let Some(pid) = self.running() else { return Ok(()) };
        self.signal(Signal::STOP);
        for _ in 0..LOOKS {
            // Only this news is taken; how it ends is for who waits for its end.
            let news = waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
            if news.is_ok_and(|news| news.is_some()) {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        Err(self.failed("does not stand still".to_owned()))
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    async fn initialise(&mut self) -> Result<(), ServerError> {
        let command = self.program.initialise(&self.folder.path().join("data"));
        self.child = Some(self.spawn(command)?);
        for _ in 0..LOOKS {
            match self.ended() {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.failed(format!("could not be set up ({status})"))),
                None => sleep(LOOK).await,
            }
        }
        Err(self.failed("was not set up within a minute".to_owned()))
    }

    fn spawn(&self, mut command: std::process::Command) -> Result<Child, ServerError> {
        let program = PathBuf::from(command.get_program());
        let log = fs::open_append(&self.log())?;
        let errors = log.try_clone().map_err(|error| machine("file descriptor", &error))?;
        // Of its own group: Ctrl-C is for us, and we end it in order.
        command.stdout(Stdio::from(log)).stderr(Stdio::from(errors)).process_group(0);
        command.spawn().map_err(|error| ServerError::CannotRun { program, detail: error.to_string() })
    }

    async fn wait(&mut self) -> Result<(), ServerError> {
        for _ in 0..LOOKS {
            if self.child.is_none() || self.ended().is_some() {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        Err(self.failed("does not end".to_owned()))
    }

    /// How it ended, once; it is forgotten then.
    fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok().flatten()?;
        self.child = None;
        self.guard = None;
        Some(status)
    }

    /// A process that we started and have not waited for has its id still: no other process is meant.
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.running()
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::trace!(%error, "the private server took no signal");
        }
    }

    fn running(&self) -> Option<Pid> {
        self.pid().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The failure, with its log, which outlives the folder.
    fn failed(&self, what: String) -> ServerError {
        let text = fs::read(&self.log(), LARGEST_LOG).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n");
        let log = std::env::temp_dir().join(format!("reconcile-mysql-{}.log", self.port));
        let kept = if fs::replace(&log, text.as_bytes()).is_ok() { log } else { self.log() };
        ServerError::Failed { what, log: kept, last }
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.signal(Signal::CONT);
        self.signal(Signal::TERM);
        for _ in 0..LAST_LOOKS {
            if self.child.is_none() || self.ended().is_some() {
                return;
            }
            std::thread::sleep(LOOK);
        }
        if let Some(mut child) = self.child.take()
            && let Err(error) = child.kill().and_then(|()| child.wait())
        {
            tracing::trace!(%error, "the private server could not be killed");
        }
    }
}

/// What the server runs before it lets anybody in, at every start.
fn first_statements(password: &str) -> Result<String, ServerError> {
    let root = SecretString::from(entropy::hex_128().map_err(|error| machine("randomness", &error))?);
    let root = root.expose_secret();
    Ok(format!(
        "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';\n\
         ALTER USER 'root'@'localhost' IDENTIFIED BY '{root}';\n\
         CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
    ))
}

/// A port that is free now.
fn free_port() -> Result<u16, ServerError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| machine("free port", &error))
}

fn machine(what: &'static str, error: &dyn std::fmt::Display) -> ServerError {
    ServerError::Machine { what, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_does_not_print_its_password() {
        let server = PrivateServer {
            program: Program::find().unwrap(),
            options: Options::default(),
            folder: tempfile::tempdir().unwrap(),
            port: 1,
            password: SecretString::from("hunter2-canary"),
            child: None,
            guard: None,
        };
        assert!(!format!("{server:?} {:?}", server.mysql("shop")).contains("canary"));
    }
}
