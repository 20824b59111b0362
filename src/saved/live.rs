//! A live snapshot: what a plan reads, for planning elsewhere.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::envelope::{self, Kind, SavedError, Stamp};
use super::evidence::WrittenEvidence;
use crate::domain::evidence::Evidence;

/// What was live and recorded at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedLive {
    /// Who took it, and when.
    pub stamp: Stamp,
    /// The profile with which it was taken.
    pub profile: String,
    /// What a plan is decided on.
    pub evidence: Evidence,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    profile: String,
    evidence: WrittenEvidence,
}

impl SavedLive {
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
        let content = Content { profile: self.profile.clone(), evidence: self.evidence.clone().into() };
        envelope::encode(path, Kind::Live, &self.stamp, &content)
    }

    /// The snapshot in the bytes; the path is only named in errors.
    ///
    /// # Errors
    /// [`SavedError`]
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, SavedError> {
        let (stamp, Content { profile, evidence }) = envelope::decode(path, Kind::Live, bytes)?;
        Ok(Self { stamp, profile, evidence: evidence.into() })
    }
}
