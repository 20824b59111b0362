//! The way out for records that the journal did not take (rule 12): a file in the state folder, else in the working
//! folder, else text for standard error. What it holds are journal records: they cannot hold a secret.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::disk::{Disk, replace};
use crate::domain::journal::{JournalRecord, RunId};
use crate::domain::snapshot::{Lineage, Serial, Snapshot};
use crate::ports::state_store::StateError;

/// Where the lost records went.
#[derive(Debug)]
pub enum Rescued {
    /// Into this file, durably.
    File(PathBuf),
    /// Nowhere: the caller prints the text.
    Text {
        /// One line of JSON.
        text: String,
        /// Why each folder was no way out, in the order in which they were tried.
        refusals: Vec<StateError>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    format: u32,
    run: &'a RunId,
    lineage: &'a Lineage,
    base_serial: Serial,
    records: &'a [JournalRecord],
}

/// The records of a run as one line of JSON.
///
/// # Errors
/// The serialiser refused; with these types it does not.
pub(crate) fn content(run: &RunId, base: &Snapshot, records: &[JournalRecord]) -> serde_json::Result<String> {
    let Snapshot { lineage, serial, .. } = base;
    serde_json::to_string(&Content { format: 1, run, lineage, base_serial: *serial, records })
}

/// Tries one folder after the other.
pub(crate) fn save(disk: &dyn Disk, folders: [&Path; 2], run: &RunId, text: String) -> Rescued {
    let mut refusals = Vec::new();
    for folder in folders {
        let path = folder.join(format!("rescue-{run}.json"));
        match replace(disk, &path, format!("{text}\n").as_bytes()) {
            Ok(_) => return Rescued::File(path),
            Err(error) => refusals.push(error),
        }
    }
    Rescued::Text { text, refusals }
}
