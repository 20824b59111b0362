//! The mapping as the page that people read: docs/verify-types.md is made from it.

use super::{column_for, flink_for};
use crate::domain::suite::types::{ColumnType, FlinkType};

/// Flink types of every kind, with what is to be known of the way to a column and back.
const FORTH: &[(&str, &str)] = &[
    ("TINYINT", "exact"),
    ("SMALLINT", "exact"),
    ("INT", "exact"),
    ("BIGINT", "exact"),
    (
        "DECIMAL(20,0)",
        "exact; into a declared `BIGINT UNSIGNED` each value is checked against 0 to 18446744073709551615",
    ),
    (
        "DECIMAL(65,30)",
        "exact; fewer digits in a declared column: a value that needs more is refused, never rounded",
    ),
    ("DECIMAL(66,0)", ""),
    ("DECIMAL(38,31)", ""),
    (
        "FLOAT",
        "exact: every 32-bit value is a 64-bit one; a declared `FLOAT` column is read as `column + 0E0`. NaN and ±Infinity are refused",
    ),
    ("DOUBLE", "exact; one zero, because SQL knows no sign of it. NaN and ±Infinity are refused"),
    ("BOOLEAN", "0 and 1; also into `BIT(1)`"),
    ("DATE", "exact, the years 1 to 9999"),
    ("TIME(3)", "exact, with its fraction"),
    ("TIME(9)", ""),
    (
        "TIMESTAMP(6)",
        "exact, a civil time on both sides: no zone is ever applied; a declared `TIMESTAMP(6)` column is checked against 1970 to 2038",
    ),
    ("TIMESTAMP(9)", ""),
    ("TIMESTAMP_LTZ(6)", "exact: the moment as the civil time in UTC"),
    ("TIMESTAMP_LTZ(9)", ""),
    ("CHAR(10)", "exact: the column drops the blanks that fill the value up, reading puts them back"),
    ("CHAR(300)", "exact, stored with its blanks"),
    ("VARCHAR(40)", "exact, all of Unicode; a declared `CHAR` column refuses values that end with a blank"),
    (
        "VARCHAR(2000)",
        "exact; beyond 1,024 characters a column of its own size, because a table's row has 65,535 bytes",
    ),
    (
        "STRING",
        "exact up to 4 GiB; into a declared `JSON` column by structure: members unordered, numbers by value. In a key: declare `VARCHAR(n)`, n ≤ 768",
    ),
    ("BINARY(16)", "exact"),
    ("VARBINARY(40)", "exact"),
    ("BYTES", "exact up to 4 GiB; in a key: declare `VARBINARY(n)`, n ≤ 3072"),
    (
        "ARRAY<DECIMAL(10,2)>",
        "a JSON list; DECIMAL as text, because servers make a float of a number; bytes in base64",
    ),
    ("MAP<STRING NOT NULL, INT>", "a JSON object; with other keys a list of pairs"),
    ("ROW<a INT, b STRING>", "a JSON object, members by name"),
];

/// Columns of every kind, for the way back.
const BACK: &[&str] = &[
    "TINYINT(1)",
    "TINYINT UNSIGNED",
    "SMALLINT UNSIGNED",
    "MEDIUMINT",
    "INT UNSIGNED",
    "BIGINT UNSIGNED",
    "DECIMAL(65,30)",
    "FLOAT",
    "BIT(1)",
    "BIT(12)",
    "BIT(64)",
    "TIME(6)",
    "DATETIME(6)",
    "TIMESTAMP(6)",
    "YEAR",
    "CHAR(3)",
    "VARCHAR(40)",
    "MEDIUMTEXT",
    "BINARY(16)",
    "LONGBLOB",
    "JSON",
];

/// Both tables in Markdown.
pub fn table() -> String {
    let mut text = String::from("| Flink SQL | column | round trip |\n|---|---|---|\n");
    for (written, note) in FORTH {
        let Ok(declared) = written.parse::<FlinkType>() else { continue };
        let (column, note) = match column_for(&declared.kind, false) {
            Ok(column) => (format!("`{column}`"), (*note).to_owned()),
            Err(reason) => ("–".to_owned(), format!("**refused**: {reason}")),
        };
        text.push_str(&format!("| `{written}` | {column} | {note} |\n"));
    }
    text.push_str("\n| column | Flink SQL |\n|---|---|\n");
    for written in BACK {
        let Ok(column) = written.parse::<ColumnType>() else { continue };
        text.push_str(&format!("| `{column}` | `{}` |\n", flink_for(&column)));
    }
    text
}
