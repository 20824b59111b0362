//! The rows of a scenario's source, as often as they are wanted and the same each time: once to be written, then to know
//! what must have arrived.

use std::path::PathBuf;

use super::spoil::Spoils;
use crate::domain::suite::source::{FileFormat, Source};
use crate::domain::suite::types::Schema;
use crate::verify::generate::RowGenerator;
use crate::verify::row::Row;
use crate::verify::source::{FileRows, SourceError};

/// A source that can be read again.
#[derive(Debug, Clone)]
pub(super) enum SourceRows {
    Generated(RowGenerator, Spoils),
    File { path: PathBuf, format: FileFormat, schema: Schema },
}

/// What a source gives, one after the other.
pub(super) type Iter = Box<dyn Iterator<Item = Result<Row, SourceError>> + Send>;

impl SourceRows {
    pub(super) fn new(source: &Source) -> Self {
        match source {
            Source::Generate { generate, schema } => {
                Self::Generated(RowGenerator::new(*generate, schema.as_ref()), Spoils::default())
            }
            Source::File { format, path, schema } => {
                Self::File { path: path.clone(), format: *format, schema: schema.clone() }
            }
        }
    }

    /// With some of its rows spoilt.
    pub(super) fn spoilt(self, by: Spoils) -> Self {
        match self {
            Self::Generated(generator, _) => Self::Generated(generator, by),
            file @ Self::File { .. } => file,
        }
    }

    pub(super) fn schema(&self) -> &Schema {
        match self {
            Self::Generated(generator, _) => generator.schema(),
            Self::File { schema, .. } => schema,
        }
    }

    /// From the first one.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(&self) -> Result<Iter, SourceError> {
        Ok(match self.clone() {
            Self::Generated(generator, spoils) => {
                let rows = 0..generator.rows();
                Box::new(rows.map(move |number| Ok(spoils.row(number, |number| generator.row(number)))))
            }
            Self::File { path, format, schema } => Box::new(FileRows::open(&path, format, &schema)?),
        })
    }
}
