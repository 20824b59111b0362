//! What DESCRIBE STORE shows, as properties by name. Its seven columns have no documented names, so they are read by name
//! where a name is known, else by position, and rows of property and value are taken, too (deltastream-api 7.6).

use std::collections::BTreeMap;

use super::statement::Table;
use crate::domain::field::{FieldValue, Fields, Readable, ValueType};
use crate::domain::kind::store::{Parameter, Subtype};

/// The seven columns by position.
const POSITIONS: [&str; 7] =
    ["metadata", "uris", "details", "tlsenabled", "verifyhostname", "schemaregistryname", "path"];

/// Texts by name; of a name, letters and digits in lower case.
type Properties = BTreeMap<String, String>;

/// The fields that the description of one store shows, as far as they can be read.
pub(super) fn fields(subtype: Subtype, table: &Table) -> Fields {
    let properties = properties(table);
    let shown =
        |parameter: &Parameter| Some((parameter.rule.name.to_owned(), value(parameter, &properties)?));
    subtype.parameters().iter().filter_map(shown).collect()
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn properties(table: &Table) -> Properties {
    let names: Vec<String> = table.columns.iter().map(|name| plain(name)).collect();
    let mut found = Properties::new();
    let mut add = |name: &str, cell: Option<&String>| {
        if let Some(text) = cell {
            found.insert(plain(name), text.clone());
        }
    };
    let by_name = names.iter().any(|name| name == "uris");
    if let ([_, _], false) = (names.as_slice(), by_name) {
        for row in &table.rows {
            if let [Some(property), value] = row.as_slice() {
                add(property, value.as_ref());
            }
        }
    } else if let Some(row) = table.rows.first() {
        let positions = names.len() == POSITIONS.len() && !by_name;
        for (at, cell) in row.iter().enumerate() {
            let name = if positions { POSITIONS.get(at).copied() } else { names.get(at).map(String::as_str) };
            add(name.unwrap_or_default(), cell.as_ref());
        }
    }
    for text in
        ["metadata", "details"].into_iter().filter_map(|name| found.get(name).cloned()).collect::<Vec<_>>()
    {
        for (name, value) in members(&text) {
            found.entry(plain(&name)).or_insert(value);
        }
    }
    found
}

/// The members of a JSON object, or of lines `name: value`; of anything else, none.
fn members(text: &str) -> Vec<(String, String)> {
    if let Ok(serde_json::Value::Object(object)) = serde_json::from_str(text) {
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
            _ => None,
        };
        return object.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect();
    }
    let line = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let value = value.trim();
        let bare = ['"', '\''].into_iter().find_map(|mark| value.strip_prefix(mark)?.strip_suffix(mark));
        Some((name.trim().to_owned(), bare.unwrap_or(value).to_owned()))
    };
    text.lines().filter_map(line).collect()
}

/// What the properties say about a parameter.
fn value(parameter: &Parameter, properties: &Properties) -> Option<FieldValue> {
    if parameter.rule.readable != Readable::Deep {
        return None;
    }
    let named = |name: &str| properties.get(&plain(name)).filter(|text| !text.is_empty());
    let short = parameter.sql.split_once('.').map_or(parameter.sql, |(_, short)| short);
    let shown = named(parameter.sql).or_else(|| named(short).filter(|_| !is_flag(parameter)));
    match parameter.rule.value {
        ValueType::Flag => {
            let flag = |text: &String| match text.trim().to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
            let flag = match parameter.sql {
                // The service shows whether it is on; the parameter says that it is off.
                "tls.disabled" => shown.and_then(flag).or_else(|| Some(!named("tlsEnabled").and_then(flag)?)),
                _ => shown
                    .or_else(|| named("verifyHostname").or_else(|| named("tlsVerifyHostname")))
                    .and_then(flag),
            };
            flag.map(FieldValue::Flag)
        }
        ValueType::Set => {
            let items = shown?.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty());
            Some(FieldValue::Set(items.collect()))
        }
        _ => Some(FieldValue::Text(shown?.clone())),
    }
}

fn is_flag(parameter: &Parameter) -> bool {
    parameter.rule.value == ValueType::Flag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let cell = |text: &&str| (*text != "NULL").then(|| (*text).to_owned());
        Table {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        }
    }

    fn text(value: &str) -> FieldValue {
        FieldValue::Text(value.to_owned())
    }

    fn expect<const N: usize>(subtype: Subtype, table: &Table, expected: [(&str, FieldValue); N]) {
        assert_eq!(fields(subtype, table), expected.map(|(name, value)| (name.to_owned(), value)).into());
    }

    #[test]
    fn seven_columns_are_read_by_position_when_their_names_say_nothing() {
        let row = ["{}", "b2:9092, b1:9092", "{}", "true", "FALSE", "NULL", "[]"];
        let brokers = FieldValue::Set(["b1:9092".to_owned(), "b2:9092".to_owned()].into());
        for columns in [["a", "b", "c", "d", "e", "f", "g"], POSITIONS] {
            expect(
                Subtype::Kafka,
                &table(&columns, &[&row]),
                [
                    ("kafka.uris", brokers.clone()),
                    ("kafka.tls.disabled", FieldValue::Flag(false)),
                    ("kafka.tls.verifyServerHostname", FieldValue::Flag(false)),
                ],
            );
        }
    }

    #[test]
    fn columns_with_known_names_may_stand_anywhere() {
        let shown = table(
            &["URIs", "TLS Enabled", "verify_hostname", "new"],
            &[&["postgresql://h/d", "false", "true", "x"]],
        );
        expect(
            Subtype::Postgres,
            &shown,
            [
                ("postgres.uris", text("postgresql://h/d")),
                ("postgres.tls.disabled", FieldValue::Flag(true)),
                ("postgres.tls.verifyServerHostname", FieldValue::Flag(true)),
            ],
        );
    }

    #[test]
    fn the_details_of_snowflake_are_json_or_yaml() {
        let expected = [
            ("snowflake.uris", text("https://a.snowflakecomputing.com")),
            ("snowflake.accountId", text("acc")),
            ("snowflake.warehouseName", text("wh: 1")),
            ("snowflake.roleName", text("r")),
        ];
        let json = r#"{"account_id":"acc","warehouse_name":"wh: 1","role_name":"r","x":{}}"#;
        let yaml = "account_id: acc\nwarehouse_name: \"wh: 1\"\nrole_name: 'r'\nlist:\n- x";
        for details in [json, yaml] {
            let row = ["{}", "https://a.snowflakecomputing.com", details, "true", "true", "NULL", ""];
            expect(Subtype::Snowflake, &table(&POSITIONS, &[&row]), expected.clone());
        }
    }

    #[test]
    fn rows_of_property_and_value_are_taken_too() {
        let shown = table(
            &["Property", "Value"],
            &[&["uris", "b1:9092"], &["tls.disabled", "TRUE"], &["tls.verify_server_hostname", "NULL"]],
        );
        let brokers = FieldValue::Set(["b1:9092".to_owned()].into());
        expect(
            Subtype::Kafka,
            &shown,
            [("kafka.uris", brokers), ("kafka.tls.disabled", FieldValue::Flag(true))],
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for shown in [
            table(&[], &[]),
            table(&POSITIONS, &[]),
            table(&["a"], &[&["x"]]),
            table(&POSITIONS, &[&["{", "NULL", "[1]", "maybe", "", "NULL", "NULL"]]),
        ] {
            expect(Subtype::Kafka, &shown, []);
        }
    }
}
