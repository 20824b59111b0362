//! `config`: the settings in force, and where each comes from. Opens no socket, except for a key that is fetched by URI.

use serde_json::json;

use crate::cli::args::Given;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::parse;
use crate::cli::render::{json as document, table};
use crate::cli::session::Session;
use crate::cli::wire::settings::{Origin, Setting, settings};

pub(super) async fn config(session: &Session, own: &[Given], show_origin: bool) -> Result<Exit, CliError> {
    let running = parse::parse(&["reconcile", "apply"].map(Into::into))
        .map_err(|error| CliError::Usage(error.render().to_string()))?
        .given;
    let settings = settings(&session.wired, own, &running).await;
    session.terminal.data(&if session.common.json {
        let all: Vec<_> = settings.iter().map(|setting| fact(setting, show_origin)).collect();
        document::document("config", json!({"settings": all}))
    } else {
        text(settings, show_origin)
    });
    Ok(Exit::Success)
}

fn text(settings: Vec<Setting>, show_origin: bool) -> String {
    let heading: &[&str] = if show_origin { &["SETTING", "VALUE", "ORIGIN"] } else { &["SETTING", "VALUE"] };
    let rows = settings.into_iter().map(|Setting { name, value, origin }| {
        let mut row = vec![name, value.unwrap_or_else(|| "-".to_owned())];
        row.extend(show_origin.then(|| origin.to_string()));
        row
    });
    table::render(heading, rows.collect())
}

fn fact(Setting { name, value, origin }: &Setting, show_origin: bool) -> serde_json::Value {
    if !show_origin {
        return json!({"name": name, "value": value});
    }
    let (kind, place) = match origin {
        Origin::Flag(name) => ("flag", json!(format!("--{name}"))),
        Origin::Variable(name) => ("variable", json!(name)),
        Origin::File(line) => ("projectFile", json!(line)),
        Origin::Chain(source) => ("chain", json!(source)),
        Origin::Default => ("default", serde_json::Value::Null),
    };
    json!({"name": name, "value": value, "origin": {"kind": kind, "place": place}})
}
