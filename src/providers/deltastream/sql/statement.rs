//! One statement with its files. It may hold secrets, so it cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What a statement does, in the service's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::providers::deltastream) enum Verb {
    /// Reads the system table of stores.
    SelectStores,
    /// Reads one store.
    DescribeStore,
    /// Creates one.
    CreateStore,
    /// Changes one.
    UpdateStore,
    /// Drops one.
    DropStore,
}

impl Verb {
    /// The words, for errors and logs.
    pub(in crate::providers::deltastream) fn as_str(self) -> &'static str {
        match self {
            Verb::SelectStores => "SELECT stores",
            Verb::DescribeStore => "DESCRIBE STORE",
            Verb::CreateStore => "CREATE STORE",
            Verb::UpdateStore => "UPDATE STORE",
            Verb::DropStore => "DROP STORE",
        }
    }

    /// Whether it changes something.
    pub(in crate::providers::deltastream) fn writes(self) -> bool {
        match self {
            Verb::SelectStores | Verb::DescribeStore => false,
            Verb::CreateStore | Verb::UpdateStore | Verb::DropStore => true,
        }
    }
}

/// A file that a statement refers to.
#[derive(Clone)]
pub(in crate::providers::deltastream) struct Attachment {
    /// The whole literal of the statement, `@` included; ASCII, unique in its statement (deltastream-api 7.3).
    pub(in crate::providers::deltastream) name: String,
    /// The file.
    pub(in crate::providers::deltastream) content: SecretString,
}

/// One statement. Its text leaves through [`Statement::text`] only.
#[derive(Clone)]
pub(in crate::providers::deltastream) struct Statement {
    pub(in crate::providers::deltastream) verb: Verb,
    text: SecretString,
    pub(in crate::providers::deltastream) attachments: Vec<Attachment>,
    /// What must not come back in any text of the service.
    pub(in crate::providers::deltastream) secrets: Vec<SecretString>,
}

impl Statement {
    /// A statement without files and secrets; the text ends in `;`.
    pub(super) fn plain(verb: Verb, text: String) -> Self {
        Self { verb, text: text.into(), attachments: Vec::new(), secrets: Vec::new() }
    }

    /// A statement with both.
    pub(super) fn with(
        verb: Verb,
        text: String,
        attachments: Vec<Attachment>,
        secrets: Vec<SecretString>,
    ) -> Self {
        Self { verb, text: text.into(), attachments, secrets }
    }

    /// The text: for the request and for taking it out of answers, never for people.
    pub(in crate::providers::deltastream) fn text(&self) -> &str {
        self.text.expose_secret()
    }
}

/// What it does and how many files it has, nothing else.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({}, {} files)", self.verb.as_str(), self.attachments.len())
    }
}

/// The name only.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({:?})", self.name)
    }
}
