//! Stores through the binary, against the emulator of the statement API.

mod audit;
mod database;
mod drift;
mod faults;
mod matrix;
mod mixed;
mod roles;
mod secrets;
mod seed;
mod thousand;
