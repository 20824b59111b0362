//! Properties and simulation: no process, no socket, virtual time.

mod contradiction;
mod crash;
mod drift;
mod durability;
mod guards;
mod interrupted;
mod judged;
mod order;
mod planner;
mod referee;
mod register;
mod reregister;
mod stop;
mod table;
mod transient;
mod waits;
mod worlds;

/// So many cases, or so many with `RECONCILE_LONG` set (see `tests/long`).
fn cases(short: u32, long: u32) -> proptest::prelude::ProptestConfig {
    let cases = if std::env::var_os("RECONCILE_LONG").is_some() { long } else { short };
    proptest::prelude::ProptestConfig { cases, ..proptest::prelude::ProptestConfig::default() }
}
