//! The binary: parse, wire, run, map the result to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(reconcile::cli::run(std::env::args_os()).code())
}
