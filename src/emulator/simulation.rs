//! What is made to go wrong on request: flags, and the notation of faults.
//!
//! A fault is written `OP:WHAT[xN|@P%]`. `OP` is an operation by its vendor name, `list`, `register`, `delete`, or `*`.
//! `WHAT` is an HTTP status (`503`), a six-digit business code (`990301` or `B:990301`), `drop` (process, then close the
//! connection without an answer) or `drop-before` (close it without processing). `xN` strikes the first N requests,
//! `@P%` a share of them, neither strikes for ever.

use std::str::FromStr;
use std::time::Duration;

use super::operation::Operation;

/// What is simulated; the default is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// Every answer of an operation is held back for this long, after the request was processed.
    pub latency: Duration,
    /// A registered connector is not listed for this long.
    pub creating_for: Duration,
    /// A deleted connector is still listed, and blocks its name and type, for this long.
    pub deleting_for: Duration,
    /// After this many authenticated requests every further one is throttled.
    pub throttle_after: Option<u64>,
    /// Faults; of those that strike a request the first counts.
    pub faults: Vec<Fault>,
}

/// One fault: which requests it strikes, and what happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The operation; none for every one.
    operation: Option<Operation>,
    pub(super) effect: Effect,
    reach: Reach,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is refused by the gateway with this HTTP status.
    Status(u16),
    /// It is refused by the service with this code, under HTTP 200.
    Business(String),
    /// It is processed, and the connection closed without an answer.
    Drop,
    /// The connection is closed; nothing is processed.
    DropBefore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Always,
    First(u64),
    PerMillion(u32),
}

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No colon.
    #[error("`{0}` is not a fault: write OPERATION:WHAT, for example register:503x2")]
    NoColon(String),
    /// An operation that there is not.
    #[error(
        "`{0}` is not an operation: write list, register, delete, a full name like ListCustomConnectors, or *"
    )]
    Operation(String),
    /// An effect that there is not.
    #[error(
        "`{0}` is not a fault: write an HTTP status of 400 to 599, a six-digit code, drop or drop-before"
    )]
    Effect(String),
    /// A reach that cannot be read.
    #[error(
        "`{0}` does not say how often: write x and a count above 0, or @ and a share above 0% and up to 100%, with \
         at most four decimals"
    )]
    Reach(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (operation, rest) = text.split_once(':').ok_or_else(|| FaultError::NoColon(text.to_owned()))?;
        let operation = match operation {
            "*" => None,
            name => {
                let called =
                    |operation: &Operation| operation.name() == name || operation.short_name() == name;
                let found = Operation::ALL.into_iter().find(called);
                Some(found.ok_or_else(|| FaultError::Operation(name.to_owned()))?)
            }
        };
        let cut = rest.find(['x', '@']).unwrap_or(rest.len());
        let (effect, reach) = rest.split_at(cut);
        Ok(Self { operation, effect: read_effect(effect)?, reach: read_reach(reach)? })
    }
}

fn read_effect(text: &str) -> Result<Effect, FaultError> {
    let unknown = || FaultError::Effect(text.to_owned());
    match text {
        "drop" => return Ok(Effect::Drop),
        "drop-before" => return Ok(Effect::DropBefore),
        _ => {}
    }
    let code = text.strip_prefix("B:").unwrap_or(text);
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    match (code.len(), code.parse::<u16>()) {
        (6, _) => Ok(Effect::Business(code.to_owned())),
        (3, Ok(status @ 400..=599)) if code == text => Ok(Effect::Status(status)),
        _ => Err(unknown()),
    }
}

