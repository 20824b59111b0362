//! The schema that each generator has when none is declared.

use crate::domain::suite::source::Generator;
use crate::domain::suite::types::{RowField, Schema};

const BASIC: &[(&str, &str)] = &[
    ("id", "BIGINT NOT NULL"),
    ("customer", "VARCHAR(40) NOT NULL"),
    ("quantity", "INT"),
    ("amount", "DECIMAL(20, 4)"),
    ("weight", "DOUBLE"),
    ("paid", "BOOLEAN NOT NULL"),
    ("note", "STRING"),
    ("placed_at", "TIMESTAMP(6) NOT NULL"),
];

const NESTED: &[(&str, &str)] = &[
    ("id", "BIGINT NOT NULL"),
    (
        "payload",
        "ROW<customer ROW<name STRING, address ROW<city STRING, zip VARCHAR(10)>>, total DECIMAL(38, 10), note STRING>",
    ),
    (
        "lines",
        "ARRAY<ROW<sku STRING NOT NULL, quantity INT NOT NULL, price DECIMAL(10, 2), tags ARRAY<STRING>>> NOT NULL",
    ),
    ("attributes", "MAP<STRING NOT NULL, STRING>"),
    ("scores", "MAP<INT NOT NULL, ARRAY<DOUBLE>>"),
    ("deep", "ARRAY<ARRAY<ARRAY<ROW<value BIGINT>>>>"),
    ("placed_at", "TIMESTAMP_LTZ(6)"),
];

/// One field of every type, each nullable one NULL at times.
const EDGE_CASES: &[(&str, &str)] = &[
    ("id", "BIGINT NOT NULL"),
    ("a_boolean", "BOOLEAN"),
    ("a_tinyint", "TINYINT"),
    ("a_smallint", "SMALLINT"),
    ("an_int", "INT"),
    ("a_bigint", "BIGINT"),
    ("an_unsigned", "DECIMAL(20, 0)"),
    ("a_decimal", "DECIMAL(38, 18)"),
    ("a_wide_decimal", "DECIMAL(65, 30)"),
    ("a_float", "FLOAT"),
    ("a_double", "DOUBLE"),
    ("a_date", "DATE"),
    ("a_time", "TIME(6)"),
    ("a_timestamp", "TIMESTAMP(6)"),
    ("a_second", "TIMESTAMP(0)"),
    ("a_moment", "TIMESTAMP_LTZ(6)"),
    ("a_char", "CHAR(10)"),
    ("a_varchar", "VARCHAR(255)"),
    ("a_string", "STRING"),
    ("never_null", "STRING NOT NULL"),
    ("a_binary", "BINARY(16)"),
    ("a_varbinary", "VARBINARY(300)"),
    ("some_bytes", "BYTES"),
    ("an_array", "ARRAY<DECIMAL(38, 10)>"),
    ("a_map", "MAP<STRING NOT NULL, STRING>"),
    ("a_row", "ROW<a INT, b STRING, c ARRAY<TIMESTAMP(6)>, d DOUBLE>"),
];

/// The generator's own schema; its key is `id`.
pub fn default_schema(generator: Generator) -> Schema {
    let written = match generator {
        Generator::Basic => BASIC,
        Generator::Nested => NESTED,
        Generator::EdgeCases => EDGE_CASES,
    };
    let fields = written.iter().map(|(name, text)| match text.parse() {
        Ok(value) => RowField { name: (*name).to_owned(), value },
        Err(problem) => unreachable!("{name}: {problem}"),
    });
    match Schema::new(fields.collect(), &["id".to_owned()]) {
        Ok(schema) => schema,
        Err(problem) => unreachable!("{problem}"),
    }
}
