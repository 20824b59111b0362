//! Reads a Flink type as Flink's own parser does: any case, every synonym, `ARRAY` also behind its element.

use std::str::FromStr;

use super::flink::{FlinkKind, FlinkType, RowField};
use super::text::{Problem, Token, Tokens, TypeError};

/// Deeper types would only exhaust the stack.
const DEEPEST: usize = 32;

/// Flink's types that no row of ours has.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("INTERVAL", "cannot be written to a column: use BIGINT and a unit"),
    ("MULTISET", "cannot be written to a column: use MAP<…, INT>"),
    ("RAW", "cannot be written to a column: use BYTES"),
    ("VARIANT", "cannot be written to a column: use STRING with the JSON text"),
    ("NULL", "is no type of a field: every type has NULL unless it says NOT NULL"),
    ("STRUCTURED", "cannot be written to a column: use ROW<…>"),
];

impl FromStr for FlinkType {
    type Err = TypeError;

    /// Reads `BIGINT NOT NULL`, `ROW<a INT, b ARRAY<STRING>>` and the like.
    ///
    /// # Errors
    /// What is wrong, and at which character.
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let mut tokens = Tokens::of(text);
        let parsed = flink_type(&mut tokens, 0)?;
        tokens.end()?;
        Ok(parsed)
    }
}

fn flink_type(tokens: &mut Tokens, depth: usize) -> Result<FlinkType, TypeError> {
    if depth > DEEPEST {
        return Err(tokens.problem(Problem::TooDeep { limit: DEEPEST }));
    }
    let mut parsed = FlinkType { kind: kind(tokens, depth)?, nullable: nullable(tokens) };
    let mut around = depth;
    while tokens.words(&["ARRAY"]) {
        around += 1;
        if around > DEEPEST {
            return Err(tokens.problem(Problem::TooDeep { limit: DEEPEST }));
        }
        parsed = FlinkType { kind: FlinkKind::Array(Box::new(parsed)), nullable: nullable(tokens) };
    }
    Ok(parsed)
}

fn nullable(tokens: &mut Tokens) -> bool {
    let never = tokens.words(&["NOT", "NULL"]);
    !never && {
        tokens.words(&["NULL"]);
        true
    }
}

fn kind(tokens: &mut Tokens, depth: usize) -> Result<FlinkKind, TypeError> {
    let at = tokens.at();
    let Some(Token::Word(word)) = tokens.peek().cloned() else { return Err(tokens.unexpected("a type")) };
    let name = word.to_ascii_uppercase();
    if let Some((name, because)) = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name) {
        return Err(tokens.problem(Problem::Unsupported { name, because }));
    }
    tokens.next();
    Ok(match name.as_str() {
        "CHAR" | "CHARACTER" if tokens.words(&["VARYING"]) => FlinkKind::VarChar(length(tokens)?),
        "CHAR" | "CHARACTER" => FlinkKind::Char(length(tokens)?),
        "VARCHAR" => FlinkKind::VarChar(length(tokens)?),
        "STRING" => FlinkKind::STRING,
        "BOOLEAN" => FlinkKind::Boolean,
        "BINARY" if tokens.words(&["VARYING"]) => FlinkKind::VarBinary(length(tokens)?),
        "BINARY" => FlinkKind::Binary(length(tokens)?),
        "VARBINARY" => FlinkKind::VarBinary(length(tokens)?),
        "BYTES" => FlinkKind::BYTES,
        "DECIMAL" | "DEC" | "NUMERIC" => decimal(tokens)?,
        "TINYINT" => FlinkKind::TinyInt,
        "SMALLINT" => FlinkKind::SmallInt,
        "INT" | "INTEGER" => FlinkKind::Int,
        "BIGINT" => FlinkKind::BigInt,
        "FLOAT" => FlinkKind::Float,
        "DOUBLE" => {
            tokens.words(&["PRECISION"]);
            FlinkKind::Double
        }
        "DATE" => FlinkKind::Date,
        "TIME" => {
            let precision = fraction(tokens, 0)?;
            tokens.words(&["WITHOUT", "TIME", "ZONE"]);
            FlinkKind::Time(precision)
        }
        "TIMESTAMP" => timestamp(tokens, at)?,
        "TIMESTAMP_LTZ" => FlinkKind::TimestampLtz(fraction(tokens, 6)?),
        "ARRAY" => {
            tokens.expect('<', "`<` and the type of the elements")?;
            let element = flink_type(tokens, depth + 1)?;
            tokens.expect('>', "`>`")?;
            FlinkKind::Array(Box::new(element))
        }
        "MAP" => {
            tokens.expect('<', "`<` and the types of keys and values")?;
            let key = flink_type(tokens, depth + 1)?;
            tokens.expect(',', "`,` and the type of the values")?;
            let value = flink_type(tokens, depth + 1)?;
            tokens.expect('>', "`>`")?;
            FlinkKind::Map(Box::new(key), Box::new(value))
        }
        "ROW" => FlinkKind::Row(fields(tokens, depth)?),
        _ => return Err(TypeError { at, problem: Problem::Unknown { name: word } }),
    })
}

