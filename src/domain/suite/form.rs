//! The forms that the values of a suite's fields have.

use super::quantity::Percent;

/// The form of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A mapping of the fields below it.
    Mapping,
    /// A mapping of the fields below it that says one thing in exactly one of these ways.
    OneOf(&'static [Way]),
    /// A list of such mappings, empty or not.
    Items,
    /// A list of such mappings, at least one.
    SomeItems,
    /// A list of mappings, each in exactly one of these ways.
    ItemsOf(&'static [Way]),
    /// Any text.
    Text,
    /// One line of text that is not blank.
    Line,
    /// SQL of any length, or null.
    Statement,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Whole {
        /// At least.
        least: u64,
        /// At most.
        most: u64,
    },
    /// A set of whole numbers from 1.
    Numbers {
        /// At most.
        most: u64,
    },
    /// A duration with units.
    Duration,
    /// A list of durations.
    Durations,
    /// A share of at most so much.
    Share(Percent),
    /// An amount of bytes.
    Bytes,
    /// A share of the rows, or a duration.
    Moment,
    /// A text that is never shown.
    Secret,
    /// A host name or IP address.
    Host,
    /// The name of a database.
    Database,
    /// The name of a user.
    User,
    /// The URL of a service.
    Url,
    /// The path of a file.
    Path,
    /// A list of paths.
    Paths,
    /// A program and its arguments.
    Program,
    /// The rule of object names.
    Name,
    /// A name for SQL.
    Identifier,
    /// A list of names for SQL, at least one.
    Identifiers,
    /// A list of lines, in an order that counts.
    Lines,
    /// A type of Flink SQL.
    FlinkType,
    /// A type of MySQL.
    ColumnType,
    /// An expression in CEL.
    Cel,
}

/// One of several ways to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The field and the word in it that choose this way, if one does.
    pub word: Option<(&'static str, &'static str)>,
    /// The fields that must be there; those of the other ways must not.
    pub fields: &'static [&'static str],
}
