//! `init`: a folder that `validate`, `plan` and `apply` work in, with every line of it explained. Overwrites nothing.

use std::path::{Path, PathBuf};

use crate::cli::error::{CliError, with_cause};
use crate::cli::exit::Exit;
use crate::cli::reference::schema;
use crate::cli::render::json;
use crate::cli::terminal::Terminal;
use crate::platform::fs::{self, FsError};

pub(super) fn init(folder: &Path, is_json: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let schema = format!("{:#}\n", schema::of_all());
    let files: [(PathBuf, &str); 4] = [
        (folder.join("reconcile.yaml"), include_str!("../starter/reconcile.yaml")),
        (folder.join("manifests/example.yaml"), include_str!("../starter/example.yaml")),
        (folder.join(".reconcile/schema.json"), &schema),
        (folder.join(".gitignore"), include_str!("../starter/gitignore")),
    ];
    let is_there = |path: &Path| !matches!(fs::FileIdentity::at(path), Ok(None));
    let there: Vec<String> =
        files.iter().filter(|(path, _)| is_there(path)).map(|(path, _)| path.display().to_string()).collect();
    if !there.is_empty() {
        return Err(CliError::Refused {
            message: format!("nothing was written, because this is there already: {}", there.join(", ")),
            hint: "reconcile init DIR writes into another folder; nothing is ever overwritten".to_owned(),
        });
    }
    for (path, text) in &files {
        fs::create_folder(fs::parent(path))
            .and_then(|()| fs::write_new(path, text.as_bytes()))
            .map_err(|error| cannot(&error))?;
    }
    let written: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    terminal.data(&if is_json {
        json::document("init", serde_json::json!({"written": written}))
    } else {
        format!("{}\n", written.join("\n"))
    });
    let into =
        if folder == Path::new(".") { String::new() } else { format!("cd {}, then ", folder.display()) };
    terminal.say(&format!(
        "Next: {into}`reconcile plan` and `reconcile apply`; no account is needed. After an update of this program: \
         `reconcile schema > .reconcile/schema.json`."
    ));
    Ok(Exit::Success)
}

fn cannot(error: &FsError) -> CliError {
    CliError::System(with_cause(error))
}
