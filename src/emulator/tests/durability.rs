use std::net::TcpListener;

use super::caller::{Ask, config};
use crate::emulator::address::Address;
use crate::emulator::local::attach_or_start_within;
use crate::emulator::{Config, Emulator, EmulatorError, Simulation, attach_or_start};
use crate::platform::fs;

#[test]
fn a_second_emulator_finds_what_the_first_one_answered() {
    let folder = tempfile::tempdir().unwrap();
    let data = Config { data: Some(folder.path().to_owned()), ..config() };
    let first = Emulator::start(data.clone()).unwrap();
    Ask::register(&["a", "b"]).ask(&first).names();
    Ask::delete("a").ask(&first).names();
    assert!(matches!(Emulator::start(data.clone()), Err(EmulatorError::WorldInUse { .. })));
    drop(first);
    assert_eq!(Ask::list().ask(&Emulator::start(data).unwrap()).names(), ["b"]);
}

#[test]
fn the_world_is_on_disk_before_the_answer_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let simulation = Simulation { faults: vec!["*:drop".parse().unwrap()], ..Simulation::default() };
    let config = Config { data: Some(folder.path().to_owned()), simulation, ..config() };
    let emulator = Emulator::start(config).unwrap();
    assert!(Ask::register(&["a"]).send(&emulator).is_none());
    let world = String::from_utf8(fs::read(&folder.path().join("connectors.jsonl"), 4096).unwrap()).unwrap();
    assert!(world.contains("\"name\":\"a\""), "{world}");
}

#[test]
fn a_world_that_cannot_be_written_refuses_the_change_in_form_a() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("world");
    let emulator = Emulator::start(Config { data: Some(data), ..config() }).unwrap();
    folder.close().unwrap();
    let reply = Ask::register(&["a"]).ask(&emulator);
    assert_eq!((reply.status, reply.code()), (500, "InternalError"));
    assert_eq!(Ask::list().ask(&emulator).names(), [""; 0]);
}

#[test]
fn a_second_process_attaches_to_the_emulator_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = attach_or_start(folder.path(), &Simulation::default()).unwrap();
    let second = attach_or_start(folder.path(), &Simulation::default()).unwrap();
    assert!(second.handle.is_none());
    assert_eq!(second.base_url, first.base_url);
    Ask::register(&["a"]).ask(first.handle.as_ref().unwrap()).names();
    drop(first);
    let third = attach_or_start(folder.path(), &Simulation::default()).unwrap();
    assert_eq!(Ask::list().ask(third.handle.as_ref().unwrap()).names(), ["a"]);
}

#[test]
fn another_program_at_the_recorded_address_is_not_taken_for_the_emulator() {
    let folder = tempfile::tempdir().unwrap();
    let first = attach_or_start(folder.path(), &Simulation::default()).unwrap();
    let stranger = Emulator::start(config()).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let path = folder.path().join("address.json");
    let text = String::from_utf8(fs::read(&path, 4096).unwrap()).unwrap();
    let mine = Address::read(folder.path()).unwrap();
    assert!(mine.answers());
    for url in [stranger.base_url(), format!("http://{}", silent.local_addr().unwrap())] {
        fs::replace(&path, text.replace(&first.base_url, &url).as_bytes()).unwrap();
        assert!(!Address::read(folder.path()).unwrap().answers(), "{url}");
    }
    fs::replace(&path, b"{}").unwrap();
    assert_eq!(Address::read(folder.path()), None);
}

#[test]
fn a_locked_world_without_an_address_that_answers_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let first = attach_or_start(folder.path(), &Simulation::default()).unwrap();
    fs::replace(&folder.path().join("address.json"), b"{}").unwrap();
    let verdict = attach_or_start_within(2, folder.path(), &Simulation::default());
    assert!(matches!(verdict, Err(EmulatorError::NoAnswer { .. })), "{verdict:?}");
    drop(first);
}
