//! What a statement is executed in: the server keeps none of it, each request brings it and each answer returns it
//! (deltastream-api section 5).

use serde_json::{Map, Value};

use super::account::ORGANIZATION;
use super::sql::Scope;

/// The context of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) role: String,
    pub(super) database: Option<String>,
    pub(super) schema: Option<String>,
    pub(super) store: Option<String>,
    pub(super) compute_pool: Option<String>,
}

impl Context {
    /// What `USE` changes.
    pub(super) fn enter(&mut self, scope: Scope, name: String) {
        match scope {
            Scope::Role => self.role = name,
            Scope::Schema => self.schema = Some(name),
            Scope::Store => self.store = Some(name),
            Scope::Database => {
                self.database = Some(name);
                self.schema = Some("public".to_owned());
            }
        }
    }

    /// The effective context as answers carry it: everything that is known, nothing that is not.
    pub(super) fn json(&self) -> Value {
        let optional = [
            ("databaseName", &self.database),
            ("schemaName", &self.schema),
            ("storeName", &self.store),
            ("computePoolName", &self.compute_pool),
        ];
        let known = optional.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        let always = [("organizationID", ORGANIZATION), ("roleName", self.role.as_str())];
        let members = always.into_iter().chain(known);
        Value::Object(members.map(|(key, value)| (key.to_owned(), value.into())).collect::<Map<_, _>>())
    }
}