fn length(tokens: &mut Tokens) -> Result<u32, TypeError> {
    if !tokens.sign('(') {
        return Ok(1);
    }
    let length = tokens.number("the length", 1, FlinkKind::LONGEST)?;
    tokens.expect(')', "`)`")?;
    Ok(length)
}

fn fraction(tokens: &mut Tokens, default: u8) -> Result<u8, TypeError> {
    if !tokens.sign('(') {
        return Ok(default);
    }
    let precision = tokens.small("the precision", 0, 9)?;
    tokens.expect(')', "`)`")?;
    Ok(precision)
}

fn decimal(tokens: &mut Tokens) -> Result<FlinkKind, TypeError> {
    if !tokens.sign('(') {
        return Ok(FlinkKind::Decimal { precision: 10, scale: 0 });
    }
    let precision = tokens.small("the precision", 1, u8::MAX)?;
    let scale = if tokens.sign(',') { tokens.small("the scale", 0, precision)? } else { 0 };
    tokens.expect(')', "`)`")?;
    Ok(FlinkKind::Decimal { precision, scale })
}

fn timestamp(tokens: &mut Tokens, at: usize) -> Result<FlinkKind, TypeError> {
    let precision = fraction(tokens, 6)?;
    if tokens.words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
        return Ok(FlinkKind::TimestampLtz(precision));
    }
    if tokens.words(&["WITH", "TIME", "ZONE"]) {
        let because = "keeps a zone that no column has: use TIMESTAMP_LTZ";
        return Err(TypeError {
            at,
            problem: Problem::Unsupported { name: "TIMESTAMP WITH TIME ZONE", because },
        });
    }
    tokens.words(&["WITHOUT", "TIME", "ZONE"]);
    Ok(FlinkKind::Timestamp(precision))
}

fn fields(tokens: &mut Tokens, depth: usize) -> Result<Vec<RowField>, TypeError> {
    let round = tokens.sign('(');
    if !round {
        tokens.expect('<', "`<` and the fields")?;
    }
    let mut fields: Vec<RowField> = Vec::new();
    loop {
        let at = tokens.at();
        let Some(Token::Word(name) | Token::Quoted(name)) = tokens.peek().cloned() else {
            return Err(tokens.unexpected("the name of a field"));
        };
        tokens.next();
        if fields.iter().any(|field| field.name == name) {
            return Err(TypeError { at, problem: Problem::Duplicate { name } });
        }
        fields.push(RowField { name, value: flink_type(tokens, depth + 1)? });
        // A comment on a field says nothing about its values.
        if let Some(Token::Literal(_)) = tokens.peek() {
            tokens.next();
        }
        if !tokens.sign(',') {
            break;
        }
    }
    tokens.expect(if round { ')' } else { '>' }, "`,` or the end of the row")?;
    Ok(fields)
}
