use super::caller::emulator;
use super::statements::{KAFKA, ask, check, create, poll, rows, submit};
use crate::emulator::{Handle, LoginCheck, Simulation, StoreSimulation};

fn faulty(faults: &[&str]) -> Handle {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    emulator(Simulation { faults, ..Simulation::default() })
}

fn create_statement(name: &str) -> String {
    format!("CREATE STORE \"{name}\" WITH ({KAFKA});")
}

const NAMES: &str = "SELECT name FROM deltastream.sys.\"stores\";";

#[test]
fn a_status_or_a_state_refuses_and_executes_nothing() {
    let emulator =
        faulty(&["create-store:503x1", "create-store:3E001x1", "describe-store:500", "poll:57015x1"]);
    let reply = submit(&emulator, "sysadmin", &create_statement("a")).unwrap();
    assert_eq!(reply.status, 503);
    assert!(reply.body["message"].is_string(), "{reply:?}");
    assert_eq!(ask(&emulator, &create_statement("a")).0, "3E001");
    assert!(rows(&emulator, "sysadmin", NAMES).is_empty());
    create(&emulator, "a");
    assert_eq!(submit(&emulator, "sysadmin", "DESCRIBE STORE a;").unwrap().status, 500);
    let listed = submit(&emulator, "sysadmin", "LIST STORES;").unwrap();
    let id = listed.body["statementID"].as_str().unwrap();
    let polled = poll(&emulator, id, 0);
    check(&polled);
    assert_eq!((&polled.body["sqlState"], &polled.body["statementID"]), (&"57015".into(), &id.into()));
    assert_eq!(poll(&emulator, id, 0).body["sqlState"], "00000");
}

#[test]
fn a_dropped_answer_was_executed_and_a_dropped_request_was_not() {
    let emulator =
        faulty(&["create-store:dropx1", "create-store:drop-beforex1", "drop-store:dropx1", "version:drop"]);
    assert!(submit(&emulator, "sysadmin", &create_statement("a")).is_none());
    assert!(submit(&emulator, "sysadmin", &create_statement("b")).is_none());
    assert_eq!(rows(&emulator, "sysadmin", NAMES), [["a"]]);
    assert!(submit(&emulator, "sysadmin", "DROP STORE a;").is_none());
    assert!(rows(&emulator, "sysadmin", NAMES).is_empty());
}

#[test]
fn an_errored_store_was_accepted_whenever_logins_are_checked() {
    for login_check in [LoginCheck::Create, LoginCheck::Later] {
        let faults =
            vec!["create-store:erroredx1".parse().unwrap(), "update-store:erroredx1".parse().unwrap()];
        let stores = StoreSimulation { login_check, ..StoreSimulation::default() };
        let emulator = emulator(Simulation { faults, stores, ..Simulation::default() });
        let status = || rows(&emulator, "sysadmin", "LIST STORES;")[0][2..4].to_vec();
        create(&emulator, "a");
        assert_eq!(status(), ["errored", "simulated error of the backend"]);
        let update = "UPDATE STORE a WITH ('kafka.sasl.hash_function' = NONE);";
        assert_eq!(ask(&emulator, update).0, "00000");
        assert_eq!(status()[0], "errored");
        assert_eq!(ask(&emulator, update).0, "00000");
        assert_eq!(status(), ["ready", ""]);
    }
}

#[test]
fn an_echo_repeats_the_whole_statement_which_is_not_executed() {
    let emulator = faulty(&["create-store:echo"]);
    let (state, message) = ask(&emulator, &create_statement("a"));
    assert_eq!(state, "XX000");
    assert!(message.contains(&create_statement("a")), "{message}");
    assert!(rows(&emulator, "sysadmin", NAMES).is_empty());
}

#[test]
fn a_dataplane_answer_says_where_the_rows_are_and_has_none() {
    let emulator = faulty(&["list-stores:dataplanex1"]);
    create(&emulator, "a");
    let reply = submit(&emulator, "sysadmin", NAMES).unwrap();
    check(&reply);
    let request = &reply.body["metadata"]["dataplaneRequest"];
    let id = reply.body["statementID"].as_str().unwrap();
    assert_eq!(request["statementID"], id);
    assert_eq!(request["uri"], format!("{}/statements/{id}", emulator.deltastream_url()));
    assert_eq!((&request["requestType"], request["token"].is_string()), (&"result-set".into(), true));
    assert_eq!(reply.body["data"], serde_json::json!([]));
    assert!(submit(&emulator, "sysadmin", NAMES).unwrap().body["metadata"]["dataplaneRequest"].is_null());
}

#[test]
fn requests_beyond_the_limit_are_throttled_whichever_api_they_belong_to() {
    let emulator = emulator(Simulation { throttle_after: Some(2), ..Simulation::default() });
    super::caller::Ask::list().ask(&emulator).names();
    create(&emulator, "a");
    assert_eq!(submit(&emulator, "sysadmin", NAMES).unwrap().status, 429);
    assert_eq!(super::caller::Ask::list().ask(&emulator).code(), "Throttling.User");
}

#[test]
fn a_fault_of_one_api_leaves_the_other_one_alone() {
    let emulator = faulty(&["*:57015", "list:503"]);
    assert_eq!(super::caller::Ask::register(&["a"]).ask(&emulator).names(), ["a"]);
    assert_eq!(ask(&emulator, NAMES).0, "57015");
}
