//! The properties of exactness, on a real server: what goes into a table comes out of it. Each is seen refuted, by broken parts
//! around right ones.

use std::sync::OnceLock;

use jiff::SignedDuration;
use reconcile::domain::suite::mysql::Mysql;
use reconcile::domain::suite::table::Table;
use reconcile::domain::suite::types::Schema;
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::server::{Options, PrivateServer};
use reconcile::verify::mysql::session::Session;
use reconcile::verify::property::{
    RoundTrip, ServerTrip, large_text, null_handling, numeric_precision, row_integrity, timestamp_conversion,
    type_mapping, utf8_preservation,
};
use reconcile::verify::row::{Decimal, Row, Value};
use reconcile::verify::table::LiveTable;

use super::planted::{self, holds, refuted};
use super::properties::{now, trial};
use crate::support::mysql::{Database, session};

/// Holds what `packet` allows: a text of 2²⁴ − 1 bytes.
const PACKET: usize = 64 << 20;

fn client() -> Client {
    Client::new(now(async { Database::new().await.mysql })).unwrap()
}

/// A server in another zone than UTC, with room for large packets.
fn far_away() -> Client {
    static SERVER: OnceLock<PrivateServer> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let settings = ["--default-time-zone=+05:45".to_owned(), format!("--max-allowed-packet={PACKET}")];
        now(PrivateServer::start(Options { tls: None, settings: settings.into() }))
            .unwrap_or_else(|error| panic!("{error}"))
    });
    let mysql: Mysql = server.mysql("exact");
    now(async {
        let mut admin = session(&server.mysql("information_schema")).await;
        admin.run("CREATE DATABASE IF NOT EXISTS exact CHARACTER SET latin1").await.unwrap();
    });
    Client::new(mysql).unwrap()
}

/// Changes rows on their way to the table, and on their way back.
struct Altered<T> {
    inner: T,
    there: fn(&mut [Value]),
    back: fn(&mut [Value]),
}

fn alter(rows: &[Row], how: fn(&mut [Value])) -> Vec<Row> {
    let altered = |row: &Row| {
        let mut values = row.values().to_vec();
        how(&mut values);
        Row::from(values)
    };
    rows.iter().map(altered).collect()
}

impl<T: RoundTrip> RoundTrip for Altered<T> {
    async fn open(&mut self, table: &Table, schema: &Schema) -> Result<(), String> {
        self.inner.open(table, schema).await
    }

    async fn write(&mut self, rows: &[Row]) -> Result<(), String> {
        self.inner.write(&alter(rows, self.there)).await
    }

    async fn read(&mut self) -> Result<Vec<Row>, String> {
        Ok(alter(&self.inner.read().await?, self.back))
    }

    async fn describe(&mut self) -> Result<LiveTable, String> {
        self.inner.describe().await
    }

    async fn ask(&mut self, expressions: &[String]) -> Result<Vec<Vec<Option<String>>>, String> {
        self.inner.ask(expressions).await
    }

    async fn close(self) -> Result<(), String> {
        self.inner.close().await
    }
}

/// A trip that alters what it sends.
fn sending(
    client: &Client,
    there: fn(&mut [Value]),
) -> impl AsyncFn() -> Result<Altered<ServerTrip>, String> {
    async move || Ok(Altered { inner: ServerTrip::connect(client).await?, there, back: |_| {} })
}

/// The texts of a row, without those of others.
fn texts(values: &mut [Value], mut how: impl FnMut(&str) -> String) {
    for value in values {
        if let Value::Text(text) = value {
            *value = Value::text(how(text));
        }
    }
}

fn round(values: &mut [Value]) {
    for value in values {
        if let Value::Decimal(number) = value {
            let text = number.as_str();
            let end = text.find('.').map_or(text.len(), |point| text.len().min(point + 3));
            *value = Value::Decimal(Decimal::parse(&text[..end]).unwrap());
        }
    }
}

/// Feature: flink-mysql-connector-test, Property 6: For any supported Flink data type, the system should correctly map it to
/// the appropriate MySQL column type without data loss or type conversion errors
#[test]
fn each_type_has_its_column_and_comes_back() {
    let client = client();
    holds(&type_mapping(async || ServerTrip::connect(&client).await, trial(256)), 256);
    refuted(&planted::ROUNDED, 6, &type_mapping(sending(&client, round), trial(100)));
    refuted(&planted::NARROW, 6, &type_mapping(async || Narrow::connect(&client).await, trial(100)));
}

/// Makes tables whose DECIMAL columns have fewer digits.
struct Narrow(ServerTrip);

