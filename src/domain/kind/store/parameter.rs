//! What a subtype is and what a parameter of it is.

use std::fmt;

use super::tables;
use crate::domain::field::FieldRule;

/// The kinds of external store. A closed set of vetted ones (D-008, D-010).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subtype {
    /// Apache Kafka and what speaks its protocol.
    Kafka,
    /// PostgreSQL.
    Postgres,
    /// Snowflake.
    Snowflake,
    /// Amazon S3.
    S3,
    /// Amazon Kinesis.
    Kinesis,
    /// `ClickHouse`.
    Clickhouse,
    /// Iceberg through a REST catalog.
    IcebergRest,
    /// Iceberg through AWS Glue.
    IcebergGlue,
}

impl Subtype {
    /// Every subtype, in the order in which messages list them.
    pub const ALL: &[Subtype] = &[
        Subtype::Kafka,
        Subtype::Postgres,
        Subtype::Snowflake,
        Subtype::S3,
        Subtype::Kinesis,
        Subtype::Clickhouse,
        Subtype::IcebergRest,
        Subtype::IcebergGlue,
    ];

    /// The name of its block in a manifest, which is also how it is recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            Subtype::Kafka => "kafka",
            Subtype::Postgres => "postgres",
            Subtype::Snowflake => "snowflake",
            Subtype::S3 => "s3",
            Subtype::Kinesis => "kinesis",
            Subtype::Clickhouse => "clickhouse",
            Subtype::IcebergRest => "icebergRest",
            Subtype::IcebergGlue => "icebergGlue",
        }
    }

    /// The bare word of the SQL parameter `type`.
    pub fn keyword(self) -> &'static str {
        match self {
            Subtype::Kafka => "KAFKA",
            Subtype::Postgres => "POSTGRESQL",
            Subtype::Snowflake => "SNOWFLAKE",
            Subtype::S3 => "S3",
            Subtype::Kinesis => "KINESIS",
            Subtype::Clickhouse => "CLICKHOUSE",
            Subtype::IcebergRest => "ICEBERG_REST",
            Subtype::IcebergGlue => "ICEBERG_GLUE",
        }
    }

    /// Whether its parameters are known from one source only and were never seen live.
    pub fn is_beta(self) -> bool {
        !matches!(self, Subtype::Kafka | Subtype::Postgres | Subtype::Snowflake)
    }

    /// The subtype that the service shows under a display name: letters and digits only, case-blind, with the synonyms
    /// that were seen (`Postgres` for POSTGRESQL, `ConfluentKafka`).
    pub fn from_display(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Subtype::ALL.iter().copied().find(|subtype| {
            let keyword: String = subtype.keyword().chars().filter(char::is_ascii_alphanumeric).collect();
            plain == keyword.to_ascii_lowercase()
                || plain == subtype.as_str().to_ascii_lowercase()
                || (*subtype == Subtype::Kafka && plain == "confluentkafka")
        })
    }

    /// Its parameters, in the order in which manifests are documented.
    pub fn parameters(self) -> &'static [Parameter] {
        match self {
            Subtype::Kafka => tables::KAFKA,
            Subtype::Postgres => tables::POSTGRES,
            Subtype::Snowflake => tables::SNOWFLAKE,
            Subtype::S3 => tables::S3,
            Subtype::Kinesis => tables::KINESIS,
            Subtype::Clickhouse => tables::CLICKHOUSE,
            Subtype::IcebergRest => tables::ICEBERG_REST,
            Subtype::IcebergGlue => tables::ICEBERG_GLUE,
        }
    }
}

impl fmt::Display for Subtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When a parameter must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Required,
    /// Never.
    Optional,
    /// Exactly when another parameter has one of these words; it is forbidden otherwise.
    With {
        /// The other parameter's field name.
        field: &'static str,
        /// Its words.
        words: &'static [&'static str],
    },
    /// It is one way of several: exactly one way is declared, and whole.
    Way(&'static str),
    /// All parameters of this name are there, or none.
    Together(&'static str),
}

/// What a parameter belongs to. The service judges authentication and TLS as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Where the store is.
    Connection,
    /// Who we are there.
    Authentication,
    /// How the connection is secured.
    Tls,
}

/// The shape of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UriShape {
    /// The schemes, with `://`; none means `host:port` without one.
    pub schemes: &'static [&'static str],
    /// An example, for messages.
    pub example: &'static str,
}

/// One parameter of a subtype: its SQL name and everything that a field of a manifest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the WITH list: `kafka.sasl.username`.
    pub sql: &'static str,
    /// When it must be there.
    pub need: Need,
    /// What it belongs to.
    pub group: Group,
    /// The shape of its address, if it is one.
    pub uri: Option<UriShape>,
    /// The field of the manifest: name, type, secret or not, readable or not, help.
    pub rule: FieldRule,
}
