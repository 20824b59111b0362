//! Where the rows of a scenario come from (design.md 3.3, `source` and `schema`).

use std::path::PathBuf;

use super::types::Schema;

/// `source`, with the schema of its rows: only a generator has one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `generate`: a pure function of seed and row number.
    Generate {
        /// What is generated.
        generate: Generate,
        /// The schema that its rows have; the generator's own when it is not declared.
        schema: Option<Schema>,
    },
    /// `csv` and `ndjson`: the user's own rows.
    File {
        /// How the file is read.
        format: FileFormat,
        /// Where it is; a relative path was joined with the manifest's folder.
        path: PathBuf,
        /// What its rows are.
        schema: Schema,
    },
}

impl Source {
    /// The declared schema.
    pub fn schema(&self) -> Option<&Schema> {
        match self {
            Self::Generate { schema, .. } => schema.as_ref(),
            Self::File { schema, .. } => Some(schema),
        }
    }
}

/// The forms of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// RFC 4180 with a header that names fields; an empty cell without quotes is NULL.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

impl FileFormat {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Csv, Self::Ndjson];

    /// The field of `source`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// `source.generate`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generate {
    /// Which generator.
    pub kind: Generator,
    /// How many rows, at least one; 1,000.
    pub rows: u64,
    /// What the rows follow from, together with their numbers; 0.
    pub seed: u64,
    /// How keys and values are spread.
    pub distribution: Distribution,
}

impl Generate {
    /// No run makes more.
    pub const MOST_ROWS: u64 = 1_000_000_000_000;
}

impl Default for Generate {
    fn default() -> Self {
        Self { kind: Generator::default(), rows: 1_000, seed: 0, distribution: Distribution::default() }
    }
}

/// `generate.kind`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Generator {
    /// Flat rows of common types; the default.
    #[default]
    Basic,
    /// Rows with nested JSON.
    Nested,
    /// NULL, the extremes of every type, rare characters, long texts, leap days.
    EdgeCases,
}

impl Generator {
    /// Every generator, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Basic, Self::Nested, Self::EdgeCases];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Nested => "nested",
            Self::EdgeCases => "edgeCases",
        }
    }
}

/// `generate.distribution`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Distribution {
    /// Every value as often as any other; the default.
    #[default]
    Uniform,
    /// A few values very often, most of them rarely.
    Zipf,
    /// One after the other.
    Sequential,
    /// Many of a kind at a time, then a pause.
    Bursty,
}

impl Distribution {
    /// Every distribution, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Uniform, Self::Zipf, Self::Sequential, Self::Bursty];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
            Self::Sequential => "sequential",
            Self::Bursty => "bursty",
        }
    }
}
