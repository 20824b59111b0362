//! What goes wrong on purpose while a scenario runs (design.md 3.3, `faults`, and 7; Properties 4, 11 to 13).

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use super::quantity::{Bytes, Percent};

/// One of `faults`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// When it begins.
    pub at: Moment,
    /// What it is.
    pub what: Disturbance,
}

/// `at`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When this share of the rows has left the source, at most all of them.
    Share(Percent),
    /// So long after the first row.
    After(Duration),
}

/// `do`, with what belongs to it. All but the last three happen on the TCP path between us and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// `drop`: every connection is closed.
    Drop,
    /// `stall`: nothing moves.
    Stall {
        /// For how long.
        lasting: Duration,
    },
    /// `delay`: everything arrives later.
    Delay {
        /// For how long.
        lasting: Duration,
        /// By how much.
        by: Duration,
    },
    /// `throttle`: less gets through.
    Throttle {
        /// For how long.
        lasting: Duration,
        /// How much gets through in a second.
        rate: Bytes,
    },
    /// `cut`: every connection is closed after so many more bytes to the database, in the middle of a packet.
    Cut {
        /// How many bytes still get through.
        after: NonZeroU64,
    },
    /// `serverDown`: connections are closed and new ones refused.
    ServerDown {
        /// For how long.
        lasting: Duration,
    },
    /// `duplicateKeys`: rows come with keys that were there before.
    DuplicateKeys {
        /// How many.
        rows: NonZeroU32,
    },
    /// `badStatement`: the next statement cannot be parsed.
    BadStatement,
    /// `oversizedText`: rows come with a text that is too long for its column.
    OversizedText {
        /// How many.
        rows: NonZeroU32,
    },
}

/// As `--fault` takes it: `at=40%,do=stall,for=2s`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Moment::Share(share) => write!(f, "at={share}")?,
            Moment::After(time) => write!(f, "at={}", Short(time))?,
        }
        write!(f, ",do={}", self.what.as_str())?;
        match self.what {
            Disturbance::Drop | Disturbance::BadStatement => Ok(()),
            Disturbance::Stall { lasting } | Disturbance::ServerDown { lasting } => {
                write!(f, ",for={}", Short(lasting))
            }
            Disturbance::Delay { lasting, by } => write!(f, ",for={},by={}", Short(lasting), Short(by)),
            Disturbance::Throttle { lasting, rate } => write!(f, ",for={},rate={rate}", Short(lasting)),
            Disturbance::Cut { after } => write!(f, ",after={after}"),
            Disturbance::DuplicateKeys { rows } | Disturbance::OversizedText { rows } => {
                write!(f, ",rows={rows}")
            }
        }
    }
}

/// A duration in one unit.
struct Short(Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_secs(), self.0.subsec_millis()) {
            (seconds, 0) => write!(f, "{seconds}s"),
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}

impl Disturbance {
    /// The largest byte number: a pebibyte.
    pub const MOST_BYTES: u64 = 1 << 50;
    /// The most rows that are spoilt.
    pub const MOST_ROWS: u32 = 1_000_000;
    /// Every word that `do` takes, with the fields that belong to it.
    pub const WORDS: &[(&str, &[&str])] = &[
        ("drop", &[]),
        ("stall", &["for"]),
        ("delay", &["for", "by"]),
        ("throttle", &["for", "rate"]),
        ("cut", &["after"]),
        ("serverDown", &["for"]),
        ("duplicateKeys", &["rows"]),
        ("badStatement", &[]),
        ("oversizedText", &["rows"]),
    ];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Stall { .. } => "stall",
            Self::Delay { .. } => "delay",
            Self::Throttle { .. } => "throttle",
            Self::Cut { .. } => "cut",
            Self::ServerDown { .. } => "serverDown",
            Self::DuplicateKeys { .. } => "duplicateKeys",
            Self::BadStatement => "badStatement",
            Self::OversizedText { .. } => "oversizedText",
        }
    }
}
