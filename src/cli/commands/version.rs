//! `version`

use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::render::json;
use crate::cli::terminal::Terminal;

pub(super) fn version(as_json: bool, terminal: Terminal) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    terminal.data(&if as_json {
        json::document("version", json!({"version": version}))
    } else {
        format!("reconcile {version}\n")
    });
    Exit::Success
}
