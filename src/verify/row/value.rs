//! A value of any Flink type, and a row of them.

use compact_str::CompactString;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use super::Decimal;

/// One value. Which variant a type has is fixed, so values of one type can be compared without looking at the type.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// The absence of a value; of every nullable type.
    #[default]
    Null,
    /// `BOOLEAN`
    Boolean(bool),
    /// `TINYINT`, `SMALLINT`, `INT`, `BIGINT`
    Integer(i64),
    /// `DECIMAL`: as many digits as the type has, exactly.
    Decimal(Decimal),
    /// `FLOAT`
    Float(f32),
    /// `DOUBLE`
    Double(f64),
    /// `DATE`
    Date(Date),
    /// `TIME`: since midnight. What a database returns may be negative or beyond a day (±838:59:59).
    Time(SignedDuration),
    /// `TIMESTAMP`: a civil time, without a zone (Property 32).
    Timestamp(DateTime),
    /// `TIMESTAMP_LTZ`: a moment, as the civil time in UTC.
    Moment(DateTime),
    /// `CHAR`, `VARCHAR`, `STRING`. A `CHAR(n)` has its blanks at the end: `n` characters.
    Text(CompactString),
    /// `BINARY`, `VARBINARY`, `BYTES`
    Bytes(Box<[u8]>),
    /// `ARRAY`
    Array(Box<[Value]>),
    /// `MAP`
    Map(Map),
    /// `ROW`: the values in the order of the type's fields (Property 7).
    Row(Row),
}

/// The values of a row, in the order of its schema's fields (Property 7).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Row(Box<[Value]>);

/// Keys with their values, ordered by key, no key twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Map(Box<[(Value, Value)]>);

impl Row {
    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// The values, for who makes another row of them.
    pub fn into_values(self) -> Vec<Value> {
        self.0.into_vec()
    }

    /// The value at a place.
    pub fn get(&self, place: usize) -> Option<&Value> {
        self.0.get(place)
    }

    /// How much memory it takes, in bytes, with all that it owns.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Value::bytes).sum()
    }
}

impl From<Vec<Value>> for Row {
    fn from(values: Vec<Value>) -> Self {
        Self(values.into_boxed_slice())
    }
}

impl Map {
    /// The entries, ordered by key.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.0
    }
}

impl FromIterator<(Value, Value)> for Map {
    /// Of two entries with one key the later one counts.
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        let mut entries: Vec<(Value, Value)> = entries.into_iter().collect();
        entries.reverse();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries.dedup_by(|(later, _), (kept, _)| later == kept);
        Self(entries.into_boxed_slice())
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<CompactString>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How much memory it takes, in bytes, with all that it owns.
    pub fn bytes(&self) -> usize {
        let owned = match self {
            Self::Text(text) if text.is_heap_allocated() => text.capacity(),
            Self::Decimal(decimal) => decimal.owned_bytes(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Array(values) => values.iter().map(Self::bytes).sum(),
            Self::Map(map) => map.entries().iter().map(|(key, value)| key.bytes() + value.bytes()).sum(),
            Self::Row(row) => row.bytes(),
            _ => 0,
        };
        size_of::<Self>() + owned
    }
}
