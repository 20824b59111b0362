//! An approved plan as text: what the journal keeps of it while its run is under way.
//!
//! It needs no checksum and no stamp of its own: the journal's line has the one, the run's first record the other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::declared::{DeclaredError, WrittenObject};
use crate::domain::desired::Desired;
use crate::domain::live::Census;
use crate::domain::natural_key::NaturalKey;
use crate::engine::planner::Options;
use crate::engine::resume::Approved;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    profile: String,
    options: Options,
    keys: BTreeSet<NaturalKey>,
    declared: Vec<WrittenObject>,
    live: Vec<Census>,
}

/// The text of a plan that is about to be carried out with this profile.
///
/// # Errors
/// It cannot be written as JSON: a path that is not UTF-8.
pub fn write_approved(approved: &Approved, profile: &str) -> serde_json::Result<String> {
    let Approved { keys, options, desired, live } = approved;
    serde_json::to_string(&Content {
        profile: profile.to_owned(),
        options: options.clone(),
        keys: keys.clone(),
        declared: desired.values().map(WrittenObject::of).collect(),
        live: live.values().cloned().collect(),
    })
}

/// The plan in the text, and its profile. Of what is sealed it has the source and the fingerprint, and of a literal the
/// fingerprint alone.
///
/// # Errors
/// The text was written by another version of this program.
pub fn read_approved(text: &str) -> serde_json::Result<(Approved, String)> {
    let Content { profile, options, keys, declared, live } = serde_json::from_str(text)?;
    let read: Result<Vec<Desired>, DeclaredError> = declared.into_iter().map(WrittenObject::read).collect();
    let desired = read.map_err(serde::de::Error::custom)?;
    let approved = Approved {
        keys,
        options,
        desired: desired.into_iter().map(|desired| (desired.address.clone(), desired)).collect(),
        live: live.into_iter().map(|census| (census.scope().clone(), census)).collect(),
    };
    Ok((approved, profile))
}
