//! The rules of the service: which stores there are, who sees them, what may be changed. Pure: time is an argument.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::account::SEE_ALL;
use super::kind::Kind;
use super::login::Login;
use super::parameters::{Given, Parameters};
use crate::emulator::encoding::hex;
use crate::emulator::world::moment;

/// The longest name of a store, in characters.
const LONGEST_NAME: usize = 255;

/// Why a statement about a store is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// No such store, or none that the role sees.
    #[error("store \"{0}\" does not exist")]
    Unknown(String),
    /// Names are unique, whoever owns them.
    #[error("store \"{0}\" already exists")]
    Duplicate(String),
    /// The store is on its way out.
    #[error("store \"{0}\" is being dropped")]
    Dropping(String),
    /// A name above the limit.
    #[error("the name of a store has at most {LONGEST_NAME} characters")]
    NameTooLong,
}

impl Refusal {
    /// The SQLSTATE (deltastream-api section 4).
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "3D006",
            Self::Duplicate(_) => "42P05",
            Self::Dropping(_) => "3E001",
            Self::NameTooLong => "42622",
        }
    }
}

/// What is kept of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stored {
    /// The value.
    Plain(String),
    /// `SALT$SHA256` of a secret or a file: another one can be told from it, itself cannot.
    Digest(String),
}

impl Stored {
    fn digest(salt: &str, bytes: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(salt).chain_update(bytes).finalize();
        Self::Digest(format!("{salt}${}", hex(&digest)))
    }
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Store {
    pub(super) kind: Kind,
    /// The role of the request that created it.
    pub(super) owner: String,
    parameters: BTreeMap<String, Stored>,
    #[serde(with = "moment")]
    pub(super) created_at: Timestamp,
    #[serde(with = "moment")]
    pub(super) updated_at: Timestamp,
    /// It is provisioning until then.
    #[serde(with = "moment")]
    settles_at: Timestamp,
    /// What its backend said to the last login; none if that worked.
    refusal: Option<String>,
    /// It was dropped, and is gone from then on.
    #[serde(with = "moment::optional")]
    gone_at: Option<Timestamp>,
}

/// How a store goes on after it was created or updated.
pub(super) struct Outlook {
    pub(super) login: Login,
    /// It is provisioning for this long.
    pub(super) provisioning_for: Duration,
    /// What the digests of secrets are made with.
    pub(super) salt: String,
}

impl Store {
    /// A new store of a role.
    pub(super) fn new(
        owner: String,
        kind: Kind,
        given: &Parameters,
        outlook: Outlook,
        now: Timestamp,
    ) -> Self {
        let mut store = Self {
            kind,
            owner,
            parameters: BTreeMap::new(),
            created_at: now,
            updated_at: now,
            settles_at: later(now, outlook.provisioning_for),
            refusal: outlook.login.refusal(None),
            gone_at: None,
        };
        store.merge(given, &outlook.salt);
        store
    }

    /// The store after an update. What is not given stays; a group of which one member is given is replaced.
    pub(super) fn updated(&self, given: &Parameters, outlook: Outlook, now: Timestamp) -> Self {
        // Strictly later, however often it is updated within a millisecond.
        let tick = SignedDuration::from_millis(1);
        let mut store = Self {
            updated_at: now.max(self.updated_at.checked_add(tick).unwrap_or(now)),
            settles_at: later(now, outlook.provisioning_for),
            refusal: outlook.login.refusal(self.refusal.clone()),
            ..self.clone()
        };
        store.merge(given, &outlook.salt);
        store
    }

    /// The store after a drop: nothing, or for a while still there.
    pub(super) fn dropped(&self, dropping_for: Duration, now: Timestamp) -> Option<Self> {
        let gone_at = Some(later(now, dropping_for));
        (!dropping_for.is_zero()).then(|| Self { gone_at, ..self.clone() })
    }

