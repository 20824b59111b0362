//! Where the key is to come from, as the settings say.

use super::chain::{self, Link};
use super::environment::Environment;
use super::error::CredentialError;
use super::key::Credentials;

/// Where the key comes from, as the settings say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CredentialSource {
    /// The vendor's chain, restricted to what is supported: environment, profile file, credentials URI. The first that
    /// yields a key wins and is kept.
    #[default]
    Chain,
    /// `credentials: env`
    Environment,
    /// `credentials: {profile: NAME}`
    Profile(String),
    /// `credentials: uri`, the address in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    Uri,
    /// This key; for the emulator in the same process.
    Static(Credentials),
}

impl CredentialSource {
    /// Fetches a key and says, for people, which source yielded it. The key itself is dropped.
    ///
    /// # Errors
    /// [`CredentialError`]
    pub async fn locate(&self, environment: &dyn Environment) -> Result<&'static str, CredentialError> {
        chain::first(&self.links(), environment).await.map(|(link, _)| link.name())
    }

    /// The sources to try, in order.
    pub(super) fn links(&self) -> Vec<Link> {
        match self {
            CredentialSource::Chain => vec![Link::Environment, Link::Profile(None), Link::Uri],
            CredentialSource::Environment => vec![Link::Environment],
            CredentialSource::Profile(name) => vec![Link::Profile(Some(name.clone()))],
            CredentialSource::Uri => vec![Link::Uri],
            CredentialSource::Static(key) => vec![Link::Static(key.clone())],
        }
    }
}
