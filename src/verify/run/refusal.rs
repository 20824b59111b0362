//! What this version cannot do yet, and says so instead of leaving it out.

use crate::domain::suite::fault::Disturbance;
use crate::verify::codes::Entry;

/// Why a suite or a scenario is not run. The numbers go on where those of the settings end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The suite is for a cluster.
    #[error(
        "{} engine: this version does not run suites on a Flink cluster yet; write `engine: native`, which reads, transforms and \
         writes in this process", self.code()
    )]
    Engine,
    /// The scenario has a fault that cannot be injected.
    #[error(
        "{} faults: this version cannot inject `{}` yet; take it out, or choose other scenarios with --scenario", self.code(),
        words(.0)
    )]
    Faults(Vec<Disturbance>),
}

impl Refusal {
    const ENGINE: Entry = Entry {
        code: "RV20",
        about: "engine",
        remedy: "write engine: native, which reads, transforms and writes in this process: this version does not run suites on a Flink cluster yet",
    };
    const FAULTS: Entry = Entry {
        code: "RV21",
        about: "faults",
        remedy: "take the fault out, or choose other scenarios with --scenario: this version cannot inject badStatement yet, nor spoil rows of a file",
    };

    /// The codes of all of them, explained.
    pub const CODES: &[Entry] = &[Self::ENGINE, Self::FAULTS];

    /// The stable code. A number is never given to another meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine => Self::ENGINE.code,
            Self::Faults(_) => Self::FAULTS.code,
        }
    }
}

/// Each word once, in the order in which they were declared.
fn words(faults: &[Disturbance]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in faults.iter().map(|fault| fault.as_str()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join("`, `")
}
