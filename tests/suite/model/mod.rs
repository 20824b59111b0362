//! Properties and simulation: no process, no socket, virtual time.

mod planner;
mod worlds;