impl Narrow {
    async fn connect(client: &Client) -> Result<Self, String> {
        ServerTrip::connect(client).await.map(Self)
    }
}

impl RoundTrip for Narrow {
    async fn open(&mut self, table: &Table, schema: &Schema) -> Result<(), String> {
        use reconcile::domain::suite::identifier::Identifier;
        use reconcile::domain::suite::table::Column;
        use reconcile::domain::suite::types::ColumnType;
        let column = |(place, field): (usize, &reconcile::domain::suite::types::RowField)| {
            let kind = reconcile::verify::types::column_for(&field.value.kind, place == 0).unwrap();
            let kind = match kind {
                ColumnType::Decimal { precision, scale, .. } if scale > 0 => {
                    ColumnType::decimal(precision - 1, scale - 1)
                }
                ColumnType::VarChar { length, charset } if place > 0 => {
                    ColumnType::VarChar { length: length.max(2) - 1, charset }
                }
                other => other,
            };
            Column { name: Identifier::near(&field.name), kind, nullable: field.value.nullable }
        };
        let columns = schema.fields().iter().enumerate().map(column).collect();
        self.0.open(&Table { columns, ..table.clone() }, schema).await
    }

    async fn write(&mut self, rows: &[Row]) -> Result<(), String> {
        self.0.write(rows).await
    }

    async fn read(&mut self) -> Result<Vec<Row>, String> {
        self.0.read().await
    }

    async fn describe(&mut self) -> Result<LiveTable, String> {
        self.0.describe().await
    }

    async fn ask(&mut self, expressions: &[String]) -> Result<Vec<Vec<Option<String>>>, String> {
        self.0.ask(expressions).await
    }

    async fn close(self) -> Result<(), String> {
        self.0.close().await
    }
}

/// Feature: flink-mysql-connector-test, Property 7: For any Flink ROW data structure, field order and values should be
/// preserved exactly during MySQL insertion
#[test]
fn a_row_keeps_the_order_of_its_fields_and_their_values() {
    let client = client();
    holds(&row_integrity(async || ServerTrip::connect(&client).await, trial(256)), 256);
    let swap = |values: &mut [Value]| {
        let last = values.len() - 1;
        values.swap(1, last);
    };
    refuted(&planted::SWAPPED, 7, &row_integrity(sending(&client, swap), trial(32)));
}

/// Feature: flink-mysql-connector-test, Property 8: For any data containing NULL values, the system should correctly insert
/// NULL values into nullable MySQL columns without conversion errors
#[test]
fn null_stays_null_and_nothing_else_becomes_it() {
    let client = client();
    holds(&null_handling(async || ServerTrip::connect(&client).await, trial(256)), 256);
    // Of an edge case's row: its text.
    let to_empty = |values: &mut [Value]| {
        if let Some(value) = values.get_mut(18).filter(|value| value.is_null()) {
            *value = Value::text("");
        }
    };
    refuted(&planted::NULL_TO_EMPTY, 8, &null_handling(sending(&client, to_empty), trial(48)));
    let to_null = |values: &mut [Value]| {
        if let Some(value) = values.get_mut(18).filter(|value| **value == Value::text("")) {
            *value = Value::Null;
        }
    };
    refuted(&planted::EMPTY_TO_NULL, 8, &null_handling(sending(&client, to_null), trial(256)));
}

/// As servers that are not strict do.
fn cut_to_columns(values: &mut [Value]) {
    for (value, limit) in values.iter_mut().skip(1).zip([255, 65_535]) {
        if let Value::Text(text) = value {
            let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
            *value = Value::text(&text[..end]);
        }
    }
}

fn shorten(values: &mut [Value]) {
    texts(values, |text| text.chars().take(5).collect());
}

fn latin1(values: &mut [Value]) {
    texts(values, |text| text.bytes().map(char::from).collect());
}

fn trim(values: &mut [Value]) {
    texts(values, |text| text.trim_end_matches(' ').to_owned());
}

/// Feature: flink-mysql-connector-test, Property 9: For any text data within MySQL column limits, the system should insert the
/// data without truncation or encoding errors
#[test]
fn a_text_up_to_the_limit_of_its_column_is_whole() {
    let client = far_away();
    holds(&large_text(async || ServerTrip::connect(&client).await, PACKET, trial(256)), 256);
    refuted(&planted::TRUNCATED, 9, &large_text(sending(&client, cut_to_columns), PACKET, trial(256)));
    refuted(&planted::SHORTENED, 9, &large_text(sending(&client, shorten), PACKET, trial(16)));
    refuted(&planted::LATIN1, 9, &large_text(sending(&client, latin1), PACKET, trial(16)));
}