    /// `provisioning`, `ready`, `errored` or `dropping`.
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        if self.gone_at.is_some() {
            "dropping"
        } else if now < self.settles_at {
            "provisioning"
        } else if self.refusal.is_some() {
            "errored"
        } else {
            "ready"
        }
    }

    /// What its backend said, once it is settled.
    pub(super) fn message(&self, now: Timestamp) -> Option<&str> {
        self.refusal.as_deref().filter(|_| self.status(now) == "errored")
    }

    /// The value of a parameter that may be shown.
    pub(super) fn shown(&self, name: &str) -> Option<&str> {
        match self.parameters.get(name)? {
            Stored::Plain(value) => Some(value),
            Stored::Digest(_) => None,
        }
    }

    /// Every parameter that may be shown.
    pub(super) fn all_shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.keys().filter_map(|name| Some((name.as_str(), self.shown(name)?)))
    }

    fn merge(&mut self, given: &Parameters, salt: &str) {
        let group = self.kind.group();
        if given.keys().any(|name| group.contains(name)) {
            self.parameters.retain(|name, _| !group.contains(name));
        }
        for (name, value) in given {
            let stored = match value {
                Given::Plain(value) => Stored::Plain(value.clone()),
                Given::Secret(bytes) | Given::File(bytes) => Stored::digest(salt, bytes),
                Given::Detached => {
                    self.parameters.remove(*name);
                    continue;
                }
            };
            self.parameters.insert((*name).to_owned(), stored);
        }
    }

    fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone_at| now < gone_at)
    }

    fn is_visible_to(&self, role: &str) -> bool {
        self.owner == role || SEE_ALL.contains(&role)
    }
}

/// Every store by name. Changes are computed first and made by [`Stores::set`] when they are on disk.
#[derive(Debug, Default)]
pub(super) struct Stores(BTreeMap<String, Store>);

impl Stores {
    /// What a role sees now, by name.
    pub(super) fn visible(&self, role: &str, now: Timestamp) -> impl Iterator<Item = (&str, &Store)> {
        self.0
            .iter()
            .filter(move |(_, store)| store.exists(now) && store.is_visible_to(role))
            .map(|(name, store)| (name.as_str(), store))
    }

    /// One store.
    ///
    /// # Errors
    /// [`Refusal::Unknown`]
    pub(super) fn find(&self, role: &str, name: &str, now: Timestamp) -> Result<&Store, Refusal> {
        let found = self.0.get(name).filter(|store| store.exists(now) && store.is_visible_to(role));
        found.ok_or_else(|| Refusal::Unknown(name.to_owned()))
    }

    /// A store that can be changed: one that is not on its way out.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], [`Refusal::Dropping`]
    pub(super) fn present(&self, role: &str, name: &str, now: Timestamp) -> Result<&Store, Refusal> {
        let store = self.find(role, name, now)?;
        if store.gone_at.is_some() { Err(Refusal::Dropping(name.to_owned())) } else { Ok(store) }
    }

    /// Whether a new store can have this name.
    ///
    /// # Errors
    /// [`Refusal::Duplicate`], also when the role does not see the store that there is; [`Refusal::NameTooLong`].
    pub(super) fn vacant(&self, name: &str, now: Timestamp) -> Result<(), Refusal> {
        if name.chars().count() > LONGEST_NAME {
            return Err(Refusal::NameTooLong);
        }
        if self.0.get(name).is_some_and(|store| store.exists(now)) {
            return Err(Refusal::Duplicate(name.to_owned()));
        }
        Ok(())
    }

    /// Makes a change.
    pub(super) fn set(&mut self, name: String, store: Option<Store>) {
        match store {
            Some(store) => self.0.insert(name, store),
            None => self.0.remove(&name),
        };
    }

    /// Everything, whoever sees it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Store)> {
        self.0.iter()
    }
}

fn later(now: Timestamp, lag: Duration) -> Timestamp {
    now.checked_add(lag).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
