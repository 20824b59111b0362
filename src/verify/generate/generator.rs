//! A row from its number.

use std::time::Duration;

use compact_str::CompactString;

use super::draw::Draws;
use super::edge::edges;
use super::key::Keys;
use super::plain::{self, Style};
use super::schemas::default_schema;
use super::survivors::Survivors;
use crate::domain::suite::source::{Distribution, Generate, Generator};
use crate::domain::suite::types::{FlinkKind, FlinkType, Schema};
use crate::verify::row::{Row, Value};

/// The row of the edge cases whose first STRING field is a large text.
pub const LARGE_TEXT_ROW: u64 = 7;
/// How large it is, in bytes, when nothing else is asked for: a packet has 16 MiB by default.
const LARGE_TEXT: usize = 8 << 20;
/// So many rows come at once in bursts.
const BURST: u64 = 1_000;
/// The time from one burst to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the rows of a `generate` source.
#[derive(Debug, Clone)]
pub struct RowGenerator {
    generate: Generate,
    schema: Schema,
    columns: Vec<Column>,
    keys: Keys,
    large_text: usize,
}

#[derive(Debug, Clone)]
enum Column {
    /// A field of the key: its place in the key.
    Key(usize),
    /// An ordinary field.
    Plain(FlinkType, Style),
    /// A field that takes each of its edges in turn.
    Edge(FlinkType, Vec<Value>),
}

impl RowGenerator {
    /// The rows of this source, with the generator's own schema or the declared one.
    pub fn new(generate: Generate, declared: Option<&Schema>) -> Self {
        let schema = declared.cloned().unwrap_or_else(|| default_schema(generate.kind));
        let columns = schema.fields().iter().enumerate().map(|(place, field)| {
            if let Some(place) = schema.key().iter().position(|key| *key == place) {
                return Column::Key(place);
            }
            match generate.kind {
                Generator::Basic => Column::Plain(field.value.clone(), Style::Ordinary),
                Generator::Nested => Column::Plain(field.value.clone(), Style::Rich),
                Generator::EdgeCases => Column::Edge(field.value.clone(), edges(&field.value)),
            }
        });
        let columns = columns.collect();
        let key = schema.key().iter().filter_map(|place| schema.fields().get(*place));
        let keys = Keys::new(
            generate.distribution,
            generate.seed,
            key.map(|field| field.value.kind.clone()).collect(),
        );
        Self { generate, schema, columns, keys, large_text: LARGE_TEXT }
    }

    /// With a text of so many bytes at [`LARGE_TEXT_ROW`], at most 2²⁴ − 1 of which a packet by default does not take.
    #[must_use]
    pub fn with_large_text(mut self, bytes: usize) -> Self {
        self.large_text = bytes.min((1 << 24) - 1);
        self
    }

    /// The schema of the rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows the source has: numbers 0 to one less.
    pub fn rows(&self) -> u64 {
        self.generate.rows
    }

    /// The row with this number. Numbers beyond [`RowGenerator::rows`] have rows too.
    pub fn row(&self, number: u64) -> Row {
        let mut draws = Draws::of(self.generate.seed, number);
        let mut key = if self.schema.key().is_empty() {
            Vec::new()
        } else {
            self.keys.values(self.keys.number(number, &mut draws))
        };
        let mut large = self.generate.kind == Generator::EdgeCases && number == LARGE_TEXT_ROW;
        let values = self.columns.iter().zip(0_u64..).map(|(column, place)| match column {
            Column::Key(place) => key.get_mut(*place).map(std::mem::take).unwrap_or_default(),
            Column::Plain(declared, style) => plain::value(declared, *style, &mut draws),
            Column::Edge(declared, _) if large && declared.kind == FlinkKind::STRING => {
                large = false;
                Value::Text(large_text(self.large_text))
            }
            // After its edges a field has one ordinary value; fields begin at different edges.
            Column::Edge(declared, edges) => {
                let turn = number.wrapping_add(place) % (edges.len() as u64 + 1);
                match usize::try_from(turn).ok().and_then(|turn| edges.get(turn)) {
                    Some(edge) => edge.clone(),
                    None => plain::value(declared, Style::Rich, &mut draws),
                }
            }
        });
        Row::from(values.collect::<Vec<_>>())
    }

    /// The number of a row's key: rows with one number have one key, and only they. 0 without a key.
    pub(super) fn key_number(&self, row: u64) -> u64 {
        self.keys.number(row, &mut Draws::of(self.generate.seed, row))
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// When a row comes, counted from the first one: at once, but for bursts.
    pub fn arrival(&self, row: u64) -> Duration {
        match self.generate.distribution {
            Distribution::Bursty => PAUSE.saturating_mul(u32::try_from(row / BURST).unwrap_or(u32::MAX)),
            Distribution::Uniform | Distribution::Zipf | Distribution::Sequential => Duration::ZERO,
        }
    }

    /// Which rows are left in a table into which all were written in order, the last row of a key winning.
    pub fn survivors(&self) -> Survivors<'_> {
        Survivors::of(self)
    }
}

/// Characters of one to four bytes, so that no boundary of a buffer falls between characters every time.
fn large_text(bytes: usize) -> CompactString {
    const PIECE: &str = "aß日😀z";
    let mut text = CompactString::with_capacity(bytes);
    while text.len() + PIECE.len() <= bytes {
        text.push_str(PIECE);
    }
    while text.len() < bytes {
        text.push('.');
    }
    text
}
