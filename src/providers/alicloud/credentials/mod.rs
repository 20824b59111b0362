//! Access keys: what they are, where they come from, when they are fetched again (ververica-api.md section 6).

mod chain;
mod command;
mod environment;
mod error;
mod key;
mod keyring;
mod profile;
mod source;
mod uri;

pub use environment::{Environment, ProcessEnvironment};
pub use error::{CredentialError, Tried};
pub use key::Credentials;
pub(super) use keyring::KeyRing;
pub use source::CredentialSource;
