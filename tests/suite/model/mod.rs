//! Properties and simulation: no process, no socket, virtual time.

mod contradiction;
mod crash;
mod planner;
mod register;
mod reregister;
mod waits;
mod worlds;
