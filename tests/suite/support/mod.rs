//! What the suites share: builders, a service and a state in memory, and one apply as a user would run it.

pub(crate) mod apply;
pub(crate) mod builders;
pub(crate) mod events;
pub(crate) mod memory;
pub(crate) mod store;
pub(crate) mod tape;
