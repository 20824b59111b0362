//! Reads a column type as servers print it and people write it: any case, synonyms, display widths of old servers.

use std::str::FromStr;

use super::column::{BlobSize, Charset, ColumnType, IntegerSize};
use super::text::{Problem, Token, Tokens, TypeError};

/// Types of the servers that no row of ours is compared with.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ENUM", "is not supported: declare the column as VARCHAR"),
    ("SET", "is not supported: declare the column as VARCHAR"),
    ("GEOMETRY", "is not supported: write the text of the shape into a VARCHAR"),
    ("POINT", "is not supported: write the text of the shape into a VARCHAR"),
    ("VECTOR", "is not supported: write the numbers as JSON"),
    ("UUID", "is not supported: declare the column as CHAR(36)"),
];

impl FromStr for ColumnType {
    type Err = TypeError;

    /// Reads `bigint(20) unsigned`, `VARCHAR(40) CHARACTER SET utf8mb4` and the like.
    ///
    /// # Errors
    /// What is wrong, and at which character.
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let mut tokens = Tokens::of(text);
        let parsed = column_type(&mut tokens)?;
        tokens.end()?;
        Ok(parsed)
    }
}

fn column_type(tokens: &mut Tokens) -> Result<ColumnType, TypeError> {
    let at = tokens.at();
    let Some(Token::Word(word)) = tokens.peek().cloned() else {
        return Err(tokens.unexpected("a column type"));
    };
    let name = word.to_ascii_uppercase();
    if let Some((name, because)) = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name) {
        return Err(tokens.problem(Problem::Unsupported { name, because }));
    }
    tokens.next();
    if let Some(size) = IntegerSize::ALL.iter().find(|size| size.as_str() == name) {
        return integer(tokens, *size);
    }
    if let Some(prefix) = name.strip_suffix("TEXT")
        && let Some(size) = BlobSize::ALL.iter().find(|size| size.prefix() == prefix)
    {
        return Ok(ColumnType::Text { size: *size, charset: charset(tokens)? });
    }
    if let Some(prefix) = name.strip_suffix("BLOB")
        && let Some(size) = BlobSize::ALL.iter().find(|size| size.prefix() == prefix)
    {
        return Ok(ColumnType::Blob(*size));
    }
    Ok(match name.as_str() {
        "BOOLEAN" | "BOOL" => ColumnType::Boolean,
        "INTEGER" => integer(tokens, IntegerSize::Int)?,
        "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => decimal(tokens)?,
        "FLOAT" => ColumnType::Float,
        "DOUBLE" => {
            tokens.words(&["PRECISION"]);
            ColumnType::Double
        }
        "BIT" => ColumnType::Bit(optional(tokens, "the length", 1, 1, 64)?),
        "DATE" => ColumnType::Date,
        "TIME" => ColumnType::Time(optional(tokens, "the precision", 0, 0, 6)?),
        "DATETIME" => ColumnType::DateTime(optional(tokens, "the precision", 0, 0, 6)?),
        "TIMESTAMP" => ColumnType::Timestamp(optional(tokens, "the precision", 0, 0, 6)?),
        "YEAR" => {
            optional(tokens, "the width", 4, 4, 4)?;
            ColumnType::Year
        }
        "CHAR" => ColumnType::Char {
            length: optional(tokens, "the length", 1, 0, u8::MAX)?,
            charset: charset(tokens)?,
        },
        "VARCHAR" => ColumnType::VarChar { length: length(tokens)?, charset: charset(tokens)? },
        "BINARY" => ColumnType::Binary(optional(tokens, "the length", 1, 0, u8::MAX)?),
        "VARBINARY" => ColumnType::VarBinary(length(tokens)?),
        "JSON" => ColumnType::Json,
        _ => return Err(TypeError { at, problem: Problem::Unknown { name: word } }),
    })
}

/// A display width is what old servers print; it says nothing, except that `TINYINT(1)` is a truth value.
fn integer(tokens: &mut Tokens, size: IntegerSize) -> Result<ColumnType, TypeError> {
    let width = if tokens.sign('(') {
        let width = tokens.small("the width", 1, u8::MAX)?;
        tokens.expect(')', "`)`")?;
        Some(width)
    } else {
        None
    };
    let unsigned = tokens.words(&["UNSIGNED"]);
    let truth = (size, width, unsigned) == (IntegerSize::Tiny, Some(1), false);
    Ok(if truth { ColumnType::Boolean } else { ColumnType::Integer { size, unsigned } })
}

fn decimal(tokens: &mut Tokens) -> Result<ColumnType, TypeError> {
    let (mut precision, mut scale) = (10, 0);
    if tokens.sign('(') {
        precision = tokens.small("the precision", 1, ColumnType::DIGITS)?;
        if tokens.sign(',') {
            scale = tokens.small("the scale", 0, precision.min(ColumnType::FRACTION_DIGITS))?;
        }
        tokens.expect(')', "`)`")?;
    }
    Ok(ColumnType::Decimal { precision, scale, unsigned: tokens.words(&["UNSIGNED"]) })
}

fn optional(tokens: &mut Tokens, what: &'static str, default: u8, min: u8, max: u8) -> Result<u8, TypeError> {
    if !tokens.sign('(') {
        return Ok(default);
    }
    let number = tokens.small(what, min, max)?;
    tokens.expect(')', "`)`")?;
    Ok(number)
}

fn length(tokens: &mut Tokens) -> Result<u16, TypeError> {
    tokens.expect('(', "`(` and the length")?;
    let length = tokens.number("the length", 0, u16::MAX.into())?;
    tokens.expect(')', "`)`")?;
    Ok(u16::try_from(length).unwrap_or(u16::MAX))
}

fn charset(tokens: &mut Tokens) -> Result<Option<Charset>, TypeError> {
    if !tokens.words(&["CHARACTER", "SET"]) && !tokens.words(&["CHARSET"]) {
        return Ok(None);
    }
    match tokens.peek() {
        Some(Token::Word(name)) if let Some(charset) = Charset::new(name) => {
            tokens.next();
            Ok(Some(charset))
        }
        _ => Err(tokens.unexpected("the name of a character set")),
    }
}
