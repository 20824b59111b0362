//! What a statement says, once it is understood.

use super::token::Literal;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) enum Statement {
    /// `CREATE STORE name WITH (…);`
    CreateStore {
        /// The new name.
        name: String,
        /// The WITH list, in its order.
        with: Vec<Parameter>,
    },
    /// `UPDATE STORE name WITH (…);`
    UpdateStore {
        /// Which store.
        name: String,
        /// The WITH list, in its order.
        with: Vec<Parameter>,
    },
    /// `DROP STORE name;`
    DropStore(String),
    /// `DESCRIBE STORE name;`
    DescribeStore(String),
    /// `LIST STORES;`
    ListStores,
    /// `LIST ORGANIZATIONS;`
    ListOrganizations,
    /// `USE DATABASE name;` and so on.
    Use(Scope, String),
    /// `SELECT … FROM deltastream.sys."stores" …;`
    Select(Query),
}

/// What `USE` changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator::deltastream) enum Scope {
    /// The role.
    Role,
    /// The database; its schema becomes `public`.
    Database,
    /// The schema.
    Schema,
    /// The store.
    Store,
}

/// `'key' = value`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Parameter {
    pub(in crate::emulator::deltastream) key: String,
    pub(in crate::emulator::deltastream) value: Value,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) enum Value {
    /// `'…'`
    Text(Literal),
    /// A bare word, as written.
    Word(String),
    /// `TRUE` or `FALSE`.
    Flag(bool),
    /// Decimal digits.
    Integer(String),
    /// `"…"`
    Identifier(String),
    /// `NULL`
    Null,
}

/// A query of the system table of stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Query {
    /// The columns; `None` for `*`.
    pub(in crate::emulator::deltastream) columns: Option<Vec<String>>,
    /// All of them have to hold.
    pub(in crate::emulator::deltastream) filters: Vec<Filter>,
    pub(in crate::emulator::deltastream) order: Option<Order>,
    pub(in crate::emulator::deltastream) limit: Option<usize>,
}

/// `column = 'x'` or `column IN ('x', 'y')`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Filter {
    pub(in crate::emulator::deltastream) column: String,
    /// Any of them.
    pub(in crate::emulator::deltastream) any_of: Vec<Literal>,
}

/// `ORDER BY column [ASC|DESC]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Order {
    pub(in crate::emulator::deltastream) column: String,
    pub(in crate::emulator::deltastream) descending: bool,
}
