//! Keeps the key between calls and fetches it again in time.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::chain::{self, Link};
use super::environment::Environment;
use super::error::CredentialError;
use super::key::Credentials;
use super::source::CredentialSource;

/// A temporary key is fetched again this long before it ends (ververica-api.md section 6).
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// A key and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::providers::alicloud) struct HeldKey {
    /// The key.
    pub(in crate::providers::alicloud) key: Credentials,
    /// Where it came from, for people.
    pub(in crate::providers::alicloud) source: &'static str,
}

/// The key of one account. Concurrent callers wait for one fetch instead of starting several.
pub(in crate::providers::alicloud) struct KeyRing {
    source: CredentialSource,
    environment: Arc<dyn Environment>,
    held: Mutex<Option<(Link, Credentials)>>,
}

impl KeyRing {
    /// An empty ring: the first call fetches.
    pub(in crate::providers::alicloud) fn new(
        source: CredentialSource,
        environment: Arc<dyn Environment>,
    ) -> Self {
        Self { source, environment, held: Mutex::new(None) }
    }

    /// The key to use at the given moment. The source that yielded it first is kept. When it cannot be refreshed, the
    /// old key serves until it ends.
    ///
    /// # Errors
    /// [`CredentialError`]
    pub(in crate::providers::alicloud) async fn key(
        &self,
        now: Timestamp,
    ) -> Result<HeldKey, CredentialError> {
        let mut held = self.held.lock().await;
        // Cloned, not taken: a call that is dropped or fails here must not let the next one pick another source.
        let fresh = match held.clone() {
            None => chain::first(&self.source.links(), self.environment.as_ref()).await?,
            Some((link, key)) if lasts(&key, now + MARGIN) => (link, key),
            Some((link, key)) => match link.fetch(self.environment.as_ref()).await {
                Ok(fresh) => (link, fresh),
                Err(error) if lasts(&key, now) => {
                    tracing::warn!(source = link.name(), %error, "the temporary key could not be refreshed yet");
                    (link, key)
                }
                Err(error) => return Err(error),
            },
        };
        let (link, key) = held.insert(fresh);
        Ok(HeldKey { key: key.clone(), source: link.name() })
    }

    /// Drops the key, after the service refused it: the next call fetches from the beginning.
    pub(in crate::providers::alicloud) async fn forget(&self) {
        *self.held.lock().await = None;
    }
}

fn lasts(key: &Credentials, until: Timestamp) -> bool {
    key.expires().is_none_or(|end| end > until)
}
