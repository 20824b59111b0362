//! What became of a request of either API.

use serde::Serialize;

use super::answer::Answer;

/// What became of a request.
pub(super) struct Served {
    pub(super) request_id: String,
    /// `None` for a request that asks for no operation.
    pub(super) operation: Option<&'static str>,
    pub(super) subject: Subject,
    pub(super) answer: Answer,
    /// The caller does not get the answer: the connection is closed instead.
    pub(super) withheld: bool,
}

/// Whom a request was about, as far as it said.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Subject {
    /// A namespace of the connector API.
    Namespace {
        /// Its workspace.
        workspace: Option<String>,
        /// The namespace.
        namespace: Option<String>,
    },
    /// A role of the statement API.
    Role {
        /// The role.
        role: Option<String>,
    },
}

impl Subject {
    /// The name of the API in the request log.
    pub(super) fn api(&self) -> &'static str {
        match self {
            Self::Namespace { .. } => "ververica",
            Self::Role { .. } => "deltastream",
        }
    }

    /// The header of an answer that carries the request id.
    pub(super) fn request_id_header(&self) -> &'static str {
        match self {
            Self::Namespace { .. } => "x-acs-request-id",
            Self::Role { .. } => "x-request-id",
        }
    }
}
