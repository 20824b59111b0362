//! The private server: started, stopped, killed, suspended, and gone with its value.

use std::time::Duration;

use reconcile::domain::suite::mysql::{Mysql, Tls};
use reconcile::verify::mysql::class::{Class, Setting};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::error::MysqlError;
use reconcile::verify::mysql::server::{Options, PrivateServer, ServerError};

use crate::support::mysql::session;

async fn connect(mysql: &Mysql) -> Result<(), MysqlError> {
    Client::new(mysql.clone())?.connect().await?.close().await
}

#[tokio::test]
async fn a_private_server_keeps_what_was_committed_through_every_way_to_end() {
    let mut server = PrivateServer::start(Options::default()).await.unwrap_or_else(|error| panic!("{error}"));
    let mut admin = session(&server.mysql("information_schema")).await;
    admin.run("CREATE DATABASE shop").await.unwrap();
    let mysql = Mysql {
        connect_timeout: Duration::from_secs(1),
        query_timeout: Duration::from_millis(500),
        ..server.mysql("shop")
    };
    let mut open = session(&mysql).await;
    open.run("CREATE TABLE t (id INT PRIMARY KEY)").await.unwrap();
    open.run("INSERT INTO t VALUES (1)").await.unwrap();

    // Killed: what was committed is there, what was not is not.
    open.begin().await.unwrap();
    open.run("INSERT INTO t VALUES (2)").await.unwrap();
    server.kill().await.unwrap();
    assert_eq!(server.pid(), None);
    assert_eq!(open.commit().await.unwrap_err().class(), Class::Gone);
    assert_eq!(connect(&mysql).await.unwrap_err().setting(), Some(Setting::Port));
    server.start_again().await.unwrap();
    let mut open = session(&mysql).await;
    assert_eq!(open.query("SELECT id FROM t", vec![]).await.unwrap().len(), 1);

    // Suspended: the socket is half open, and only time tells.
    server.suspend().await.unwrap();
    let error = open.run("INSERT INTO t VALUES (3)").await.unwrap_err();
    assert!(matches!(error, MysqlError::TimedOut { .. }) && error.is_retryable(), "{error}");
    assert!(!open.is_reusable());
    assert_eq!(open.run("DO 1").await.unwrap_err().class(), Class::Gone);
    server.resume();
    connect(&mysql).await.unwrap();

    // A server without certificates offers no encryption.
    connect(&Mysql { tls: Tls::Preferred, ..mysql.clone() }).await.unwrap();
    let error = connect(&Mysql { tls: Tls::Required, ..mysql.clone() }).await.unwrap_err();
    assert_eq!(error.setting(), Some(Setting::Tls), "{error}");

    server.stop().await.unwrap();
    server.start_again().await.unwrap();
    let pid = server.pid().unwrap();
    drop(server);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(connect(&mysql).await.is_err());
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why_and_keeps_its_log() {
    let settings = vec!["--no-such-setting".to_owned()];
    let error = PrivateServer::start(Options { settings, ..Options::default() }).await.unwrap_err();
    let ServerError::Failed { log, last, .. } = &error else { panic!("{error}") };
    assert!(last.contains("no-such-setting") && log.is_file(), "{error}");
    reconcile::platform::fs::remove(log).unwrap();
}
