//! The notation of faults: which requests are struck, and what happens to them.
//!
//! A fault is written `OP:WHAT[xN|@P%]`. `OP` is `*` or an operation: of the connector API `list`, `register`, `delete` or
//! a vendor name, of the statement API `create-store` and the like. `xN` strikes the first N requests, `@P%` a share of
//! them, neither strikes for ever.

use std::str::FromStr;

use super::{deltastream, operation};

/// An operation of either API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Ververica(operation::Operation),
    Deltastream(deltastream::Operation),
}

impl From<operation::Operation> for Operation {
    fn from(operation: operation::Operation) -> Self {
        Self::Ververica(operation)
    }
}

impl From<deltastream::Operation> for Operation {
    fn from(operation: deltastream::Operation) -> Self {
        Self::Deltastream(operation)
    }
}

impl Operation {
    /// The operation that is called so on our command line.
    fn named(name: &str) -> Option<Self> {
        let called =
            |operation: &operation::Operation| operation.name() == name || operation.short_name() == name;
        let ververica = operation::Operation::ALL.into_iter().find(called).map(Self::from);
        let called = |operation: &deltastream::Operation| operation.name() == name;
        ververica.or_else(|| deltastream::Operation::ALL.into_iter().find(called).map(Self::from))
    }
}

/// One fault: which requests it strikes, and what happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The operation; none for every one.
    operation: Option<Operation>,
    pub(super) effect: Effect,
    pub(super) reach: Reach,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is one too many. Not a fault: see `--throttle-after`.
    Throttled,
    /// It is refused with this HTTP status.
    Status(u16),
    /// It is refused by the connector service with this code, under HTTP 200.
    Business(String),
    /// The statement fails with this SQLSTATE, under HTTP 200, and is not executed.
    SqlState(String),
    /// It is processed, and the connection closed without an answer.
    Drop,
    /// The connection is closed; nothing is processed.
    DropBefore,
    /// The statement is executed, and its rows are said to be on a dataplane.
    Dataplane,
    /// The statement is accepted, and the store ends errored.
    Errored,
    /// The statement is not executed, and the error repeats its text.
    Echo,
}

impl Effect {
    /// Whether it can happen to this operation.
    fn suits(&self, operation: Operation) -> bool {
        match (self, operation) {
            (Self::Throttled | Self::Status(_) | Self::Drop | Self::DropBefore, _)
            | (Self::Business(_), Operation::Ververica(_)) => true,
            (Self::SqlState(_), Operation::Deltastream(operation)) => {
                operation != deltastream::Operation::Version
            }
            (Self::Dataplane | Self::Echo, Operation::Deltastream(operation)) => operation.is_statement(),
            (Self::Errored, Operation::Deltastream(operation)) => operation.logs_in(),
            (Self::Business(_), Operation::Deltastream(_))
            | (Self::SqlState(_) | Self::Dataplane | Self::Errored | Self::Echo, Operation::Ververica(_)) => {
                false
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
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
        "`{0}` is not an operation: write list, register, delete, a full name like ListCustomConnectors, create-store, \
         update-store, drop-store, list-stores, describe-store, other-statement, poll, version, or *"
    )]
    Operation(String),
    /// An effect that there is not.
    #[error(
        "`{0}` is not a fault: write an HTTP status of 400 to 599, a six-digit code, an SQLSTATE like 3E001, drop, \
         drop-before, dataplane, errored or echo"
    )]
    Effect(String),
    /// An effect that the operation cannot have.
    #[error("`{effect}` cannot happen to {operation}: choose another operation, or *")]
    Unsuitable {
        /// The operation as written.
        operation: String,
        /// The effect as written.
        effect: String,
    },
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
        let (name, rest) = text.split_once(':').ok_or_else(|| FaultError::NoColon(text.to_owned()))?;
        let operation = match name {
            "*" => None,
            name => Some(Operation::named(name).ok_or_else(|| FaultError::Operation(name.to_owned()))?),
        };
        let cut = rest.find(['x', '@']).unwrap_or(rest.len());
        let (effect_text, reach) = rest.split_at(cut);
        let effect = read_effect(effect_text)?;
        if operation.is_some_and(|operation| !effect.suits(operation)) {
            let (operation, effect) = (name.to_owned(), effect_text.to_owned());
            return Err(FaultError::Unsuitable { operation, effect });
        }
        Ok(Self { operation, effect, reach: read_reach(reach)? })
    }
}

