use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::caller::{Ask, Scheme, config, emulator, log_lines};
use crate::emulator::{Config, Emulator, Handle, Simulation};

fn faulty(faults: &[&str]) -> Handle {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    emulator(Simulation { faults, ..Simulation::default() })
}

#[test]
fn a_status_fault_refuses_in_form_a_and_processes_nothing() {
    let emulator = faulty(&["RegisterCustomConnector:503x2"]);
    for _ in 0..2 {
        let reply = Ask::register(&["a"]).ask(&emulator);
        assert_eq!((reply.status, reply.code()), (503, "ServiceUnavailable"));
        assert_eq!(Ask::list().ask(&emulator).names(), [""; 0]);
    }
    assert_eq!(Ask::register(&["a"]).ask(&emulator).names(), ["a"]);
}

#[test]
fn a_business_fault_refuses_in_form_b() {
    let emulator = faulty(&["register:B:990301"]);
    let reply = Ask::register(&["a"]).ask(&emulator);
    assert_eq!((reply.status, reply.code(), &reply.body["success"]), (200, "990301", &false.into()));
}

#[test]
fn a_dropped_answer_was_processed_and_a_dropped_request_was_not() {
    let emulator = faulty(&["register:dropx1", "register:drop-beforex1"]);
    assert!(Ask::register(&["a"]).send(&emulator).is_none());
    assert_eq!(Ask::list().ask(&emulator).names(), ["a"]);
    assert!(Ask::register(&["b"]).send(&emulator).is_none());
    assert_eq!(Ask::list().ask(&emulator).names(), ["a"]);
    assert_eq!(Ask::register(&["b"]).ask(&emulator).names(), ["b"]);
}

#[test]
fn a_cut_hits_its_own_connection_only() {
    let emulator = faulty(&["register:drop"]);
    let keep_alive = |ask: Ask| {
        let bytes = String::from_utf8(ask.sign(emulator.address())).unwrap();
        bytes.replace("connection: close\r\n", "").into_bytes()
    };
    let mut other = TcpStream::connect(emulator.address()).unwrap();
    let mut list = || {
        other.write_all(&keep_alive(Ask::list())).unwrap();
        let mut start = [0; 15];
        other.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
        let mut rest = [0; 2048];
        assert!(other.read(&mut rest).unwrap() > 0);
    };
    list();
    assert!(Ask::register(&["a"]).send(&emulator).is_none());
    list();
}

#[test]
fn requests_beyond_the_limit_are_throttled() {
    let emulator = emulator(Simulation { throttle_after: Some(2), ..Simulation::default() });
    let unsigned = Ask { scheme: Scheme::None, ..Ask::list() };
    assert_eq!(unsigned.ask(&emulator).status, 400, "not counted");
    for _ in 0..2 {
        Ask::list().ask(&emulator).names();
    }
    let reply = Ask::register(&["a"]).ask(&emulator);
    assert_eq!((reply.status, reply.code()), (400, "Throttling.User"));
}

#[test]
fn lists_lag_behind_on_request() {
    let hour = Duration::from_hours(1);
    let slow = emulator(Simulation { creating_for: hour, ..Simulation::default() });
    assert_eq!(Ask::register(&["a"]).ask(&slow).names(), ["a"]);
    assert_eq!(Ask::list().ask(&slow).names(), [""; 0]);
    assert_eq!(Ask::register(&["a"]).ask(&slow).code(), "990002");

    let slow = emulator(Simulation { deleting_for: hour, ..Simulation::default() });
    Ask::register(&["a"]).ask(&slow).names();
    Ask::delete("a").ask(&slow).names();
    assert_eq!(Ask::list().ask(&slow).names(), ["a"]);
    assert_eq!(Ask::delete("a").ask(&slow).code(), "990402");
    assert_eq!(Ask::register(&["a"]).ask(&slow).code(), "990402");
}

#[test]
fn an_answer_that_is_held_back_belongs_to_a_request_that_was_processed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requests.jsonl");
    let simulation = Simulation { latency: Duration::from_hours(1), ..Simulation::default() };
    let config = Config { request_log: Some(path.clone()), simulation, ..config() };
    let emulator = Emulator::start(config).unwrap();
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream.write_all(&Ask::register(&["a"]).sign(emulator.address())).unwrap();
    let mut lines = vec![];
    for _ in 0..2_000 {
        lines = log_lines(&path);
        if !lines.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(lines[0]["success"], true);
    assert!(lines[0]["ms"].as_u64().unwrap() >= 3_600_000);
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "the answer was not held back");
    // Ends at once, whatever is still held back.
    drop(emulator);
}
