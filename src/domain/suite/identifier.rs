//! Names that go into SQL: tables, columns, constraints, indexes.

use std::fmt;
use std::sync::Arc;

/// A name that means the same wherever it stands in a statement, quoted or not: 1 to 64 ASCII letters, digits and `_`, not
/// beginning with a digit (design.md 3.3, `table`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier(Arc<str>);

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name for SQL: use 1 to 64 letters, digits and `_`, not beginning with a digit")]
pub struct IdentifierError(pub String);

impl Identifier {
    /// The longest name, as both servers have it.
    pub const LONGEST: usize = 64;

    /// Checks the text.
    ///
    /// # Errors
    /// [`IdentifierError`]
    pub fn new(text: impl Into<String>) -> Result<Self, IdentifierError> {
        let text = text.into();
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_safe = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if begins_well && is_safe && text.len() <= Self::LONGEST {
            Ok(Self(text.into()))
        } else {
            Err(IdentifierError(text))
        }
    }

    /// The nearest such name: what is not allowed becomes `_`, and the end is cut off.
    pub fn near(text: &str) -> Self {
        let letters = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let head = if begins_well { None } else { Some('_') };
        Self(head.into_iter().chain(letters).take(Self::LONGEST).collect::<String>().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_leave_its_quotes_is_a_name() {
        for text in ["", "1a", "a-b", "a.b", "a`b", "a b", "a;", "ä", "a\\", &"x".repeat(65)] {
            assert_eq!(Identifier::new(text), Err(IdentifierError(text.into())));
        }
        assert_eq!(Identifier::new("orders_2").unwrap().as_str(), "orders_2");
    }

    #[test]
    fn the_nearest_name_is_one() {
        for (text, near) in
            [("orders-to.mysql", "orders_to_mysql"), ("2024", "_2024"), ("", "_"), ("ä", "__")]
        {
            assert_eq!(Identifier::near(text).as_str(), near);
            assert!(Identifier::new(near).is_ok());
        }
        assert!(Identifier::new(Identifier::near(&"x".repeat(300)).as_str()).is_ok());
    }
}
