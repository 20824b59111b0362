//! Deciding and doing: observe, plan, execute. It sees ports and values, never a file, a socket or a terminal.

pub mod executor;
pub mod observe;
pub mod planner;
pub mod rebuild;
pub mod refresh;
pub mod resume;
pub mod retry;
pub mod simulate;
pub mod takeover;
pub mod watch;
