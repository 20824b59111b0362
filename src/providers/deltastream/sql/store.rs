//! The statements about stores (deltastream-api 7.1 to 7.5). Pure: a declaration in, a statement out.
//!
//! A WITH list is sorted by parameter name, so that the same declaration is the same text. NULL is never written: what
//! is not declared is left out.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret, SecretString};

use super::quote::{Uncarried, identifier, literal};
use super::statement::{Attachment, Statement, Verb};
use crate::domain::field::ValueType;
use crate::domain::kind::store::{Parameter, StoreSpec, Value};
use crate::domain::natural_key::StoreName;

/// Why a declaration cannot become a statement. Nothing was sent. No text repeats a value that may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// The store's name.
    #[error("the name of the store cannot be written: {0}")]
    Name(Uncarried),
    /// A parameter's value.
    #[error("`{field}` cannot be written: {because}")]
    Value {
        /// The field of the manifest.
        field: &'static str,
        /// Why.
        because: Uncarried,
    },
    /// A secret or a file whose content was not fetched.
    #[error("`{field}` has no content: its source was not read before the statement was made")]
    Unresolved {
        /// The field of the manifest.
        field: &'static str,
    },
    /// A bare word that the table does not know.
    #[error("`{field}` is none of the words that it can be: {}", .words.join(", "))]
    Word {
        /// The field of the manifest.
        field: &'static str,
        /// The words.
        words: &'static [&'static str],
    },
    /// No parameter is left to send.
    #[error("there is no parameter to change")]
    Nothing,
}

/// Every store that the role sees, in one query.
pub(in crate::providers::deltastream) fn list() -> Statement {
    let text = r#"SELECT name, type, status, status_message, "owner", created_at, updated_at FROM deltastream.sys."stores";"#;
    Statement::plain(Verb::SelectStores, text.to_owned())
}

/// What one store shows of its parameters.
pub(in crate::providers::deltastream) fn describe(name: &StoreName) -> Result<Statement, Unwritable> {
    Ok(Statement::plain(Verb::DescribeStore, format!("DESCRIBE STORE {};", name_of(name)?)))
}

/// Drops one store.
pub(in crate::providers::deltastream) fn drop_store(name: &StoreName) -> Result<Statement, Unwritable> {
    Ok(Statement::plain(Verb::DropStore, format!("DROP STORE {};", name_of(name)?)))
}

/// Creates a store with every declared parameter.
pub(in crate::providers::deltastream) fn create(store: &StoreSpec) -> Result<Statement, Unwritable> {
    let mut with = With::default();
    with.entries.insert("type", store.subtype().keyword().to_owned());
    for (parameter, value) in store.parameters() {
        with.add(parameter, value)?;
    }
    with.statement(Verb::CreateStore, store.name())
}

/// Changes these fields of a store, with all that the service judges together with them; never its type.
pub(in crate::providers::deltastream) fn update(
    store: &StoreSpec,
    fields: &BTreeSet<String>,
) -> Result<Statement, Unwritable> {
    let mut with = With::default();
    for (parameter, value) in store.update(fields) {
        with.add(parameter, value)?;
    }
    with.statement(Verb::UpdateStore, store.name())
}

fn name_of(name: &StoreName) -> Result<String, Unwritable> {
    identifier(name.as_str()).map_err(Unwritable::Name)
}

/// A WITH list on its way.
#[derive(Default)]
struct With {
    entries: BTreeMap<&'static str, String>,
    attachments: Vec<Attachment>,
    secrets: Vec<SecretString>,
}

impl With {
    fn add(&mut self, parameter: &Parameter, value: &Value) -> Result<(), Unwritable> {
        let field = parameter.rule.name;
        let text = |text: &str| literal(text).map_err(|because| Unwritable::Value { field, because });
        let sql = match (value, parameter.rule.value) {
            (Value::Text(word), ValueType::Word(words)) => {
                let known = words.iter().find(|known| **known == word.as_str());
                (*known.ok_or(Unwritable::Word { field, words })?).to_owned()
            }
            (Value::Text(value), _) => text(value)?,
            (Value::Flag(flag), _) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            (Value::Set(items), _) => text(&items.iter().map(String::as_str).collect::<Vec<_>>().join(","))?,
            (Value::Sealed(sealed), shape) => {
                let content = sealed.content().ok_or(Unwritable::Unresolved { field })?;
                if parameter.rule.secret {
                    self.secrets.push(content.clone());
                }
                if shape == (ValueType::Sealed { file: true }) {
                    // A parameter stands once in a statement, so a name made from it does, too.
                    let name = format!("@{}", parameter.sql);
                    let sql = text(&name)?;
                    self.attachments.push(Attachment { name, content: content.clone() });
                    sql
                } else {
                    text(content.expose_secret())?
                }
            }
        };
        self.entries.insert(parameter.sql, sql);
        Ok(())
    }

    fn statement(self, verb: Verb, name: &StoreName) -> Result<Statement, Unwritable> {
        if self.entries.is_empty() {
            return Err(Unwritable::Nothing);
        }
        let list: Vec<String> =
            self.entries.iter().map(|(key, value)| format!("'{key}' = {value}")).collect();
        let text = format!("{} {} WITH ({});", verb.as_str(), name_of(name)?, list.join(", "));
        Ok(Statement::with(verb, text, self.attachments, self.secrets))
    }
}
