use std::io::Write as _;
use std::net::TcpListener;

use super::*;

fn attempt(uri: &str) -> Option<Login> {
    let login = PostgresLogin::new(uri, "u", b"p").unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(login.attempt())
}

#[test]
fn an_address_is_read_and_what_is_none_is_left_alone() {
    let address = |host: &str, port, database: Option<&str>| {
        Some(Address { host: host.to_owned(), port, database: database.map(str::to_owned) })
    };
    for (uri, expected) in [
        ("postgresql://host:6000/db", address("host", 6000, Some("db"))),
        ("postgres://Host/a%20b?param1=test", address("host", 5432, Some("a b"))),
        ("postgresql://[::1]:6000", address("::1", 6000, None)),
        ("postgresql://[::1]/", address("::1", 5432, None)),
        ("jdbc:postgresql://host/db", None),
        ("host:5432", None),
        ("postgresql:///db", None),
        ("postgresql://host:port/db", None),
        ("postgresql://a:1,b:2/db", None),
    ] {
        assert_eq!(Address::read(uri), expected, "{uri}");
    }
}

#[test]
fn a_database_that_nobody_runs_is_not_asked() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(attempt(&format!("postgresql://{closed}/db")), None);
    assert_eq!(attempt("postgresql://db.example.test:5432/db"), None);
}

#[test]
fn the_words_of_the_server_are_passed_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0\0";
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        stream.write_all(&[b"E", &length[..], &fields[..]].concat()).unwrap();
        // Until the other side has read it and hangs up.
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    let words = "FATAL: password authentication failed for user \"u\" (SQLSTATE 28P01)";
    assert_eq!(attempt(&format!("postgresql://{address}/db")), Some(Login::Refused(words.to_owned())));
    server.join().unwrap();
}

#[test]
fn a_server_that_lets_everybody_in_lets_us_in() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // AuthenticationOk, then ReadyForQuery.
        stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").unwrap();
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    assert_eq!(attempt(&format!("postgresql://{address}")), Some(Login::Accepted));
    server.join().unwrap();
}

#[test]
fn something_else_that_listens_there_is_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || drop(listener.accept().unwrap()));
    assert!(matches!(attempt(&format!("postgresql://{address}/db")), Some(Login::Refused(_))));
    server.join().unwrap();
}