fn read_reach(text: &str) -> Result<Reach, FaultError> {
    let unreadable = || FaultError::Reach(text.to_owned());
    if text.is_empty() {
        return Ok(Reach::Always);
    }
    if let Some(count) = text.strip_prefix('x') {
        let count = count.parse().ok().filter(|count| *count > 0);
        return count.map(Reach::First).ok_or_else(unreadable);
    }
    let share = text.strip_prefix('@').and_then(|share| share.strip_suffix('%')).ok_or_else(unreadable)?;
    let (whole, decimals) = share.split_once('.').unwrap_or((share, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || whole.len() > 3 || decimals.len() > 4 {
        return Err(unreadable());
    }
    let per_million: Option<u32> = format!("{whole}{decimals:0<4}").parse().ok();
    let per_million = per_million.filter(|share| (1..=1_000_000).contains(share));
    per_million.map(Reach::PerMillion).ok_or_else(unreadable)
}

/// The faults with their counts, as requests come in.
pub(super) struct Faults {
    faults: Vec<(Fault, u64)>,
}

impl Faults {
    /// Nothing has been struck yet.
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, 0)).collect() }
    }

    /// What happens to this request. Deterministic: the same numbers draw the same shares in every run.
    pub(super) fn strike(&mut self, operation: Operation, number: u64) -> Option<Effect> {
        for (position, (fault, struck)) in (0_u64..).zip(&mut self.faults) {
            if fault.operation.is_some_and(|only| only != operation) {
                continue;
            }
            let strikes = match fault.reach {
                Reach::Always => true,
                Reach::First(count) => *struck < count,
                Reach::PerMillion(share) => {
                    scramble(number ^ (position << 48)) % 1_000_000 < u64::from(share)
                }
            };
            if strikes {
                *struck += 1;
                return Some(fault.effect.clone());
            }
        }
        None
    }
}

/// One step of the `SplitMix64` generator: neighbouring numbers give unrelated ones.
fn scramble(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(operation: Option<Operation>, effect: Effect, reach: Reach) -> Fault {
        Fault { operation, effect, reach }
    }

    #[test]
    fn every_form_of_the_notation_is_read() {
        let register = Some(Operation::Register);
        let business = || Effect::Business("990301".to_owned());
        for (text, expected) in [
            ("RegisterCustomConnector:503x2", fault(register, Effect::Status(503), Reach::First(2))),
            ("register:503", fault(register, Effect::Status(503), Reach::Always)),
            ("register:990301x1", fault(register, business(), Reach::First(1))),
            ("register:B:990301", fault(register, business(), Reach::Always)),
            ("list:drop", fault(Some(Operation::List), Effect::Drop, Reach::Always)),
            ("delete:drop-beforex3", fault(Some(Operation::Delete), Effect::DropBefore, Reach::First(3))),
            ("*:429@1%", fault(None, Effect::Status(429), Reach::PerMillion(10_000))),
            ("*:drop@0.25%", fault(None, Effect::Drop, Reach::PerMillion(2_500))),
            ("*:500@100%", fault(None, Effect::Status(500), Reach::PerMillion(1_000_000))),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_fault_is_refused_with_what_to_write() {
        for (text, part) in [
            ("503", "OPERATION:WHAT"),
            ("get:503", "list, register, delete"),
            ("list:200", "400 to 599"),
            ("list:600", "400 to 599"),
            ("list:", "400 to 599"),
            ("list:B:503", "six-digit"),
            ("list:9903011", "six-digit"),
            ("list:dropped", "drop-before"),
            ("list:503x0", "above 0"),
            ("list:503x", "above 0"),
            ("list:503@0%", "above 0%"),
            ("list:503@101%", "100%"),
            ("list:503@1", "@"),
            ("list:503@1.00001%", "four decimals"),
            ("list:503@1.%", "decimals"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_counted_fault_strikes_its_operation_so_often_and_then_leaves_it_to_the_next() {
        let mut faults = Faults::new(vec!["register:503x2".parse().unwrap(), "*:dropx1".parse().unwrap()]);
        let mut strike = |operation| faults.strike(operation, 0);
        assert_eq!(strike(Operation::Register), Some(Effect::Status(503)));
        assert_eq!(strike(Operation::List), Some(Effect::Drop));
        assert_eq!(strike(Operation::List), None);
        assert_eq!(strike(Operation::Register), Some(Effect::Status(503)));
        assert_eq!(strike(Operation::Register), None);
    }

    #[test]
    fn a_share_strikes_about_so_many_requests_and_the_same_ones_every_time() {
        let run = || -> Vec<u64> {
            let mut faults = Faults::new(vec!["list:503@1%".parse().unwrap()]);
            (0..100_000).filter(|number| faults.strike(Operation::List, *number).is_some()).collect()
        };
        let struck = run();
        assert!((900..1_100).contains(&struck.len()), "{}", struck.len());
        assert_eq!(struck, run());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_text_crashes_the_reader(text in "(list|\\*):[0-9xdrop@%.B:-]{0,12}|\\PC{0,20}") {
            drop(text.parse::<Fault>());
        }
    }
}
