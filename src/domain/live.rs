//! The live side: what an API shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::field::Fields;
use super::natural_key::{NaturalKey, Scope};

/// How a live object stands, as the service says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Readiness {
    /// It can be used. For a kind without states, presence is readiness.
    Ready,
    /// Not yet.
    Pending {
        /// The service's word.
        state: String,
        /// The service's explanation, if it gives one.
        message: Option<String>,
    },
    /// It will not become ready by itself.
    Errored {
        /// The service's explanation, if it gives one.
        message: Option<String>,
    },
}

/// One live object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Live {
    /// Its identity.
    pub key: NaturalKey,
    /// The fields that the API shows; the others are unverifiable.
    pub fields: Fields,
    /// Whether it can be used.
    pub readiness: Readiness,
    /// What else the API shows (creator, modifier, …): for people, never compared.
    pub attributes: BTreeMap<String, String>,
}

/// For whom a listing was made: what another one sees may differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Observer {
    /// The organization, as the service names it.
    pub organization: String,
    /// The role.
    pub role: String,
}

/// A complete listing of one scope: the only source of "absent". It is made after the last page of a successful
/// listing and by no other means, so a failed or cut listing cannot become one; read back, it is what was written of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Listing", into = "Listing")]
pub struct Census {
    scope: Scope,
    observer: Option<Observer>,
    objects: BTreeMap<NaturalKey, Live>,
}

/// A census as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Listing {
    scope: Scope,
    observer: Option<Observer>,
    objects: Vec<Live>,
}

impl From<Census> for Listing {
    fn from(Census { scope, observer, objects }: Census) -> Self {
        Self { scope, observer, objects: objects.into_values().collect() }
    }
}

impl TryFrom<Listing> for Census {
    type Error = DuplicateInCensus;
    fn try_from(Listing { scope, observer, objects }: Listing) -> Result<Self, DuplicateInCensus> {
        Ok(Self { observer, ..Census::complete(scope, objects)? })
    }
}

/// Two objects of one listing claim the same natural key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the listing of {scope} names `{key}` twice")]
pub struct DuplicateInCensus {
    /// The scope.
    pub scope: Scope,
    /// The key that stands twice.
    pub key: NaturalKey,
}

impl Census {
    /// A census of everything that a complete, successful listing returned.
    ///
    /// # Errors
    /// [`DuplicateInCensus`] when two objects have the same natural key: such a listing decides nothing.
    pub fn complete(scope: Scope, listed: Vec<Live>) -> Result<Self, DuplicateInCensus> {
        let mut objects = BTreeMap::new();
        for live in listed {
            if let Some(earlier) = objects.insert(live.key.clone(), live) {
                return Err(DuplicateInCensus { scope, key: earlier.key });
            }
        }
        Ok(Self { scope, observer: None, objects })
    }

    /// The census as made for this observer: what it does not show is absent for him only.
    #[must_use]
    pub fn seen_by(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The same listing as far as it is about these objects: evidence of what was seen of them. A census of that scope it is
    /// no more, so it proves the absence of nothing else.
    #[must_use]
    pub fn about(&self, keys: &BTreeSet<NaturalKey>) -> Self {
        let ours = self.objects.iter().filter(|(key, _)| keys.contains(*key));
        Self {
            scope: self.scope.clone(),
            observer: self.observer.clone(),
            objects: ours.map(|(key, live)| (key.clone(), live.clone())).collect(),
        }
    }

    /// For whom it was made, where that matters.
    pub fn observer(&self) -> Option<&Observer> {
        self.observer.as_ref()
    }

    /// Adds what reads of single objects showed beside the listing.
    pub fn detail(&mut self, details: &BTreeMap<NaturalKey, Fields>) {
        for (key, live) in &mut self.objects {
            if let Some(fields) = details.get(key) {
                live.fields.extend(fields.clone());
            }
        }
    }

    /// What was listed.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The object with this key, if it is present.
    pub fn get(&self, key: &NaturalKey) -> Option<&Live> {
        self.objects.get(key)
    }

    /// Everything present, by key.
    pub fn objects(&self) -> impl Iterator<Item = &Live> {
        self.objects.values()
    }

    /// How many objects are present.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether the scope holds nothing.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Proof that the key is absent, if it is. Confirming a delete needs one.
    pub fn absence(&self, key: &NaturalKey) -> Option<Absent> {
        (key.scope() == self.scope && !self.objects.contains_key(key)).then(|| Absent { key: key.clone() })
    }
}

/// Proof of absence, taken from a complete listing. No HTTP status makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    key: NaturalKey,
}

impl Absent {
    /// What is absent.
    pub fn key(&self) -> &NaturalKey {
        &self.key
    }
}

/// Every scope that was observed, by scope.
pub type World = BTreeMap<Scope, Census>;
