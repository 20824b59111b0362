//! What happens to a row on its way from the source to the table (design.md 3.3, `transform`, `rules` and `write`).

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

use super::expression::Cel;
use super::identifier::Identifier;

/// One of `transform`, in the order in which they are applied (Properties 31 and 35).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// `set` and `cel`: the field becomes what the expression gives.
    Set {
        /// The field, new or not.
        field: Identifier,
        /// The expression over the fields of the row.
        cel: Cel,
    },
    /// `flatten`: the members of a nested value become fields of their own, named `field_member`.
    Flatten {
        /// The field, which is gone afterwards.
        field: Identifier,
    },
    /// `program`: takes rows as NDJSON on standard input and gives rows as NDJSON on standard output. Run without a shell.
    Program {
        /// The program and its arguments.
        argv: Vec<String>,
        /// Where it runs: the manifest's folder.
        folder: PathBuf,
    },
}

/// One of `rules` (Property 14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The field that is judged.
    pub field: Identifier,
    /// What must be true, over `value`.
    pub check: Cel,
    /// What becomes of a row for which it is not.
    pub severity: Severity,
}

/// `severity`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Severity {
    /// The row is refused; the default.
    #[default]
    Error,
    /// The row is written and reported.
    Warning,
}

impl Severity {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Error, Self::Warning];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// `write`: how rows reach the table (Properties 11, 12, 15 and 28).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// What happens to a row whose key is there already.
    pub mode: WriteMode,
    /// The most rows in a transaction, up to [`Write::LARGEST_BATCH`]; 1,000.
    pub batch_size: NonZeroU32,
    /// After how long an incomplete batch is written; 1 s.
    pub flush_interval: Duration,
    /// Writers at a time, up to [`Write::MOST_PARALLEL`]; 2.
    pub parallelism: NonZeroU16,
    /// An SQL statement in place of ours, with one `?` for each column; none.
    pub statement: Option<String>,
    /// What happens to a row that the database refuses.
    pub on_refused: OnRefused,
}

impl Write {
    /// The largest batch.
    pub const LARGEST_BATCH: u32 = 100_000;
    /// The most writers.
    pub const MOST_PARALLEL: u16 = 1_000;
}

impl Default for Write {
    fn default() -> Self {
        Self {
            mode: WriteMode::default(),
            batch_size: NonZeroU32::new(1_000).unwrap_or(NonZeroU32::MIN),
            flush_interval: Duration::from_secs(1),
            parallelism: NonZeroU16::new(2).unwrap_or(NonZeroU16::MIN),
            statement: None,
            on_refused: OnRefused::default(),
        }
    }
}

/// `write.mode`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriteMode {
    /// It takes the place of the older one: needs a primary key. The default where there is one.
    #[default]
    Upsert,
    /// It is refused by the database. The default where there is no primary key.
    Insert,
}

impl WriteMode {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Upsert, Self::Insert];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Insert => "insert",
        }
    }
}

/// `write.onRefused`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnRefused {
    /// It is set aside with its reason, and the others go on; the default.
    #[default]
    DeadLetter,
    /// The scenario fails.
    Fail,
}

impl OnRefused {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::DeadLetter, Self::Fail];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetter => "deadLetter",
            Self::Fail => "fail",
        }
    }
}