/// Feature: flink-mysql-connector-test, Property 10: For any high-precision numeric data, the system should maintain exact
/// precision when transferring DECIMAL and BIGINT values to MySQL
#[test]
fn every_digit_of_a_number_stays() {
    let client = client();
    holds(&numeric_precision(async || ServerTrip::connect(&client).await, trial(256)), 256);
    refuted(&planted::ROUNDED, 10, &numeric_precision(sending(&client, round), trial(32)));
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "it is the defect")]
    let float = |values: &mut [Value]| {
        for value in values {
            if let Value::Integer(number) = value {
                *value = Value::Integer(*number as f64 as i64);
            }
        }
    };
    refuted(&planted::THROUGH_FLOAT, 10, &numeric_precision(sending(&client, float), trial(32)));
}

fn shift(values: &mut [Value], by: SignedDuration) {
    for value in values {
        if let Value::Timestamp(civil) | Value::Moment(civil) = value {
            // Whatever has no hour before it stays, as TIMESTAMP columns do at their ends.
            let moved = civil.checked_add(by).unwrap_or(*civil);
            *civil = if (1971..2037).contains(&moved.year()) { moved } else { *civil };
        }
    }
}

fn east(values: &mut [Value]) {
    shift(values, SignedDuration::from_hours(1));
}

fn west(values: &mut [Value]) {
    shift(values, SignedDuration::from_hours(-1));
}

fn milliseconds(values: &mut [Value]) {
    for value in values {
        if let Value::Timestamp(civil) | Value::Moment(civil) = value {
            let micros = civil.subsec_nanosecond() % 1_000_000;
            *civil = civil.saturating_sub(SignedDuration::from_nanos(micros.into()));
        }
    }
}

/// Feature: flink-mysql-connector-test, Property 32: For any Flink timestamp value, the system should correctly convert it to
/// the appropriate MySQL DATETIME/TIMESTAMP format without precision loss
#[test]
fn a_time_is_the_same_time_to_the_microsecond_in_every_zone() {
    let client = far_away();
    holds(&timestamp_conversion(async || ServerTrip::connect(&client).await, trial(256)), 256);
    refuted(&planted::SHIFTED, 32, &timestamp_conversion(sending(&client, east), trial(16)));
    let both = async || Ok(Altered { inner: ServerTrip::connect(&client).await?, there: east, back: west });
    refuted(&planted::SHIFTED_BACK, 32, &timestamp_conversion(both, trial(16)));
    refuted(&planted::MILLISECONDS, 32, &timestamp_conversion(sending(&client, milliseconds), trial(16)));
}

/// Feature: flink-mysql-connector-test, Property 33: For any UTF-8 encoded text including international characters, the system
/// should preserve character encoding throughout the processing pipeline
#[test]
fn every_character_of_every_script_is_kept_byte_by_byte() {
    let client = far_away();
    holds(&utf8_preservation(async || ServerTrip::connect(&client).await, trial(256)), 256);
    for (planted, how) in [(&planted::LATIN1, latin1 as fn(&mut [Value])), (&planted::TRIMMED, trim)] {
        refuted(planted, 33, &utf8_preservation(sending(&client, how), trial(48)));
    }
    let folding = async || Ok(Folding(ServerTrip::connect(&client).await?, client.connect().await.unwrap()));
    refuted(&planted::FOLDED, 33, &utf8_preservation(folding, trial(16)));
}

/// Makes tables that tell texts apart as people do.
struct Folding(ServerTrip, Session);

impl RoundTrip for Folding {
    async fn open(&mut self, table: &Table, schema: &Schema) -> Result<(), String> {
        self.0.open(table, schema).await?;
        let ask = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%letters'";
        for name in self.1.show(ask).await.unwrap().concat() {
            let fold =
                format!("ALTER TABLE `{name}` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
            self.1.run(&fold).await.unwrap();
        }
        Ok(())
    }

    async fn write(&mut self, rows: &[Row]) -> Result<(), String> {
        self.0.write(rows).await
    }

    async fn read(&mut self) -> Result<Vec<Row>, String> {
        self.0.read().await
    }

    async fn describe(&mut self) -> Result<LiveTable, String> {
        self.0.describe().await
    }

    async fn ask(&mut self, expressions: &[String]) -> Result<Vec<Vec<Option<String>>>, String> {
        self.0.ask(expressions).await
    }

    async fn close(self) -> Result<(), String> {
        self.0.close().await
    }
}
