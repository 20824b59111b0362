//! `Store`: an external store in DeltaStream (design.md 3.2). One table of parameters per subtype drives validation,
//! SQL, schema, explain, documentation and redaction.

mod check;
mod parameter;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

pub use check::{Violation, violations};
pub use parameter::{Group, Need, Parameter, Subtype, UriShape};

use crate::domain::field::{FieldValue, Fields};
use crate::domain::natural_key::{NaturalKey, RoleName, StoreName};
use crate::domain::secret::Sealed;

/// Field names, as manifests and state spell them.
pub mod name {
    /// The subtype block that is chosen, as a field: another one is another store.
    pub const TYPE: &str = "type";
    /// `spec.owner`.
    pub const OWNER: &str = "owner";
    /// `spec.description`.
    pub const DESCRIPTION: &str = "description";
}

pub use tables::FIELDS;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, also one of a closed set of words.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A set of texts.
    Set(BTreeSet<String>),
    /// A secret or a file.
    Sealed(Sealed),
}

/// What a manifest declares. It is made by [`StoreSpec::new`] only, which has checked it against the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSpec {
    name: StoreName,
    owner: Option<RoleName>,
    description: Option<String>,
    subtype: Subtype,
    values: BTreeMap<&'static str, Value>,
}

/// The parts of a store's declaration, not yet checked against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreParts {
    /// `spec.name`
    pub name: StoreName,
    /// `spec.owner`: the role that creates it and owns it.
    pub owner: Option<RoleName>,
    /// `spec.description`: kept in state.
    pub description: Option<String>,
    /// Which block.
    pub subtype: Subtype,
    /// Its parameters by field name (`kafka.sasl.username`), each of the type that the table asks for.
    pub values: BTreeMap<&'static str, Value>,
}

impl StoreSpec {
    /// Checks the parts: what is required, forbidden, and what goes together (FR-006).
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(parts: StoreParts) -> Result<Self, Vec<Violation>> {
        let StoreParts { name, owner, description, subtype, values } = parts;
        let violations = violations(subtype, &values);
        if violations.is_empty() {
            Ok(Self { name, owner, description, subtype, values })
        } else {
            Err(violations)
        }
    }

    /// The identity that the service enforces.
    pub fn key(&self) -> NaturalKey {
        NaturalKey::Store { name: self.name.clone() }
    }

    /// The store's name.
    pub fn name(&self) -> &StoreName {
        &self.name
    }

    /// The role that creates and owns it, if the manifest says so.
    pub fn owner(&self) -> Option<&RoleName> {
        self.owner.as_ref()
    }

    /// The subtype.
    pub fn subtype(&self) -> Subtype {
        self.subtype
    }

    /// The declared parameters in the order of the table.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static Parameter, &Value)> {
        let declared =
            |parameter: &'static Parameter| Some((parameter, self.values.get(parameter.rule.name)?));
        self.subtype.parameters().iter().filter_map(declared)
    }

    /// The parameters that an UPDATE sends for a change of these fields: the fields themselves and, because the service
    /// judges them as one, the whole authentication and TLS group (deltastream-api 7.5).
    pub fn update<'a>(
        &'a self,
        changed: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = (&'static Parameter, &'a Value)> {
        let grouped = |parameter: &Parameter| parameter.group != Group::Connection;
        self.parameters()
            .filter(move |(parameter, _)| grouped(parameter) || changed.contains(parameter.rule.name))
    }

    /// The declared fields that are not part of the key. Of what is sealed, the fingerprint.
    pub fn fields(&self) -> Fields {
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let own = [
            (name::TYPE, Some(text(self.subtype.as_str()))),
            (name::OWNER, self.owner.as_ref().map(|owner| text(owner.as_str()))),
            (name::DESCRIPTION, self.description.as_deref().map(text)),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let parameters = self.parameters().filter_map(|(parameter, value)| {
            let value = match value {
                Value::Text(text) => FieldValue::Text(text.clone()),
                Value::Flag(flag) => FieldValue::Flag(*flag),
                Value::Set(items) => FieldValue::Set(items.clone()),
                Value::Sealed(sealed) => FieldValue::Sealed(sealed.fingerprint()?.clone()),
            };
            Some((parameter.rule.name.to_owned(), value))
        });
        own.chain(parameters).collect()
    }

    /// The sealed parameters: what must be resolved before a plan can compare them.
    pub fn sealed(&self) -> impl Iterator<Item = (&'static Parameter, &Sealed)> {
        self.parameters().filter_map(|(parameter, value)| match value {
            Value::Sealed(sealed) => Some((parameter, sealed)),
            Value::Text(_) | Value::Flag(_) | Value::Set(_) => None,
        })
    }

    /// The spec with every sealed parameter passed through a function that resolves it.
    ///
    /// # Errors
    /// The errors of the function, all of them.
    pub fn resolve<E>(
        mut self,
        mut resolve: impl FnMut(&'static Parameter, Sealed) -> Result<Sealed, E>,
    ) -> Result<Self, Vec<E>> {
        let mut errors = Vec::new();
        for parameter in self.subtype.parameters() {
            if let Some(Value::Sealed(sealed)) = self.values.get(parameter.rule.name).cloned() {
                match resolve(parameter, sealed) {
                    Ok(sealed) => {
                        self.values.insert(parameter.rule.name, Value::Sealed(sealed));
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}
