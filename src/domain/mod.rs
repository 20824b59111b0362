//! The nouns: desired, recorded and live, the plan, the journal. Values only: no clock, no path, no socket.

pub mod address;
pub mod desired;
pub mod diagnostic;
pub mod evidence;
pub mod field;
pub mod journal;
pub mod kind;
pub mod live;
pub mod natural_key;
pub mod plan;
pub mod recorded;
pub mod rules;
pub mod secret;
pub mod selection;
pub mod snapshot;
pub mod suite;
