//! A saved plan: everything that the planner was given, and the plan as it was shown.
//!
//! It holds the inputs, not the steps: who applies it gathers evidence again, plans again and compares, so that a file can
//! say which request was approved and never causes one by itself.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::declared::{DeclaredError, WrittenObject};
use super::envelope::{self, Kind, SavedError, Stamp};
use super::evidence::WrittenEvidence;
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::evidence::Evidence;
use crate::domain::journal::PlanId;
use crate::engine::planner::Options;

/// A plan that can be applied later, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// Who made it, and when.
    pub stamp: Stamp,
    /// Its identity: a state carries it out at most once.
    pub id: PlanId,
    /// The profile with which it was made.
    pub profile: String,
    /// What the user asked for.
    pub options: Options,
    /// What the manifests declared. Of what is sealed, a file that was read has the source and the fingerprint only, and of
    /// a literal the fingerprint alone.
    pub desired: DesiredSet,
    /// What it was decided on.
    pub evidence: Evidence,
    /// The plan as it was shown, for people and programs; the planner makes the same from the rest.
    pub shown: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    id: PlanId,
    profile: String,
    plan: Value,
    options: Options,
    declared: Vec<WrittenObject>,
    evidence: WrittenEvidence,
}

impl SavedPlan {
    /// Writes it, over what is there.
    ///
    /// # Errors
    /// [`SavedError`]; an older file is then still whole.
    pub fn write(&self, path: &Path) -> Result<(), SavedError> {
        envelope::write(path, &self.encode(path)?)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`SavedError`]
    pub fn read(path: &Path) -> Result<Self, SavedError> {
        Self::decode(path, &envelope::read(path)?)
    }

    /// The bytes; the path is only named in errors.
    ///
    /// # Errors
    /// [`SavedError::Unwritable`]
    pub fn encode(&self, path: &Path) -> Result<Vec<u8>, SavedError> {
        let content = Content {
            id: self.id.clone(),
            profile: self.profile.clone(),
            plan: self.shown.clone(),
            options: self.options.clone(),
            declared: self.desired.values().map(WrittenObject::of).collect(),
            evidence: self.evidence.clone().into(),
        };
        envelope::encode(path, Kind::Plan, &self.stamp, &content)
    }

    /// The plan in the bytes; the path is only named in errors.
    ///
    /// # Errors
    /// [`SavedError`]
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, SavedError> {
        let (stamp, content) = envelope::decode::<Content>(path, Kind::Plan, bytes)?;
        let Content { id, profile, plan, options, declared, evidence } = content;
        let read: Result<Vec<Desired>, DeclaredError> =
            declared.into_iter().map(WrittenObject::read).collect();
        let desired = read.map_err(|error| SavedError::Undecodable {
            path: path.to_owned(),
            source: serde::de::Error::custom(error),
        })?;
        let desired = desired.into_iter().map(|desired| (desired.address.clone(), desired)).collect();
        Ok(Self { stamp, id, profile, options, desired, evidence: evidence.into(), shown: plan })
    }
}
