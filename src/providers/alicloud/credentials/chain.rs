//! The sources of keys, one by one and in order.

use super::environment::Environment;
use super::error::{CredentialError, Tried};
use super::key::Credentials;
use super::{profile, uri};

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    /// Given in the settings.
    Static(Credentials),
    /// Variables.
    Environment,
    /// The profile file; a profile by name or the current one.
    Profile(Option<String>),
    /// The credentials URI.
    Uri,
}

impl Link {
    /// For people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Link::Static(_) => "the settings",
            Link::Environment => "the environment",
            Link::Profile(_) => "~/.aliyun/config.json",
            Link::Uri => "the credentials URI",
        }
    }

    /// Fetches the key of this source.
    pub(super) async fn fetch(&self, environment: &dyn Environment) -> Result<Credentials, CredentialError> {
        match self {
            Link::Static(key) => Ok(key.clone()),
            Link::Environment => from_variables(environment),
            Link::Profile(name) => profile::read(environment, name.as_deref()).await,
            Link::Uri => uri::fetch(environment).await,
        }
    }
}

/// The first source that yields a key, with it. A single source fails with its own error, several with all of theirs.
pub(super) async fn first(
    links: &[Link],
    environment: &dyn Environment,
) -> Result<(Link, Credentials), CredentialError> {
    let mut tried = Vec::new();
    for link in links {
        match link.fetch(environment).await {
            Ok(key) => return Ok((link.clone(), key)),
            Err(error) => tried.push(Tried { source: link.name(), error }),
        }
    }
    match (tried.pop(), tried.is_empty()) {
        (Some(only), true) => Err(only.error),
        (last, _) => {
            tried.extend(last);
            Err(CredentialError::NoneFound(tried))
        }
    }
}

fn from_variables(environment: &dyn Environment) -> Result<Credentials, CredentialError> {
    const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
    const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    match (environment.var(ID), environment.var(SECRET)) {
        (Some(id), Some(secret)) => {
            Credentials::new(id, secret, environment.var("ALIBABA_CLOUD_SECURITY_TOKEN"), None)
        }
        (Some(_), None) => Err(CredentialError::EnvironmentIncomplete { missing: SECRET }),
        (None, Some(_)) => Err(CredentialError::EnvironmentIncomplete { missing: ID }),
        (None, None) => Err(CredentialError::EnvironmentEmpty),
    }
}
