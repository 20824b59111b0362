//! Sessions: what is declared is what comes, and what is wrong is named.

use std::num::NonZeroU16;
use std::time::Duration;

use mysql_async::Value;
use reconcile::domain::suite::mysql::{Authority, Charset, Mysql, Pool, Tls};
use reconcile::verify::mysql::class::{Class, Setting};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::error::MysqlError;
use reconcile::verify::proxy::{FaultProxy, Trouble};

use crate::support::mysql::{Database, account, certificates, session};

fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        other => panic!("{other:?} is no text"),
    }
}

async fn refused(mysql: Mysql) -> MysqlError {
    match Client::new(mysql) {
        Ok(client) => client.connect().await.err().unwrap(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_session_is_strict_in_utc_and_in_the_declared_character_set() {
    let database = Database::new().await;
    for charset in Charset::ALL {
        let mut session = session(&Mysql { charset: *charset, ..database.mysql.clone() }).await;
        let ask = "SELECT @@time_zone, @@sql_mode, @@character_set_client, @@character_set_connection";
        let rows = session.query(ask, vec![]).await.unwrap();
        let said: Vec<String> = rows[0].iter().map(text).collect();
        assert_eq!(said[0], "+00:00");
        assert!(
            said[1].contains("STRICT_ALL_TABLES") && said[1].contains("NO_AUTO_VALUE_ON_ZERO"),
            "{said:?}"
        );
        assert_eq!(said[2..], [charset.as_str(), charset.as_str()]);
        assert_eq!(session.facts().max_allowed_packet, 16 << 20);
        session.close().await.unwrap();
    }
}

#[tokio::test]
async fn each_tls_mode_does_what_it_says() {
    let database = Database::new().await;
    let made = certificates().await;
    let ours = || Authority::File(made.server.authority.clone());
    let stranger = || Authority::File(made.stranger.clone());
    let at = |host: &str, tls: Tls| Mysql { host: host.into(), tls, ..database.mysql.clone() };
    for (host, tls, encrypted) in [
        ("127.0.0.1", Tls::Disabled, false),
        ("127.0.0.1", Tls::Preferred, true),
        ("127.0.0.1", Tls::Required, true),
        ("127.0.0.1", Tls::VerifyCa(ours()), true),
        ("127.0.0.1", Tls::VerifyIdentity(ours()), true),
        // The certificate is not that of `localhost`.
        ("localhost", Tls::VerifyCa(ours()), true),
    ] {
        let session = session(&at(host, tls.clone())).await;
        assert_eq!(session.facts().encrypted, encrypted, "{tls:?}");
        session.close().await.unwrap();
    }
    for (host, tls) in [
        ("localhost", Tls::VerifyIdentity(ours())),
        ("127.0.0.1", Tls::VerifyCa(stranger())),
        ("localhost", Tls::VerifyCa(stranger())),
        ("127.0.0.1", Tls::VerifyIdentity(stranger())),
        ("127.0.0.1", Tls::VerifyIdentity(Authority::Public)),
        ("127.0.0.1", Tls::VerifyCa(Authority::File("/nonexistent/ca.pem".into()))),
    ] {
        let error = refused(at(host, tls.clone())).await;
        assert_eq!((error.setting(), error.is_retryable()), (Some(Setting::Tls), false), "{tls:?}: {error}");
    }
}

#[tokio::test]
async fn through_a_proxy_the_certificate_is_still_that_of_the_declared_host() {
    let database = Database::new().await;
    let made = certificates().await;
    let ours = || Authority::File(made.server.authority.clone());
    let proxy = FaultProxy::start(&database.mysql.host, database.mysql.port.get()).unwrap();
    // Nobody listens at the declared port, and most of the names have no address: the way is the proxy's.
    let at = |host: &str, tls: Tls| {
        let mysql = Mysql { host: host.into(), port: NonZeroU16::MIN, tls, ..database.mysql.clone() };
        Client::new(mysql).unwrap().through(proxy.address())
    };
    for (host, tls) in [
        ("127.0.0.1", Tls::VerifyIdentity(ours())),
        ("db.test", Tls::VerifyIdentity(ours())),
        ("other.test", Tls::VerifyCa(ours())),
        ("other.test", Tls::Required),
    ] {
        let session =
            at(host, tls.clone()).connect().await.unwrap_or_else(|error| panic!("{tls:?}: {error}"));
        assert!(session.facts().encrypted);
        session.close().await.unwrap();
    }
    for (host, authority) in [("other.test", ours()), ("db.test", Authority::File(made.stranger.clone()))] {
        let error = at(host, Tls::VerifyIdentity(authority)).connect().await.err().unwrap();
        assert_eq!((error.setting(), error.is_retryable()), (Some(Setting::Tls), false), "{host}: {error}");
    }
    let down = proxy.begin(Trouble::ServerDown { lasting: Duration::from_mins(10) });
    let error = at("db.test", Tls::Required).connect().await.err().unwrap();
    assert!(error.is_retryable(), "{error}");
    assert!(!down.done().is_idle);
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_a_gone_connection() {
    let database = Database::new().await;
    let mysql = Mysql { query_timeout: Duration::from_millis(50), ..database.mysql.clone() };
    let mut session = session(&mysql).await;
    let error = session.run("SELECT SLEEP(30)").await.unwrap_err();
    assert_eq!(error.class(), Class::Gone, "{error}");
    assert!(!session.is_reusable());
}

#[tokio::test]
async fn a_port_of_another_program_is_told_from_a_port_of_nobody() {
    let database = Database::new().await;
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = NonZeroU16::new(other.local_addr().unwrap().port()).unwrap();
    let timeout = Duration::from_millis(200);
    let error = refused(Mysql { port: silent, connect_timeout: timeout, ..database.mysql.clone() }).await;
    assert_eq!(error.setting(), Some(Setting::Port), "{error}");
    assert!(error.to_string().contains("accepts connections"), "{error}");
    drop(other);
    let error = refused(Mysql { port: silent, ..database.mysql.clone() }).await;
    assert_eq!(error.setting(), Some(Setting::Port), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_pool_that_is_larger_than_the_account_allows_is_named_before_it_is_full() {
    let database = Database::new().await;
    let mut admin = database.session().await;
    let admit = "CREATE USER 'few'@'%' IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 3";
    admin.run(admit).await.unwrap();
    admin.run(&format!("GRANT ALL ON {}.* TO 'few'@'%'", database.mysql.database)).await.unwrap();
    let few = account(&database.mysql, "few", "few");
    let error = refused(few.clone()).await;
    assert_eq!(error.setting(), Some(Setting::Pool), "{error}");
    assert!(error.to_string().contains("size is 10, and the server allows this user 3"), "{error}");
    // What fits is connected, until others have taken the room.
    let small = Mysql { pool: Pool { size: NonZeroU16::MIN, ..few.pool.clone() }, ..few };
    let taken = [session(&small).await, session(&small).await, session(&small).await];
    let error = refused(small).await;
    assert_eq!((error.setting(), error.is_retryable()), (Some(Setting::Pool), true), "{error}");
    drop(taken);
}

#[tokio::test]
async fn an_account_that_the_server_calls_locked_is_not_a_wrong_password() {
    let database = Database::new().await;
    let mut admin = database.session().await;
    admin.run("CREATE USER 'locked'@'%' IDENTIFIED BY 'x' ACCOUNT LOCK").await.unwrap();
    let error = refused(account(&database.mysql, "locked", "x")).await;
    assert_eq!(error.setting(), Some(Setting::Username), "{error}");
    admin.run("CREATE USER 'late'@'%' IDENTIFIED BY 'x' PASSWORD EXPIRE").await.unwrap();
    admin.run(&format!("GRANT ALL ON {}.* TO 'late'@'%'", database.mysql.database)).await.unwrap();
    let error = refused(account(&database.mysql, "late", "x")).await;
    assert_eq!(error.setting(), Some(Setting::Password), "{error}");
}
