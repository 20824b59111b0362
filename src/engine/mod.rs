//! Deciding and doing: observe, plan, execute. It sees ports and values, never a file, a socket or a terminal.

pub mod executor;
pub mod observe;
pub mod planner;
pub mod retry;
