//! The way to a column and back, through a server that is written down here from the documentation: it pads, cuts, rounds
//! and saturates without a word, as servers do outside of strict mode. What is encoded must come back whole all the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::domain::suite::types::{ColumnType, FlinkKind, FlinkType, RowField, Schema};
use crate::verify::generate::strategy;
use crate::verify::row::{Decimal, Value};

fn bytes(text: impl Into<Vec<u8>>) -> Cell<'static> {
    Cell::Bytes(Cow::Owned(text.into()))
}

fn fraction(nanoseconds: i32, digits: u8) -> String {
    match digits {
        0 => String::new(),
        _ => format!(".{:.*}", digits.into(), format!("{:09}", nanoseconds.abs())),
    }
}

/// What the text protocol returns for a cell that was written to a column.
fn text_answer(column: &ColumnType, cell: &Cell<'_>) -> Cell<'static> {
    match (cell, column) {
        (Cell::Null, _) => Cell::Null,
        (Cell::Integer(_) | Cell::Unsigned(_), ColumnType::Decimal { .. }) => {
            let digits = match cell {
                Cell::Integer(number) => number.to_string(),
                Cell::Unsigned(number) => number.to_string(),
                _ => unreachable!(),
            };
            text_answer(column, &Cell::Text(digits.into()))
        }
        (Cell::Integer(number), ColumnType::Bit(bits)) => {
            let keep = usize::from(bits.div_ceil(8));
            bytes(&number.to_be_bytes()[8 - keep..])
        }
        (Cell::Unsigned(number), ColumnType::Bit(_)) => bytes(number.to_be_bytes()),
        (Cell::Integer(number), ColumnType::Boolean) => bytes((*number).clamp(-128, 127).to_string()),
        (Cell::Integer(number), ColumnType::Integer { size, unsigned }) => {
            let number = i128::from(*number);
            let half = 1_i128 << (size.bits() - 1);
            let kept = if *unsigned { number.clamp(0, 2 * half - 1) } else { number.clamp(-half, half - 1) };
            bytes(kept.to_string())
        }
        (Cell::Integer(number), _) => bytes(number.to_string()),
        (Cell::Unsigned(number), _) => bytes(number.to_string()),
        (Cell::Double(number), ColumnType::Float) => {
            #[expect(clippy::cast_possible_truncation, reason = "a FLOAT column does so")]
            let kept = f64::from(*number as f32);
            bytes(format!("{kept:e}"))
        }
        (Cell::Double(number), _) => bytes(number.to_string()),
        (Cell::Date(date), _) => bytes(date.to_string()),
        (Cell::DateTime(civil), ColumnType::DateTime(digits) | ColumnType::Timestamp(digits)) => {
            let (date, time) = (civil.date(), civil.time());
            let second = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
            bytes(format!("{date} {second}{}", fraction(time.subsec_nanosecond(), *digits)))
        }
        (Cell::Time(since), ColumnType::Time(digits)) => {
            let seconds = since.as_secs();
            let whole = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            bytes(format!("{whole}{}", fraction(since.subsec_nanos(), *digits)))
        }
        (Cell::Text(text), ColumnType::Decimal { scale, .. }) => {
            let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
            let behind: String = behind.chars().chain(std::iter::repeat('0')).take((*scale).into()).collect();
            bytes(if behind.is_empty() { whole.to_owned() } else { format!("{whole}.{behind}") })
        }
        (Cell::Text(text), ColumnType::Char { length, charset }) => {
            let kept: String = in_charset(text, charset.as_ref()).chars().take((*length).into()).collect();
            bytes(kept.trim_end_matches(' '))
        }
        (Cell::Text(text), ColumnType::VarChar { length, charset }) => {
            let kept: String = in_charset(text, charset.as_ref()).chars().take((*length).into()).collect();
            bytes(kept)
        }
        (Cell::Text(text), ColumnType::Text { size, charset }) => {
            let mut kept = in_charset(text, charset.as_ref()).into_bytes();
            kept.truncate(usize::try_from(size.bytes()).unwrap());
            bytes(kept)
        }
        (Cell::Text(text), ColumnType::Json) => bytes(restructured(serde_json::from_str(text).unwrap())),
        (Cell::Bytes(written), ColumnType::Binary(length)) => {
            let mut kept = written.to_vec();
            kept.resize((*length).into(), 0);
            bytes(kept)
        }
        (Cell::Bytes(written), ColumnType::VarBinary(length)) => {
            bytes(written.iter().copied().take((*length).into()).collect::<Vec<_>>())
        }
        (Cell::Bytes(written), ColumnType::Blob(_)) => bytes(written.to_vec()),
        (cell, column) => panic!("{cell:?} for a column {column}"),
    }
}

/// What the binary protocol returns: numbers and times as such.
fn binary_answer(column: &ColumnType, cell: &Cell<'_>) -> Cell<'static> {
    let Cell::Bytes(text) = text_answer(column, cell) else { return Cell::Null };
    let number = || String::from_utf8(text.to_vec()).unwrap();
    match (cell, column) {
        (_, ColumnType::Boolean | ColumnType::Integer { unsigned: false, .. }) => {
            Cell::Integer(number().parse().unwrap())
        }
        (_, ColumnType::Integer { unsigned: true, .. } | ColumnType::Year) => {
            Cell::Unsigned(number().parse().unwrap())
        }
        (_, ColumnType::Float) => Cell::Float(number().parse().unwrap()),
        (_, ColumnType::Double) => Cell::Double(number().parse().unwrap()),
        (Cell::Date(date), _) => Cell::Date(*date),
        (Cell::DateTime(_), _) => Cell::DateTime(number().replace(' ', "T").parse().unwrap()),
        (Cell::Time(_), _) => {
            let time: jiff::civil::Time = number().parse().unwrap();
            Cell::Time(jiff::civil::Time::midnight().duration_until(time))
        }
        _ => Cell::Bytes(text),
    }
}

fn in_charset(text: &str, charset: Option<&crate::domain::suite::types::Charset>) -> String {
    let highest = match charset.map(crate::domain::suite::types::Charset::as_str) {
        Some("latin1") => '\u{ff}',
        Some("utf8mb3") => '\u{ffff}',
        Some("ascii") => '\u{7f}',
        _ => char::MAX,
    };
    text.chars().map(|c| if c > highest { '?' } else { c }).collect()
}

/// JSON as MySQL gives it back: members in another order, blanks, numbers through a float.
fn restructured(raw: &RawValue) -> String {
    let text = raw.get();
    match text.as_bytes()[0] {
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            let items: Vec<String> = items.into_iter().map(restructured).collect();
            format!("[{}]", items.join(", "))
        }
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap();
            let members: Vec<String> = members
                .into_iter()
                .rev()
                .map(|(name, member)| {
                    format!("{}: {}", serde_json::to_string(&name).unwrap(), restructured(member))
                })
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        b'-' | b'0'..=b'9' if text.parse::<i64>().is_err() => format!("{:?}", text.parse::<f64>().unwrap()),
        _ => text.to_owned(),
    }
}

/// Whether a value comes back as what it is compared as, by both protocols; or why it was not sent.
fn there_and_back(codec: &Codec, value: &Value) -> Result<(), TestCaseError> {
    let cell = match codec.encode(value) {
        Ok(cell) => cell,
        Err(refused) => {
            let lossy = codec.fidelity() == Fidelity::Checked;
            prop_assert!(lossy, "an exact {} refused {value:?}: {refused}", codec.column());
            return Ok(());
        }
    };
    let wanted = codec.comparable(value);
    for answer in [text_answer(codec.column(), &cell), binary_answer(codec.column(), &cell)] {
        let back = codec.decode(&answer);
        prop_assert_eq!(back.as_ref(), Ok(wanted.as_ref()), "{:?} by {:?}", value, answer);
        prop_assert_eq!(back.unwrap().canonical(), wanted.canonical());
    }
    Ok(())
}

fn column() -> impl Strategy<Value = ColumnType> {
    let written = [
        "TINYINT(1)",
        "TINYINT",
        "TINYINT UNSIGNED",
        "SMALLINT",
        "MEDIUMINT",
        "MEDIUMINT UNSIGNED",
        "INT",
        "INT UNSIGNED",
        "BIGINT",
        "BIGINT UNSIGNED",
        "BIT(1)",
        "BIT(12)",
        "BIT(64)",
        "YEAR",
        "DECIMAL(5,2)",
        "DECIMAL(20,0)",
        "DECIMAL(38,10) UNSIGNED",
        "DECIMAL(65,30)",
        "FLOAT",
        "DOUBLE",
        "DATE",
        "TIME",
        "TIME(3)",
        "DATETIME",
        "DATETIME(3)",
        "DATETIME(6)",
        "TIMESTAMP(6)",
        "CHAR(4)",
        "CHAR(255)",
        "VARCHAR(4)",
        "VARCHAR(300)",
        "VARCHAR(300) CHARACTER SET latin1",
        "TINYTEXT",
        "TEXT CHARACTER SET utf8mb3",
        "LONGTEXT",
        "LONGTEXT CHARACTER SET ascii",
        "BINARY(4)",
        "VARBINARY(4)",
        "VARBINARY(300)",
        "TINYBLOB",
        "LONGBLOB",
        "JSON",
    ];
    prop::sample::select(written.to_vec()).prop_map(|text| text.parse().unwrap())
}

/// A type that has a little more than a column holds.
fn wider(column: &ColumnType) -> FlinkKind {
    match column {
        ColumnType::Boolean | ColumnType::Integer { .. } | ColumnType::Bit(_) | ColumnType::Year => {
            FlinkKind::BigInt
        }
        ColumnType::Decimal { precision, scale, .. } => {
            FlinkKind::Decimal { precision: precision + 3, scale: scale + 1 }
        }
        ColumnType::Float => FlinkKind::Double,
        ColumnType::Time(_) => FlinkKind::Time(9),
        ColumnType::DateTime(_) => FlinkKind::Timestamp(9),
        ColumnType::Timestamp(_) => FlinkKind::TimestampLtz(9),
        ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob(_) => FlinkKind::BYTES,
        ColumnType::Char { .. } | ColumnType::VarChar { .. } | ColumnType::Text { .. } => FlinkKind::STRING,
        ColumnType::Double | ColumnType::Date | ColumnType::Json => flink_for(column),
    }
}

/// A type and a value that a column may hold: most pairs of any type and any column have nothing to do with each other.
fn pair() -> impl Strategy<Value = (FlinkType, ColumnType, Value)> {
    let near = (column(), any::<bool>()).prop_map(|(column, same)| {
        let kind = if same { flink_for(&column) } else { wider(&column) };
        (kind.nullable(), column)
    });
    let any = (strategy::flink_type(), column());
    let pairs = prop_oneof![3 => near, 1 => any]
        .prop_filter("a way", |(declared, column)| Codec::new(declared, column).is_ok());
    pairs.prop_flat_map(|(declared, column)| {
        let value = strategy::value(&declared);
        (Just(declared), Just(column), value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn every_row_comes_back_from_the_columns_that_we_choose((schema, row) in strategy::schema_and_row(6)) {
        let columns = map_schema(&schema, &[]).map_err(|refusals| TestCaseError::fail(format!("{refusals:?}")))?;
        for (column, value) in columns.iter().zip(row.values()) {
            there_and_back(column.codec(), value)?;
        }
    }

    #[test]
    fn what_a_declared_column_would_change_is_refused((declared, column, value) in pair()) {
        there_and_back(&Codec::new(&declared, &column).unwrap(), &value)?;
    }

    #[test]
    fn a_column_is_mapped_back_to_a_type_that_it_holds(column in column()) {
        prop_assert!(fidelity(&flink_for(&column), &column).is_ok(), "{column}");
    }
}

fn refusal(declared: &str, column: Option<&str>, in_key: bool) -> String {
    let field = RowField { name: "f".into(), value: declared.parse().unwrap() };
    let column = column.map(|text| text.parse().unwrap());
    MappedColumn::new(&field, in_key, column.as_ref()).unwrap_err().to_string()
}

#[test]
fn a_refused_type_names_field_type_and_remedy() {
    for (declared, column, in_key, said) in [
        (
            "DECIMAL(66,0)",
            None,
            false,
            "field `f` has type DECIMAL(66, 0): MySQL's DECIMAL has at most 65 digits: declare at most 65, or STRING",
        ),
        (
            "DECIMAL(38,31)",
            None,
            false,
            "field `f` has type DECIMAL(38, 31): MySQL's DECIMAL has at most 30 digits behind the point: declare at most 30, or STRING",
        ),
        (
            "TIME(7)",
            None,
            false,
            "declare TIME(6), or declare the column TIME(6), which refuses the rows that have more",
        ),
        (
            "TIMESTAMP(9)",
            None,
            false,
            "declare TIMESTAMP(6), or declare the column DATETIME(6), which refuses the rows that have more",
        ),
        ("TIMESTAMP_LTZ(7)", None, false, "declare TIMESTAMP_LTZ(6), or declare the column DATETIME(6)"),
        (
            "STRING NOT NULL",
            None,
            true,
            "an index takes at most 768 characters: declare VARCHAR(768) or shorter",
        ),
        (
            "BYTES NOT NULL",
            None,
            true,
            "an index takes at most 3072 bytes: declare VARBINARY(3072) or shorter",
        ),
        (
            "BIGINT",
            Some("VARCHAR(20)"),
            false,
            "a column VARCHAR(20) cannot hold it: declare the column BIGINT",
        ),
        ("ARRAY<INT>", Some("INT"), false, "a column INT cannot hold it: declare the column JSON"),
    ] {
        let refusal = refusal(declared, column, in_key);
        assert!(refusal.contains(said), "{refusal}");
    }
    let deep = format!("{}INT{}", "ARRAY<".repeat(31), ">".repeat(31));
    assert!(refusal(&deep, None, false).contains("servers read JSON of at most 30 levels: flatten it"));
    let schema = [("a", "TIME(9)"), ("b", "INT"), ("c", "TIME(8)")]
        .map(|(name, text)| RowField { name: name.into(), value: text.parse().unwrap() });
    assert_eq!(
        map_schema(&Schema::new(schema.into(), &[]).unwrap(), &[]).unwrap_err().len(),
        2,
        "one was hidden"
    );
}

#[test]
fn a_refused_value_names_field_type_column_and_reason() {
    let refused = |declared: &str, column: &str, value: Value| {
        let field = RowField { name: "f".into(), value: declared.parse().unwrap() };
        let column = MappedColumn::new(&field, false, Some(&column.parse().unwrap())).unwrap();
        column.encode(&value).map(|_| ()).unwrap_err().to_string()
    };
    let decimal = |text: &str| Value::Decimal(Decimal::parse(text).unwrap());
    for (declared, column, value, because) in [
        (
            "DOUBLE",
            "DOUBLE",
            Value::Double(f64::NAN),
            "MySQL has no NaN and no Infinity: make it NULL before it is written",
        ),
        ("FLOAT", "DOUBLE", Value::Float(f32::NEG_INFINITY), "no NaN and no Infinity"),
        (
            "DECIMAL(20,0)",
            "BIGINT UNSIGNED",
            decimal("18446744073709551616"),
            "it is out of the column's range",
        ),
        ("DECIMAL(20,0)", "BIGINT UNSIGNED", decimal("-1"), "it is out of the column's range"),
        ("DECIMAL(5,4)", "DECIMAL(5,2)", decimal("1.2350"), "it has digits that the column does not keep"),
        (
            "VARCHAR(9)",
            "CHAR(9)",
            Value::text("a "),
            "it ends with a blank, which a CHAR column drops: use VARCHAR",
        ),
        ("STRING", "VARCHAR(3)", Value::text("äöüß"), "it has 4 characters, and the column takes 3"),
        ("STRING", "TINYTEXT", Value::text("ä".repeat(128)), "it has 256 bytes, and the column takes 255"),
        (
            "STRING",
            "TEXT CHARACTER SET utf8mb3",
            Value::text("a😀"),
            "the column's character set utf8mb3 has no '😀': use utf8mb4",
        ),
        ("STRING", "JSON", Value::text("{a:1}"), "the column takes JSON, and it is none"),
        (
            "VARBINARY(3)",
            "BINARY(3)",
            Value::Bytes(Box::new([1])),
            "it has 1 bytes, and the column fills it up to 3",
        ),
        (
            "TIMESTAMP(9)",
            "DATETIME(6)",
            Value::Timestamp(jiff::civil::datetime(2024, 1, 1, 0, 0, 0, 1)),
            "it has digits",
        ),
        (
            "TIMESTAMP(6)",
            "TIMESTAMP(6)",
            Value::Timestamp(jiff::civil::datetime(2038, 1, 19, 3, 14, 8, 0)),
            "out of the column's range",
        ),
        ("INT NOT NULL", "INT", Value::Null, "it is NULL, and the field says NOT NULL"),
        ("INT", "INT", Value::text("1"), "it is no value of the field's type"),
    ] {
        let said = refused(declared, column, value);
        assert!(said.contains(because), "{said}");
        assert!(
            said.starts_with(&format!(
                "field `f` of type {} does not fit into column {column}",
                declared.parse::<FlinkType>().unwrap()
            )),
            "{said}"
        );
    }
}

#[test]
fn the_largest_unsigned_number_and_the_decimals_extremes_come_back() {
    for (declared, column, text) in [
        ("DECIMAL(20,0)", "BIGINT UNSIGNED", "18446744073709551615"),
        ("DECIMAL(20,0)", "BIT(64)", "18446744073709551615"),
        (
            "DECIMAL(65,30)",
            "DECIMAL(65,30)",
            "-99999999999999999999999999999999999.999999999999999999999999999999",
        ),
        ("DECIMAL(65,30)", "DECIMAL(65,30)", "0.000000000000000000000000000001"),
    ] {
        let codec = Codec::new(&declared.parse().unwrap(), &column.parse().unwrap()).unwrap();
        let value = Value::Decimal(Decimal::parse(text).unwrap());
        there_and_back(&codec, &value).unwrap();
        assert!(codec.encode(&value).is_ok());
    }
}

#[test]
fn what_somebody_else_wrote_is_shown_and_not_made_to_fit() {
    let decode = |declared: &str, column: &str, text: &str| {
        Codec::new(&declared.parse().unwrap(), &column.parse().unwrap()).unwrap().decode(&bytes(text))
    };
    assert_eq!(decode("TIME(0)", "TIME", "-838:59:59").unwrap().canonical(), "-838:59:59");
    assert_eq!(decode("DECIMAL(5,2)", "DECIMAL(9,4)", "1.2345").unwrap().canonical(), "1.2345");
    for (declared, column, text, because) in [
        ("BOOLEAN", "TINYINT(1)", "2", "is no truth value"),
        ("DATE", "DATE", "0000-00-00", "is no date"),
        ("TIMESTAMP(0)", "DATETIME", "0000-00-00 00:00:00", "is no civil time"),
        ("FLOAT", "FLOAT", "0.1", "is no 32-bit number"),
        ("ROW<a INT NOT NULL>", "JSON", r#"{"b":1}"#, "does not fit the type: at b: it is not declared"),
    ] {
        let said = decode(declared, column, text).unwrap_err().to_string();
        assert!(said.contains(because), "{said}");
    }
    let float = Codec::new(&"FLOAT".parse().unwrap(), &ColumnType::Float).unwrap();
    assert_eq!(float.projection("`f`"), "`f` + 0E0");
}

#[test]
fn a_literal_says_what_the_parameter_says() {
    let literal = |cell: Cell<'_>| {
        let mut text = String::new();
        cell.write_literal(&mut text);
        text
    };
    assert_eq!(literal(Cell::Null), "NULL");
    assert_eq!(literal(Cell::Text("it's \\ \0\n\u{1a}%".into())), "'it''s \\\\ \\0\n\u{1a}%'");
    assert_eq!(literal(Cell::Bytes(Cow::Borrowed(b"\x00'\xff"))), "x'0027ff'");
    assert_eq!(literal(Cell::Double(f64::MAX)), "1.7976931348623157e308");
    assert_eq!(
        literal(Cell::DateTime(jiff::civil::datetime(1, 2, 3, 4, 5, 6, 7_000))),
        "'0001-02-03 04:05:06.000007'"
    );
    assert_eq!(literal(Cell::Time(jiff::SignedDuration::new(-3723, -500_000_000))), "'-01:02:03.5'");
}

#[test]
fn text_in_a_json_column_is_compared_by_structure_and_numbers_by_value() {
    let codec = Codec::new(&FlinkKind::STRING.nullable(), &ColumnType::Json).unwrap();
    let same =
        |one: &str, two: &str| codec.comparable(&Value::text(one)) == codec.comparable(&Value::text(two));
    assert!(same(r#"{"a": 1.0, "b":[1e2]}"#, r#"{"b":[100],"a":1}"#));
    assert!(same(r#""\u00e9""#, r#""é""#));
    assert!(!same("0.12345678901234567890123", "0.12345678901234568"), "digits were lost and nobody noticed");
    assert!(!same("[1,2]", "[2,1]"));
    assert!(!same("1", "\"1\""));
}
