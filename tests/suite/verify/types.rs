//! The way of each type into each column of docs/verify-types.md and back, on a real server, value by value.

use reconcile::domain::suite::identifier::Identifier;
use reconcile::domain::suite::table::{Column, Table};
use reconcile::domain::suite::types::{ColumnType, FlinkType, RowField, Schema};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::property::{RoundTrip, ServerTrip};
use reconcile::verify::row::{Value, read_text};
use reconcile::verify::types::Codec;

use crate::support::mysql::Database;

/// A type, its column, the values that come back, and those that are refused, with a part of the reason.
type Line = (&'static str, &'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const LINES: &[Line] = &[
    ("TINYINT", "TINYINT", &["-128", "127"], &[]),
    ("SMALLINT", "SMALLINT", &["-32768", "32767"], &[]),
    ("INT", "INT", &["-2147483648", "2147483647"], &[]),
    ("INT", "SMALLINT", &["32767"], &[("32768", "out of the column's range")]),
    ("BIGINT", "BIGINT", &["-9223372036854775808", "9223372036854775807"], &[]),
    (
        "DECIMAL(20, 0)",
        "BIGINT UNSIGNED",
        &["0", "18446744073709551615"],
        &[("-1", "range"), ("18446744073709551616", "range")],
    ),
    ("DECIMAL(38, 18)", "DECIMAL(38,18)", &["-99999999999999999999.999999999999999999"], &[]),
    ("DECIMAL(65, 30)", "DECIMAL(65,30)", &["0.000000000000000000000000000001"], &[]),
    ("DECIMAL(10, 4)", "DECIMAL(10,2)", &["1.2300"], &[("1.2350", "does not keep")]),
    ("DECIMAL(10, 2)", "DECIMAL(4,2)", &["99.99"], &[("100.00", "range")]),
    ("FLOAT", "FLOAT", &["16777216", "0.1", "3.4028235e38", "1e-45"], &[("NaN", "no NaN")]),
    ("FLOAT", "DOUBLE", &["16777216", "0.1", "3.4028235e38", "1e-45"], &[("Infinity", "no NaN")]),
    (
        "DOUBLE",
        "DOUBLE",
        &["0.1", "1.7976931348623157e308", "5e-324", "16777217"],
        &[("NaN", "no NaN"), ("-Infinity", "no NaN")],
    ),
    ("DOUBLE", "FLOAT", &["0.5"], &[("0.1", "does not keep"), ("16777217", "does not keep")]),
    ("BOOLEAN", "TINYINT(1)", &["true", "false"], &[]),
    ("BOOLEAN", "BIT(1)", &["true", "false"], &[]),
    ("DATE", "DATE", &["0001-01-01", "2024-02-29", "9999-12-31"], &[]),
    ("TIME(3)", "TIME(3)", &["23:59:59.987"], &[]),
    ("TIME(3)", "TIME", &["23:59:59"], &[("23:59:59.987", "does not keep")]),
    (
        "TIMESTAMP(6)",
        "DATETIME(6)",
        &["0001-01-01 00:00:00", "2024-03-31 02:30:00.123456", "9999-12-31 23:59:59.999999"],
        &[],
    ),
    ("TIMESTAMP(6)", "DATETIME", &["2024-03-31 02:30:05"], &[("2024-03-31 02:30:05.678", "does not keep")]),
    (
        "TIMESTAMP(6)",
        "TIMESTAMP(6)",
        &["1970-01-01 00:00:01", "2024-03-31 02:30:00.123456", "2038-01-19 03:14:07.999999"],
        &[("1970-01-01 00:00:00", "range"), ("2038-01-19 03:14:08", "range")],
    ),
    ("TIMESTAMP_LTZ(6)", "DATETIME(6)", &["2024-02-29T23:59:59.999999+14:00"], &[]),
    ("TIMESTAMP_LTZ(6)", "TIMESTAMP(6)", &["2024-10-27T01:30:00Z"], &[]),
    ("CHAR(5)", "CHAR(5)", &["ab", "", "abcde"], &[]),
    ("CHAR(5)", "VARCHAR(5)", &["ab", ""], &[]),
    ("VARCHAR(5)", "CHAR(5)", &["ab", " a"], &[("ab ", "ends with a blank")]),
    ("STRING", "VARCHAR(3)", &["日😀z", "a  "], &[("abcd", "the column takes 3")]),
    ("STRING", "TEXT", &["a\0b'\\\"\n\u{1a}", "a "], &[]),
    ("STRING", "VARCHAR(9) CHARACTER SET utf8mb3", &["日本"], &[("😀", "has no '😀'")]),
    ("STRING", "VARCHAR(9) CHARACTER SET latin1", &["größe"], &[("日", "has no '日'")]),
    (
        "STRING",
        "JSON",
        &["{\"b\": [1, 2.50], \"a\": null}", "\"x\"", "18446744073709551615"],
        &[("{", "it is none"), ("", "it is none")],
    ),
    ("BYTES", "VARBINARY(4)", &["AP8gAA=="], &[("AAAAAAA=", "the column takes 4")]),
    ("BYTES", "BLOB", &["AP8gAA==", ""], &[]),
    ("BINARY(4)", "BINARY(4)", &["AP8gAA=="], &[]),
    ("VARBINARY(4)", "BINARY(4)", &["AP8gAA=="], &[("AA==", "use VARBINARY")]),
    ("ARRAY<DECIMAL(38, 10)>", "JSON", &["[\"12345678901234567890.0123456789\", null]"], &[]),
    ("MAP<STRING NOT NULL, INT>", "JSON", &["{\"ä\": 1, \"\": null}"], &[]),
    ("MAP<INT NOT NULL, BYTES>", "JSON", &["[[1, \"AP8=\"], [2, null]]"], &[]),
    ("ROW<b INT, a ROW<z STRING>>", "JSON", &["{\"b\": 1, \"a\": {\"z\": \"😀\"}}"], &[]),
];

fn schema(kind: &FlinkType) -> Schema {
    let fields = [("id", "BIGINT NOT NULL".parse().unwrap()), ("v", kind.clone())];
    let fields = fields.map(|(name, value)| RowField { name: name.into(), value });
    Schema::new(fields.into(), &["id".to_owned()]).unwrap()
}

fn table(kind: &ColumnType) -> Table {
    let columns = [("id", "BIGINT".parse().unwrap()), ("v", kind.clone())];
    let column = |(name, kind)| Column { name: Identifier::new(name).unwrap(), kind, nullable: name == "v" };
    Table {
        name: Identifier::new("line").unwrap(),
        create: true,
        columns: columns.map(column).into(),
        constraints: Vec::new(),
        indexes: Vec::new(),
    }
}

#[tokio::test]
async fn every_line_of_the_type_mapping_comes_back_or_is_refused_with_its_reason() {
    let client = Client::new(Database::new().await.mysql).unwrap();
    let mut trip = ServerTrip::connect(&client).await.unwrap();
    let mut findings = Vec::new();
    for (kind, column, same, refused) in LINES {
        let (kind, column): (FlinkType, ColumnType) = (kind.parse().unwrap(), column.parse().unwrap());
        let line = format!("{kind} → {column}");
        let codec = Codec::new(&kind, &column).unwrap();
        trip.open(&table(&column), &schema(&kind)).await.unwrap_or_else(|error| panic!("{line}: {error}"));
        let read = |text: &str| {
            read_text(&kind.kind, text).unwrap_or_else(|error| panic!("{line}: {text}: {error}"))
        };
        for text in *same {
            let value = read(text);
            let back = match trip.write(&[vec![Value::Integer(1), value.clone()].into()]).await {
                Ok(()) => trip.read().await.map(|rows| rows[0].get(1).cloned().unwrap()),
                Err(error) => Err(error),
            };
            if back.as_ref() != Ok(codec.comparable(&value).as_ref()) {
                findings.push(format!("{line}: {text} became {back:?}"));
            }
        }
        for (text, because) in *refused {
            let written = trip.write(&[vec![Value::Integer(1), read(text)].into()]).await;
            if !written.as_ref().is_err_and(|error| error.contains(because)) {
                findings.push(format!("{line}: {text} was not refused as it should be: {written:?}"));
            }
        }
        trip.write(&[vec![Value::Integer(1), Value::Null].into()]).await.unwrap();
        if trip.read().await.unwrap()[0].get(1) != Some(&Value::Null) {
            findings.push(format!("{line}: NULL did not stay NULL"));
        }
    }
    trip.close().await.unwrap();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
