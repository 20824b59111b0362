//! Flink SQL's types, as far as a row that goes to a database can have them.

use std::fmt;

/// A Flink SQL type: what values there are, and whether NULL is one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FlinkType {
    /// Which values.
    pub kind: FlinkKind,
    /// Whether NULL is one of them; Flink's default.
    pub nullable: bool,
}

/// Which values a type has, NULL left aside.
///
/// `INTERVAL`, `MULTISET`, `RAW`, `VARIANT`, `NULL` and `TIMESTAMP WITH TIME ZONE` are left out: no column holds them,
/// and reading one says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FlinkKind {
    /// `CHAR(n)`: exactly `n` characters, 1 to [`FlinkKind::LONGEST`].
    Char(u32),
    /// `VARCHAR(n)`: up to `n` characters; [`FlinkKind::LONGEST`] is `STRING`.
    VarChar(u32),
    /// `BOOLEAN`
    Boolean,
    /// `BINARY(n)`: exactly `n` bytes.
    Binary(u32),
    /// `VARBINARY(n)`: up to `n` bytes; [`FlinkKind::LONGEST`] is `BYTES`.
    VarBinary(u32),
    /// `DECIMAL(precision, scale)`. Flink itself stops at 38 digits; the native engine does not, and what no column holds
    /// is refused where the field's name is known.
    Decimal {
        /// Digits in all, at least 1.
        precision: u8,
        /// Digits behind the point, at most as many as there are.
        scale: u8,
    },
    /// `TINYINT`: 8 bits, signed.
    TinyInt,
    /// `SMALLINT`: 16 bits, signed.
    SmallInt,
    /// `INT`: 32 bits, signed.
    Int,
    /// `BIGINT`: 64 bits, signed.
    BigInt,
    /// `FLOAT`: 32 bits.
    Float,
    /// `DOUBLE`: 64 bits.
    Double,
    /// `DATE`: 0001-01-01 to 9999-12-31.
    Date,
    /// `TIME(p)`: a time of day with `p` digits of a second, 0 to 9.
    Time(u8),
    /// `TIMESTAMP(p)`: a civil time without a zone, 0 to 9 digits of a second.
    Timestamp(u8),
    /// `TIMESTAMP_LTZ(p)`: a moment, 0 to 9 digits of a second.
    TimestampLtz(u8),
    /// `ARRAY<t>`
    Array(Box<FlinkType>),
    /// `MAP<k, v>`
    Map(Box<FlinkType>, Box<FlinkType>),
    /// `ROW<a t, …>`: at least one field, no name twice.
    Row(Vec<RowField>),
}

/// A named place in a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowField {
    /// The name, as it was written.
    pub name: String,
    /// Its type.
    pub value: FlinkType,
}

impl FlinkKind {
    /// The largest length, which is also what `STRING` and `BYTES` stand for.
    pub const LONGEST: u32 = 2_147_483_647;
    /// `STRING`
    pub const STRING: Self = Self::VarChar(Self::LONGEST);
    /// `BYTES`
    pub const BYTES: Self = Self::VarBinary(Self::LONGEST);

    /// The type that has NULL too.
    pub fn nullable(self) -> FlinkType {
        FlinkType { kind: self, nullable: true }
    }

    /// The type that has no NULL.
    pub fn not_null(self) -> FlinkType {
        FlinkType { kind: self, nullable: false }
    }

    /// Whether values hold other values.
    pub fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Map(..) | Self::Row(_))
    }
}

impl fmt::Display for FlinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind, if self.nullable { "" } else { " NOT NULL" })
    }
}

/// As Flink takes it in `CREATE TABLE`: field names always in backticks, so that none is a keyword.
impl fmt::Display for FlinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(length) => write!(f, "CHAR({length})"),
            Self::VarChar(Self::LONGEST) => f.write_str("STRING"),
            Self::VarChar(length) => write!(f, "VARCHAR({length})"),
            Self::Boolean => f.write_str("BOOLEAN"),
            Self::Binary(length) => write!(f, "BINARY({length})"),
            Self::VarBinary(Self::LONGEST) => f.write_str("BYTES"),
            Self::VarBinary(length) => write!(f, "VARBINARY({length})"),
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            Self::TinyInt => f.write_str("TINYINT"),
            Self::SmallInt => f.write_str("SMALLINT"),
            Self::Int => f.write_str("INT"),
            Self::BigInt => f.write_str("BIGINT"),
            Self::Float => f.write_str("FLOAT"),
            Self::Double => f.write_str("DOUBLE"),
            Self::Date => f.write_str("DATE"),
            Self::Time(precision) => write!(f, "TIME({precision})"),
            Self::Timestamp(precision) => write!(f, "TIMESTAMP({precision})"),
            Self::TimestampLtz(precision) => write!(f, "TIMESTAMP_LTZ({precision})"),
            Self::Array(element) => write!(f, "ARRAY<{element}>"),
            Self::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            Self::Row(fields) => {
                f.write_str("ROW<")?;
                for (index, field) in fields.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}`{}` {}", field.name.replace('`', "``"), field.value)?;
                }
                f.write_str(">")
            }
        }
    }
}
