//! The binary: parse, wire, run, map the result to an exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(reconcile::cli::run(std::env::args_os()).code())
}
