//! A real database for tests: one server for the whole test process, a database of its own for each test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use reconcile::domain::desired::Origin;
use reconcile::domain::secret::{Fingerprint, Sealed, Source};
use reconcile::domain::suite::mysql::Mysql;
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::server::{Options, PrivateServer, TlsMaterial};
use reconcile::verify::mysql::session::Session;
use secrecy::SecretString;
use tokio::sync::OnceCell;

/// A database that nothing else uses.
pub(crate) struct Database {
    pub(crate) mysql: Mysql,
}

impl Database {
    /// A new, empty one on the server of this process.
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = session(&server().await.mysql("information_schema")).await;
        admin.run(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await.unwrap();
        Self { mysql: server().await.mysql(&name) }
    }

    /// A session in it.
    pub(crate) async fn session(&self) -> Session {
        session(&self.mysql).await
    }
}

/// The same database as another account.
pub(crate) fn account(mysql: &Mysql, username: &str, password: &str) -> Mysql {
    let at = Origin { file: "test".into(), line: 1, column: 1 };
    let fingerprint = Fingerprint { fingerprint: "of a test".to_owned() };
    let password = SecretString::from(password);
    let sealed = Sealed::declared(Source::Literal(password.clone()), at).resolved(password, fingerprint);
    Mysql { username: username.to_owned(), password: Some(sealed), ..mysql.clone() }
}

/// Opens a session.
pub(crate) async fn session(mysql: &Mysql) -> Session {
    Client::new(mysql.clone()).unwrap().connect().await.unwrap_or_else(|error| panic!("{error}"))
}

/// The server of this process; it ends with the process.
pub(crate) async fn server() -> &'static PrivateServer {
    static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let options = Options { tls: Some(certificates().await.server.clone()), settings: Vec::new() };
            PrivateServer::start(options).await.unwrap_or_else(|error| panic!("{error}"))
        })
        .await
}

/// Certificates for the tests.
pub(crate) struct Certificates {
    /// The server's: for `127.0.0.1`, `db.test` and `*.wild.test`, not for `localhost`.
    pub(crate) server: TlsMaterial,
    /// An authority that signed nothing of it.
    pub(crate) stranger: PathBuf,
    _folder: tempfile::TempDir,
}

/// Made once, by `openssl`.
pub(crate) async fn certificates() -> &'static Certificates {
    static MADE: OnceCell<Certificates> = OnceCell::const_new();
    MADE.get_or_init(|| async { make_certificates() }).await
}

fn make_certificates() -> Certificates {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    authority(folder.path(), "ca");
    authority(folder.path(), "stranger");
    openssl(
        folder.path(),
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=db.test",
    );
    reconcile::platform::fs::write_new(
        &at("names"),
        b"subjectAltName=IP:127.0.0.1,DNS:db.test,DNS:*.wild.test\n",
    )
    .unwrap();
    openssl(
        folder.path(),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
    let server =
        TlsMaterial { authority: at("ca.pem"), certificate: at("server.pem"), key: at("server.key") };
    Certificates { server, stranger: at("stranger.pem"), _folder: folder }
}

fn authority(folder: &Path, name: &str) {
    openssl(
        folder,
        &format!(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {name}.key -out {name}.pem -subj /CN={name} \
             -addext basicConstraints=critical,CA:TRUE"
        ),
    );
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let output =
        output.unwrap_or_else(|error| panic!("openssl: {error}: run tests/run, or: apt-get install openssl"));
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
