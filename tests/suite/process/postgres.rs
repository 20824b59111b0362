//! A real PostgreSQL of a test's own: in a temporary folder, on a free loopback port, gone with the test.
//!
//! The server refuses to run as root, so that it runs as `postgres` then. Nothing of it is durable: `fsync` is off.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::program::{Program, run};

const HINT: &str = "run tests/run, or: apt-get install postgresql";

/// A running server with one role that has to log in.
pub(crate) struct Postgres {
    program: Program,
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// The role that a test uses.
    pub(crate) const ROLE: &'static str = "reader";
    /// Its password, with what a URL and a statement have to take care of.
    pub(crate) const PASSWORD: &'static str = "it's-a \"test\"/password@1";
    /// The database that the role may connect to.
    pub(crate) const DATABASE: &'static str = "orders";

    /// Makes a cluster, starts its server and waits until it accepts connections.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let user = User::of_the_server();
        user.own(folder.path());
        let data = folder.path().join("data");
        let mut make = user.command("initdb");
        make.arg("--pgdata").arg(&data).args([
            "--username=admin",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        make.args(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        run(make).exits(0);
        let port = free_port();
        let mut serve = user.command("postgres");
        serve.arg("-D").arg(&data).arg("-c").arg(format!("port={port}"));
        serve.arg("-c").arg(format!("unix_socket_directories={}", folder.path().display()));
        for setting in
            ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "shared_buffers=16MB"]
        {
            serve.args(["-c", setting]);
        }
        let program = Program::start(serve);
        program.until_stderr("ready to accept connections");
        let server = Self { program, folder, port };
        server.admit().await;
        server
    }

    /// Adds the role and its database.
    async fn admit(&self) {
        let admin = self.admin().await;
        let password = Self::PASSWORD.replace('\'', "''");
        let (role, database) = (Self::ROLE, Self::DATABASE);
        for statement in [
            format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'"),
            format!("CREATE DATABASE {database}"),
            format!("REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"),
            format!("GRANT CONNECT ON DATABASE {database} TO {role}"),
        ] {
            admin.batch_execute(&statement).await.unwrap();
        }
    }

    /// The address of its database, as a store declares it: without a user and a password.
    pub(crate) fn url(&self) -> String {
        format!("postgresql://127.0.0.1:{}/{}", self.port, Self::DATABASE)
    }

    /// A connection of the superuser, through the socket in the server's folder.
    pub(crate) async fn admin(&self) -> Client {
        let socket = self.folder.path().join(format!(".s.PGSQL.{}", self.port));
        let stream = UnixStream::connect(socket).await.unwrap();
        let mut config = Config::new();
        config.user("admin").dbname("postgres").ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        client
    }

    /// Logs in as this role to the database, over TCP.
    pub(crate) async fn log_in(&self, role: &str, password: &str) -> Result<Client, Error> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let mut config = Config::new();
        config.user(role).password(password).dbname(Self::DATABASE).ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect_raw(stream, NoTls).await?;
        drop(tokio::spawn(connection));
        Ok(client)
    }
}

/// The server's own processes end with it when it is asked to end, and not when it is killed.
impl Drop for Postgres {
    fn drop(&mut self) {
        self.program.signal("QUIT");
        self.program.until_stderr("database system is shut down");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// As whom the server runs: as ourselves, or as `postgres` when we are root.
struct User(Option<(u32, u32)>);

impl User {
    fn of_the_server() -> Self {
        if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
            return Self(None);
        }
        let id = |flag: &str| {
            let mut command = Command::new("id");
            command.args([flag, "postgres"]);
            let ended = run(command);
            assert_eq!(ended.code(), Some(0), "there is no user `postgres`: {HINT}\n{}", ended.told());
            ended.stdout.trim().parse().unwrap()
        };
        Self(Some((id("-u"), id("-g"))))
    }

    /// Gives a folder to the server.
    fn own(&self, folder: &Path) {
        if let Self(Some((user, group))) = self {
            chown(folder, Some(*user), Some(*group)).unwrap();
        }
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// A program of the server.
    fn command(&self, name: &str) -> Command {
        let program = program(name);
        let mut command = match self {
            Self(None) => Command::new(program),
            Self(Some((user, group))) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}")]);
                command.args(["--clear-groups", "--"]).arg(program);
                command
            }
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("LC_ALL", "C")
            .current_dir("/");
        command
    }
}

/// Debian keeps the server's programs beside the search path, a folder for each version: the newest is taken.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            Some((folder.file_name()?.to_str()?.parse().ok()?, folder.join("bin").join(name)))
        })
        .collect();
    versions.sort();
    let on_the_path = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join(name))
        .collect::<Vec<_>>();
    versions
        .into_iter()
        .rev()
        .map(|(_, program)| program)
        .chain(on_the_path)
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("`{name}` is missing: {HINT}"))
}

#[tokio::test]
async fn a_role_logs_in_with_its_password_and_with_no_other() {
    let server = Postgres::start().await;
    let client = server.log_in(Postgres::ROLE, Postgres::PASSWORD).await.unwrap();
    let shown =
        client.query_one("SELECT current_user::text, current_setting('server_version')", &[]).await.unwrap();
    assert_eq!(shown.get::<_, String>(0), Postgres::ROLE);
    let refused = server.log_in(Postgres::ROLE, "another").await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01", "{refused}");
    assert!(server.url().starts_with("postgresql://127.0.0.1:"));
}
