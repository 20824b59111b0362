//! The same faults through the program: its exit code, how often it asks, and what it leaves behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::TURN;
use super::fault::{CANARY, Cell, How, Operation, Required, cells};
use super::server::{Asked, Play, Service, Wire};
use crate::support::chance::Chance;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::{connector, kafka};
use crate::support::reliability::{Report, is_long};

/// How many programs run at once; most of their time is pauses between tries.
const BESIDE: usize = 24;

const OPERATIONS: [Operation; 7] = [
    Operation::List,
    Operation::Register,
    Operation::Delete,
    Operation::Query,
    Operation::Create,
    Operation::Update,
    Operation::Drop,
];

fn environment(address: &str) -> TestEnv {
    let env = TestEnv::new()
        .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "fake-id")
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARY)
        .with("DELTASTREAM_API_TOKEN", CANARY)
        .with("RECONCILE_STORE_TIME_DIVISOR", "50");
    env.project(&format!(
        "profiles: {{test: {{ververica: {{endpoint: '{address}', sendDefinition: true}}, deltastream: {{url: '{address}/v2', role: sysadmin}}}}}}"
    ));
    env
}

/// The program's own deadline is a minute of silence: these are played at the clients only.
fn is_played(cell: &Cell) -> bool {
    match &cell.how {
        How::Never(_)
        | How::Wire(Wire::Stall(_) | Wire::Drip(_))
        | How::CarriedOut(Wire::Stall(_) | Wire::Drip(_)) => false,
        // What is not reached at all is not reached by the look before a write.
        How::Address(_) | How::Tls => !cell.operation.writes(),
        How::Wire(_) | How::CarriedOut(_) => true,
    }
}

fn manifest(env: &TestEnv, operation: Operation, password: &str) {
    if operation.is_flink() {
        env.manifest("a.yaml", &[connector("a")]);
    } else {
        env.manifest("a.yaml", &[kafka("a").with("kafka.sasl.password", password)]);
    }
}

/// What is wrong with how the program met a cell.
fn played(cell: &Cell) -> Result<(), String> {
    let operation = cell.operation;
    let service = Service::holding(None);
    let own = format!("http://{}", service.authority());
    let address = match &cell.how {
        How::Address(address) => (*address).to_owned(),
        How::Tls => format!("https://{}", service.authority()),
        _ => own,
    };
    let env = environment(&address);
    manifest(&env, operation, "kafka-pass-1");
    let is_there = matches!(operation, Operation::Delete | Operation::Drop | Operation::Update);
    if is_there {
        let _said = env.apply("").exits(0);
        manifest(&env, operation, "kafka-pass-2");
    }
    let before = service.heard().len();
    if let How::Wire(wire) | How::CarriedOut(wire) = &cell.how {
        service.play(Play {
            on: operation.asked(),
            times: if operation.writes() { 1 } else { usize::MAX },
            is_carried_out: matches!(cell.how, How::CarriedOut(_)),
            wire: wire.clone(),
        });
    }
    let outcome = match operation {
        Operation::Register | Operation::Create | Operation::Update => env.apply(""),
        Operation::Delete | Operation::Drop => env.run("destroy --all --yes"),
        _ => env.plan(""),
    };
    let heard = service.heard().split_off(before);
    judged(cell, &outcome, &heard)?;
    let is_done = outcome.code == Some(0);
    let (is_live, is_recorded) = (!service.holds().is_empty(), env.run("state list").stdout.contains('a'));
    let wanted = match operation {
        Operation::Register | Operation::Create => is_done,
        Operation::Delete | Operation::Drop => !is_done,
        Operation::Update => true,
        _ => false,
    };
    let recorded = is_recorded && (wanted || operation.writes());
    if is_live != wanted || recorded != wanted {
        return Err(format!("live {is_live}, recorded {is_recorded}: {outcome}"));
    }
    Ok(())
}

fn judged(cell: &Cell, outcome: &Outcome, heard: &[Asked]) -> Result<(), String> {
    let Cell { operation, required, how, .. } = cell;
    let asked = operation.asked();
    let places: Vec<usize> = (0..heard.len()).filter(|at| heard[*at] == asked).collect();
    let is_carried_out = matches!(how, How::CarriedOut(_));
    let is_heard = !matches!(how, How::Address(_) | How::Tls);
    let (code, times) = match (required, operation.writes()) {
        (Required::Again, true) => (0, 2),
        (Required::Again, false) => (69, if is_heard { 4 } else { 0 }),
        // A look does not show whether an update has arrived, and a second one does no harm.
        (Required::Ambiguous, _) if *operation == Operation::Update => (0, 2),
        (Required::Ambiguous, _) => (0, if is_carried_out { 1 } else { 2 }),
        (Required::Throttled, _) => (75, 1),
        (Required::Auth, _) => (77, 1),
        (Required::Conflict | Required::Refused | Required::Protocol, _) => (1, 1),
        (Required::Taken | Required::NotReady | Required::ListDecides, _) => (0, 1),
    };
    if outcome.code != Some(code) {
        return Err(format!("required exit code {code}: {outcome}\n{heard:?}"));
    }
    if places.len() != times {
        return Err(format!("required {times} requests: {heard:?}\n{outcome}"));
    }
    if let (Required::Ambiguous, [first, second]) = (required, places.as_slice())
        && *operation != Operation::Update
        && second - first < 3
    {
        return Err(format!("sent again without two looks: {heard:?}"));
    }
    if outcome.stdout.contains(CANARY) || outcome.stderr.contains(CANARY) {
        return Err(format!("a secret is told: {outcome}"));
    }
    if code != 0 && outcome.stderr.trim().is_empty() {
        return Err("says nothing".to_owned());
    }
    Ok(())
}

