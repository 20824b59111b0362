//! What a request asks for (deltastream-api section 1): the token, the path, then the body.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Deserialize;

use super::account::{DEFAULT_ROLE, ORGANIZATION, ORGANIZATION_NAME, TOKEN};
use super::context::Context;
use super::multipart::{Attachment, FormError, parts};
use super::operation::Operation;
use super::sql::{Literal, SqlError, Statement, parse};
use crate::emulator::request::Request;

/// What is asked for, complete. No `Debug`: attachments are not shown.
pub(in crate::emulator) enum Call {
    /// `GET /v2/version`
    Version,
    /// `GET /v2/statements/{id}`
    Poll {
        /// Which statement.
        id: String,
        /// Which part of its rows.
        partition: usize,
    },
    /// `POST /v2/statements`
    Submit(Box<Submission>),
}

/// A statement with its surroundings.
pub(in crate::emulator) struct Submission {
    /// As sent.
    pub(super) text: Literal,
    pub(super) statement: Result<Statement, SqlError>,
    pub(super) context: Context,
    /// Whether the organization in the request is the one of the account.
    pub(super) at_home: bool,
    pub(super) attachments: Vec<Attachment>,
}

/// Why a request is refused with an HTTP status before any statement is looked at.
#[derive(Debug, thiserror::Error)]
pub(in crate::emulator) enum CallError {
    /// No bearer token.
    #[error("no token")]
    NoToken,
    /// A token that is not the one of the account.
    #[error("invalid token")]
    WrongToken,
    /// No such path or method.
    #[error("there is no endpoint {method} {path}")]
    NoSuchEndpoint {
        /// The method.
        method: String,
        /// The path as sent.
        path: String,
    },
    /// The query of a poll.
    #[error("partitionID must be a number from 0")]
    Partition,
    /// A content type that is not taken.
    #[error("the content type must be application/json or multipart/form-data")]
    ContentType,
    /// A form that cannot be read.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Not exactly one request part.
    #[error("the form must have one part named request, this one has {0}")]
    RequestParts(usize),
    /// A part that is neither.
    #[error("the form has a part that is named neither request nor attachments")]
    UnknownPart,
    /// An attachment without a file name, or two with one name.
    #[error("an attachment must have a file name of its own")]
    FileName,
    /// The request is not what it should be. What is wrong with it could quote the statement.
    #[error(
        "the request is no JSON object with the members of a statement request: line {line}, column {column}"
    )]
    Json {
        /// Where in the request.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A body that is not read to its end.
    #[error("the request body is larger than {0} bytes, or was cut off")]
    Body(usize),
}

impl CallError {
    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::NoToken => 401,
            Self::WrongToken => 403,
            Self::NoSuchEndpoint { .. } => 404,
            Self::Body(_) => 413,
            _ => 400,
        }
    }
}

/// The body of a submit. Other members are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementRequest {
    statement: String,
    organization: Option<String>,
    role: Option<String>,
    database: Option<String>,
    schema: Option<String>,
    store: Option<String>,
    compute_pool: Option<String>,
    /// Time zone and session. Read for their form only: times are told in UTC, and nothing depends on a session.
    #[serde(rename = "parameters")]
    _parameters: Option<BTreeMap<String, String>>,
}

impl Call {
    /// Whether a path belongs to this API.
    pub(in crate::emulator) fn is_meant_by(path: &str) -> bool {
        path == "/v2" || path.starts_with("/v2/")
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`CallError`]
    pub(in crate::emulator) fn read(request: &Request) -> Result<Self, CallError> {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match token {
            None | Some("") => return Err(CallError::NoToken),
            Some(token) if token != TOKEN => return Err(CallError::WrongToken),
            Some(_) => {}
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/v2/version") => Ok(Self::Version),
            ("POST", "/v2/statements") => Ok(Self::Submit(Box::new(Submission::read(request)?))),
            ("GET", path) if path.strip_prefix("/v2/statements/").is_some_and(|id| !id.contains('/')) => {
                let id = path.strip_prefix("/v2/statements/").unwrap_or_default().to_owned();
                Ok(Self::Poll { id, partition: partition(request)? })
            }
            (method, path) => {
                let (method, path) = (method.to_owned(), path.to_owned());
                Err(CallError::NoSuchEndpoint { method, path })
            }
        }
    }

    /// What it is about.
    pub(super) fn operation(&self) -> Operation {
        match self {
            Self::Version => Operation::Version,
            Self::Poll { .. } => Operation::Poll,
            Self::Submit(submission) => match &submission.statement {
                Ok(Statement::CreateStore { .. }) => Operation::CreateStore,
                Ok(Statement::UpdateStore { .. }) => Operation::UpdateStore,
                Ok(Statement::DropStore(_)) => Operation::DropStore,
                Ok(Statement::ListStores | Statement::Select(_)) => Operation::ListStores,
                Ok(Statement::DescribeStore(_)) => Operation::DescribeStore,
                Ok(Statement::ListOrganizations | Statement::Use(..)) | Err(_) => Operation::OtherStatement,
            },
        }
    }
}

fn partition(request: &Request) -> Result<usize, CallError> {
    let query = request.query.as_ref().ok_or(CallError::Partition)?;
    match query.iter().find(|(name, _)| name == "partitionID") {
        None => Ok(0),
        Some((_, number)) => {
            number.parse().map_err(|_no_number: std::num::ParseIntError| CallError::Partition)
        }
    }
}

impl Submission {
    fn read(request: &Request) -> Result<Self, CallError> {
        let content_type = request.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (json, attachments) = match media_type.as_str() {
            "application/json" => (request.body.clone(), vec![]),
            "multipart/form-data" => read_form(content_type, &request.body)?,
            _ => return Err(CallError::ContentType),
        };
        let read: StatementRequest = serde_json::from_slice(&json)
            .map_err(|error| CallError::Json { line: error.line(), column: error.column() })?;
        let StatementRequest {
            statement,
            organization,
            role,
            database,
            schema,
            store,
            compute_pool,
            _parameters: _,
        } = read;
        // Clients leave out what they do not know; one of them sends empty texts instead.
        let told = |value: Option<String>| value.filter(|text| !text.is_empty());
        Ok(Self {
            statement: parse(&statement),
            text: Literal::new(statement),
            context: Context {
                role: told(role).unwrap_or_else(|| DEFAULT_ROLE.to_owned()),
                database: told(database),
                schema: told(schema),
                store: told(store),
                compute_pool: told(compute_pool),
            },
            at_home: told(organization)
                .is_none_or(|name| name.eq_ignore_ascii_case(ORGANIZATION) || name == ORGANIZATION_NAME),
            attachments,
        })
    }
}

/// The request part and the attachments.
fn read_form(content_type: &str, body: &Bytes) -> Result<(Bytes, Vec<Attachment>), CallError> {
    let (mut requests, mut attachments) = (Vec::new(), Vec::<Attachment>::new());
    for part in parts(content_type, body)? {
        match part.name.as_str() {
            "request" => requests.push(part.content),
            "attachments" => {
                let name = part.file_name.filter(|name| !name.is_empty()).ok_or(CallError::FileName)?;
                if attachments.iter().any(|other| other.name == name) {
                    return Err(CallError::FileName);
                }
                attachments.push(Attachment { name, content: part.content });
            }
            _ => return Err(CallError::UnknownPart),
        }
    }
    match requests.as_slice() {
        [request] => Ok((request.clone(), attachments)),
        other => Err(CallError::RequestParts(other.len())),
    }
}

#[cfg(test)]
mod tests;
