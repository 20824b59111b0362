//! Column types of MySQL and MariaDB, as `information_schema.columns.column_type` and `CREATE TABLE` write them.

use std::fmt;

/// The type of a column, without its nullability and default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `TINYINT(1)`, which both servers mean by `BOOLEAN`.
    Boolean,
    /// `TINYINT` … `BIGINT`, with or without `UNSIGNED`.
    Integer {
        /// How many bytes.
        size: IntegerSize,
        /// Whether negative numbers are given up for twice as many others.
        unsigned: bool,
    },
    /// `DECIMAL(precision, scale)`: at most 65 digits, 30 of them behind the point.
    Decimal {
        /// Digits in all, 1 to [`ColumnType::DIGITS`].
        precision: u8,
        /// Digits behind the point, 0 to [`ColumnType::FRACTION_DIGITS`] and at most the precision.
        scale: u8,
        /// Whether negative numbers are refused.
        unsigned: bool,
    },
    /// `FLOAT`: 32 bits, printed by the server with six digits.
    Float,
    /// `DOUBLE`: 64 bits.
    Double,
    /// `BIT(n)`: 1 to 64 bits.
    Bit(u8),
    /// `DATE`
    Date,
    /// `TIME(p)`: −838:59:59 to 838:59:59, 0 to 6 digits of a second.
    Time(u8),
    /// `DATETIME(p)`: a civil time, 0 to 6 digits of a second.
    DateTime(u8),
    /// `TIMESTAMP(p)`: a moment between 1970 and 2038, 0 to 6 digits of a second.
    Timestamp(u8),
    /// `YEAR`: 1901 to 2155, and 0.
    Year,
    /// `CHAR(n)`: up to 255 characters, trailing blanks not kept.
    Char {
        /// Characters.
        length: u8,
        /// Its own character set; the table's when there is none.
        charset: Option<Charset>,
    },
    /// `VARCHAR(n)`: up to 65,535 bytes.
    VarChar {
        /// Characters.
        length: u16,
        /// Its own character set; the table's when there is none.
        charset: Option<Charset>,
    },
    /// `TINYTEXT` … `LONGTEXT`.
    Text {
        /// How many bytes.
        size: BlobSize,
        /// Its own character set; the table's when there is none.
        charset: Option<Charset>,
    },
    /// `BINARY(n)`: exactly `n` bytes, shorter values are filled up with zeros.
    Binary(u8),
    /// `VARBINARY(n)`: up to `n` bytes.
    VarBinary(u16),
    /// `TINYBLOB` … `LONGBLOB`.
    Blob(BlobSize),
    /// `JSON`; MariaDB keeps the text, MySQL keeps the structure.
    Json,
}

/// How large an integer column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntegerSize {
    /// `TINYINT`, 1 byte
    Tiny,
    /// `SMALLINT`, 2 bytes
    Small,
    /// `MEDIUMINT`, 3 bytes
    Medium,
    /// `INT`, 4 bytes
    Int,
    /// `BIGINT`, 8 bytes
    Big,
}

/// How much a `TEXT` or `BLOB` column takes, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobSize {
    /// 2⁸ − 1
    Tiny,
    /// 2¹⁶ − 1
    Usual,
    /// 2²⁴ − 1
    Medium,
    /// 2³² − 1
    Long,
}

/// The name of a character set, as a server knows it: lower-case letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Charset(String);

impl Charset {
    /// A name that is safe to write into a statement; `None` for others.
    pub fn new(name: &str) -> Option<Self> {
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!name.is_empty() && name.len() <= 64 && name.chars().all(safe))
            .then(|| Self(name.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ColumnType {
    /// The most digits of a `DECIMAL`.
    pub const DIGITS: u8 = 65;
    /// The most digits of a `DECIMAL` behind the point.
    pub const FRACTION_DIGITS: u8 = 30;
    /// `LONGTEXT`
    pub const LONG_TEXT: Self = Self::Text { size: BlobSize::Long, charset: None };
    /// The longest `VARCHAR` of four-byte characters: a row has at most 65,535 bytes, 2 of them for the length.
    pub const LONGEST_UTF8MB4: u16 = 16_383;

    /// A `DECIMAL` without `UNSIGNED`.
    pub fn decimal(precision: u8, scale: u8) -> Self {
        Self::Decimal { precision, scale, unsigned: false }
    }

    /// An integer without `UNSIGNED`.
    pub fn signed(size: IntegerSize) -> Self {
        Self::Integer { size, unsigned: false }
    }
}

impl IntegerSize {
    /// Every size, from the smallest.
    pub const ALL: &[Self] = &[Self::Tiny, Self::Small, Self::Medium, Self::Int, Self::Big];

    /// The number of bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::Tiny => 8,
            Self::Small => 16,
            Self::Medium => 24,
            Self::Int => 32,
            Self::Big => 64,
        }
    }

    /// The name in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tiny => "TINYINT",
            Self::Small => "SMALLINT",
            Self::Medium => "MEDIUMINT",
            Self::Int => "INT",
            Self::Big => "BIGINT",
        }
    }
}

impl BlobSize {
    /// Every size, from the smallest.
    pub const ALL: &[Self] = &[Self::Tiny, Self::Usual, Self::Medium, Self::Long];

    /// The most bytes.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Tiny => (1 << 8) - 1,
            Self::Usual => (1 << 16) - 1,
            Self::Medium => (1 << 24) - 1,
            Self::Long => (1 << 32) - 1,
        }
    }

    /// What stands before `TEXT` and `BLOB` in SQL.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Tiny => "TINY",
            Self::Usual => "",
            Self::Medium => "MEDIUM",
            Self::Long => "LONG",
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |unsigned: bool| if unsigned { " UNSIGNED" } else { "" };
        let set = |charset: &Option<Charset>| match charset {
            Some(charset) => format!(" CHARACTER SET {}", charset.as_str()),
            None => String::new(),
        };
        let precise = |f: &mut fmt::Formatter<'_>, name: &str, precision: u8| match precision {
            0 => f.write_str(name),
            _ => write!(f, "{name}({precision})"),
        };
        match self {
            Self::Boolean => f.write_str("TINYINT(1)"),
            Self::Integer { size, unsigned } => write!(f, "{}{}", size.as_str(), sign(*unsigned)),
            Self::Decimal { precision, scale, unsigned } => {
                write!(f, "DECIMAL({precision},{scale}){}", sign(*unsigned))
            }
            Self::Float => f.write_str("FLOAT"),
            Self::Double => f.write_str("DOUBLE"),
            Self::Bit(length) => write!(f, "BIT({length})"),
            Self::Date => f.write_str("DATE"),
            Self::Time(precision) => precise(f, "TIME", *precision),
            Self::DateTime(precision) => precise(f, "DATETIME", *precision),
            Self::Timestamp(precision) => precise(f, "TIMESTAMP", *precision),
            Self::Year => f.write_str("YEAR"),
            Self::Char { length, charset } => write!(f, "CHAR({length}){}", set(charset)),
            Self::VarChar { length, charset } => write!(f, "VARCHAR({length}){}", set(charset)),
            Self::Text { size, charset } => write!(f, "{}TEXT{}", size.prefix(), set(charset)),
            Self::Binary(length) => write!(f, "BINARY({length})"),
            Self::VarBinary(length) => write!(f, "VARBINARY({length})"),
            Self::Blob(size) => write!(f, "{}BLOB", size.prefix()),
            Self::Json => f.write_str("JSON"),
        }
    }
}