/// One operation that reads and one that writes for each fault.
fn sample(all: Vec<Cell>, chance: &mut Chance) -> Vec<Cell> {
    let mut groups: BTreeMap<(&str, bool), Vec<Cell>> = BTreeMap::new();
    for cell in all {
        groups.entry((cell.fault, cell.operation.writes())).or_default().push(cell);
    }
    groups.values().map(|group| chance.one_of(group).clone()).collect()
}

#[test]
fn the_program_meets_the_faults_with_its_exit_codes_and_no_request_too_many() {
    let elsewhere = Service::holding(None);
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (first, rounds) = (super::cells::seed(), if is_long() { 5 } else { 1 });
    let mut all = Vec::new();
    for seed in (0..rounds).map(|round| first.wrapping_add(round)) {
        let mut chance = Chance::new(seed);
        let of = |operation| cells(operation, &elsewhere.authority(), &mut chance);
        let played: Vec<Cell> = OPERATIONS.into_iter().flat_map(of).filter(is_played).collect();
        all.extend(if is_long() { played } else { sample(played, &mut chance) });
    }
    let (next, red) = (Mutex::new(all.iter()), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for _ in 0..BESIDE {
            scope.spawn(|| {
                loop {
                    let Some(cell) = next.lock().unwrap().next() else { return };
                    if let Err(wrong) = played(cell) {
                        let Cell { fault, operation, required, how: _ } = cell;
                        let line = format!("{operation:?} × {fault}, required {required:?}: {wrong}");
                        red.lock().unwrap().insert(line);
                    }
                }
            });
        }
    });
    let red = red.into_inner().unwrap();
    let lines: Vec<&str> = red.iter().map(String::as_str).collect();
    assert!(red.is_empty(), "seed {first}: {} of {}:\n{}", red.len(), all.len(), lines.join("\n"));
    assert_eq!(elsewhere.heard(), [], "a redirect was followed");
    Report {
        harness: "matrix::binary",
        what: "the same faults through the program: exit code, number of requests, what is live and recorded",
        cases: format!("{} runs", all.len()),
        seed: Some(first),
        result: "0 lost, 0 doubled, no request too many".to_owned(),
        planted: "`a_program_with_a_defect_is_told`",
    }
    .hand_in();
}

#[test]
fn a_program_with_a_defect_is_told() {
    use Asked::{List, Register};
    use std::os::unix::process::ExitStatusExt;
    let said = |code: i32, stderr: &str| {
        let status = std::process::ExitStatus::from_raw(code << 8);
        Outcome::of(
            "apply",
            std::process::Output { status, stdout: Vec::new(), stderr: stderr.as_bytes().to_vec() },
        )
    };
    let cell =
        |how| Cell { fault: "closed", operation: Operation::Register, how, required: Required::Ambiguous };
    let (arrived, not_arrived) = (cell(How::CarriedOut(Wire::Reset)), cell(How::Wire(Wire::Reset)));
    let red = |cell: &Cell, outcome: &Outcome, heard: &[Asked]| {
        judged(cell, outcome, heard).err().unwrap_or_default()
    };
    let done = said(0, "created");
    assert_eq!(red(&arrived, &done, &[List, Register, List]), "");
    assert_eq!(red(&not_arrived, &done, &[List, Register, List, List, Register]), "");
    // Sent again although it had arrived; after one look; a wrong exit code; a secret; silence.
    assert!(red(&arrived, &done, &[Register, List, List, Register]).contains("required 1 requests"));
    assert!(red(&not_arrived, &done, &[Register, List, Register]).contains("without two looks"));
    assert!(red(&arrived, &said(1, "no"), &[Register]).contains("required exit code 0"));
    assert!(red(&arrived, &said(0, CANARY), &[Register]).contains("a secret is told"));
    let refused = Cell { required: Required::Refused, ..arrived };
    assert!(red(&refused, &said(1, ""), &[Register]).contains("says nothing"));
}
