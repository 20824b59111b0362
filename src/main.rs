//! The binary: parse, wire, run, map the result to an exit code.

fn main() {}
