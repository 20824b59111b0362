//! What the suites share: builders, a service and a state in memory, one apply as the command line does it, and a
//! hermetic environment for the binary. Nothing here decides what is right.

pub(crate) mod apply;
pub(crate) mod builders;
pub(crate) mod chance;
pub(crate) mod consumers;
pub(crate) mod emulator;
pub(crate) mod env;
pub(crate) mod events;
pub(crate) mod manifest;
pub(crate) mod memory;
pub(crate) mod mysql;
pub(crate) mod raw;
pub(crate) mod reliability;
pub(crate) mod state;
pub(crate) mod stores;
pub(crate) mod tampering;
pub(crate) mod tape;