impl Fault {
    /// Whether it can strike this operation.
    pub(super) fn concerns(&self, operation: Operation) -> bool {
        self.operation.is_none_or(|only| only == operation) && self.effect.suits(operation)
    }
}

fn read_effect(text: &str) -> Result<Effect, FaultError> {
    let unknown = || FaultError::Effect(text.to_owned());
    match text {
        "drop" => return Ok(Effect::Drop),
        "drop-before" => return Ok(Effect::DropBefore),
        "dataplane" => return Ok(Effect::Dataplane),
        "errored" => return Ok(Effect::Errored),
        "echo" => return Ok(Effect::Echo),
        _ => {}
    }
    let code = text.strip_prefix("B:").unwrap_or(text);
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let of_sql = code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    match (code.len(), digits, code.parse::<u16>()) {
        (6, true, _) => Ok(Effect::Business(code.to_owned())),
        (3, true, Ok(status @ 400..=599)) if code == text => Ok(Effect::Status(status)),
        // Some have six characters, and those have a letter.
        (5, _, _) | (6, false, _) if of_sql && code == text => Ok(Effect::SqlState(code.to_owned())),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(operation: Option<Operation>, effect: Effect, reach: Reach) -> Fault {
        Fault { operation, effect, reach }
    }

    #[test]
    fn every_form_of_the_notation_is_read() {
        use super::deltastream::Operation::{
            CreateStore, DescribeStore, DropStore, ListStores, OtherStatement, Poll, UpdateStore, Version,
        };
        use super::operation::Operation::{Delete, List, Register};
        let register = Some(Register.into());
        let statement = |operation: deltastream::Operation| Some(operation.into());
        let state = |code: &str| Effect::SqlState(code.to_owned());
        let business = || Effect::Business("990301".to_owned());
        for (text, expected) in [
            ("RegisterCustomConnector:503x2", fault(register, Effect::Status(503), Reach::First(2))),
            ("register:503", fault(register, Effect::Status(503), Reach::Always)),
            ("register:990301x1", fault(register, business(), Reach::First(1))),
            ("register:B:990301", fault(register, business(), Reach::Always)),
            ("list:drop", fault(Some(List.into()), Effect::Drop, Reach::Always)),
            ("delete:drop-beforex3", fault(Some(Delete.into()), Effect::DropBefore, Reach::First(3))),
            ("create-store:3E001", fault(statement(CreateStore), state("3E001"), Reach::Always)),
            ("poll:57015x2", fault(statement(Poll), state("57015"), Reach::First(2))),
            ("drop-store:42P010", fault(statement(DropStore), state("42P010"), Reach::Always)),
            ("list-stores:XX000@1%", fault(statement(ListStores), state("XX000"), Reach::PerMillion(10_000))),
            ("update-store:errored", fault(statement(UpdateStore), Effect::Errored, Reach::Always)),
            (
                "describe-store:dataplanex1",
                fault(statement(DescribeStore), Effect::Dataplane, Reach::First(1)),
            ),
            ("other-statement:echo", fault(statement(OtherStatement), Effect::Echo, Reach::Always)),
            ("version:503", fault(statement(Version), Effect::Status(503), Reach::Always)),
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
            ("list:57015", "cannot happen to list"),
            ("create-store:990301", "cannot happen to create-store"),
            ("drop-store:errored", "cannot happen to drop-store"),
            ("poll:echo", "cannot happen to poll"),
            ("version:dataplane", "cannot happen to version"),
            ("create-store:xx000", "SQLSTATE"),
            ("create-store:3E0", "SQLSTATE"),
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
    fn a_fault_without_an_operation_concerns_only_what_it_can_happen_to() {
        let every = || {
            let statements = deltastream::Operation::ALL.into_iter().map(Operation::from);
            operation::Operation::ALL.into_iter().map(Operation::from).chain(statements)
        };
        for (what, concerned) in [
            ("503", 11),
            ("drop", 11),
            ("990301", 3),
            ("57015", 7),
            ("echo", 6),
            ("dataplane", 6),
            ("errored", 2),
        ] {
            let fault: Fault = format!("*:{what}").parse().unwrap();
            assert_eq!(every().filter(|operation| fault.concerns(*operation)).count(), concerned, "{what}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_text_crashes_the_reader(text in "(list|\\*):[0-9xdrop@%.B:-]{0,12}|\\PC{0,20}") {
            drop(text.parse::<Fault>());
        }
    }
}
