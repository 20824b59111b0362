//! What can be done to the way.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::domain::suite::fault::Disturbance;
use crate::domain::suite::quantity::Bytes;

/// What can be done to the way: the disturbances that need no row and no statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Every connection is closed; where there is none, the next one, at its first byte to the database.
    Drop,
    /// Nothing moves, in either direction.
    Stall {
        /// For how long.
        lasting: Duration,
    },
    /// What comes within this time arrives later, in either direction and in order.
    Delay {
        /// For how long.
        lasting: Duration,
        /// By how much.
        by: Duration,
    },
    /// Less gets through: all connections and both directions share it.
    Throttle {
        /// For how long.
        lasting: Duration,
        /// How much gets through in a second.
        rate: Bytes,
    },
    /// So many more bytes get through to the database, of all connections together; then all are closed.
    Cut {
        /// How many.
        after: NonZeroU64,
    },
    /// Every connection is closed, and new ones are refused.
    ServerDown {
        /// For how long.
        lasting: Duration,
    },
}

impl Trouble {
    /// The disturbance, if it is one of the way.
    pub fn of(what: Disturbance) -> Option<Self> {
        match what {
            Disturbance::Drop => Some(Self::Drop),
            Disturbance::Stall { lasting } => Some(Self::Stall { lasting }),
            Disturbance::Delay { lasting, by } => Some(Self::Delay { lasting, by }),
            Disturbance::Throttle { lasting, rate } => Some(Self::Throttle { lasting, rate }),
            Disturbance::Cut { after } => Some(Self::Cut { after }),
            Disturbance::ServerDown { lasting } => Some(Self::ServerDown { lasting }),
            Disturbance::DuplicateKeys { .. }
            | Disturbance::BadStatement
            | Disturbance::OversizedText { .. } => None,
        }
    }

    /// How long it lasts; `None`: until it has happened.
    pub(super) fn lasting(self) -> Option<Duration> {
        match self {
            Self::Stall { lasting }
            | Self::Delay { lasting, .. }
            | Self::Throttle { lasting, .. }
            | Self::ServerDown { lasting } => Some(lasting),
            Self::Drop | Self::Cut { .. } => None,
        }
    }
}
