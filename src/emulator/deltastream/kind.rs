//! The types of stores and their parameters: the tables of deltastream-api section 7.4, typed in from there.

use serde::{Deserialize, Serialize};

/// A type of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Kind {
    Kafka,
    Postgresql,
    Snowflake,
    S3,
    Kinesis,
    Clickhouse,
    IcebergRest,
    IcebergGlue,
    Databricks,
}

/// How the value of a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `'…'`, not empty.
    Text,
    /// `TRUE` or `FALSE`.
    Flag,
    /// Digits, bare or as a literal: clients do both.
    Integer,
    /// One of these, bare.
    Word(&'static [&'static str]),
    /// `'…'`, the file name of an attachment.
    File,
    /// `"…"` or `'…'`, or `NULL` in an update.
    Reference,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) required: bool,
    pub(super) secret: bool,
}

const fn rule(name: &'static str, form: Form) -> Rule {
    Rule { name, form, required: false, secret: false }
}

const fn text(name: &'static str) -> Rule {
    rule(name, Form::Text)
}

impl Rule {
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// Parameters that have to be complete together. An update that sends one of them replaces them all.
#[derive(Debug, Clone, Copy)]
pub(super) enum Group {
    /// No such parameters: an update merges.
    None,
    /// Which ones are needed depends on `kafka.sasl.hash_function`.
    Kafka,
    /// Exactly one of these sets.
    OneOf(&'static [&'static [&'static str]]),
}

/// The parameter that decides which other members of [`Group::Kafka`] are needed.
pub(super) const HASH_FUNCTION: &str = "kafka.sasl.hash_function";
/// The members for a user and a password.
pub(super) const SASL: &[&str] = &["kafka.sasl.password", "kafka.sasl.username"];
/// The members for a role of AWS.
pub(super) const MSK: &[&str] = &["kafka.msk.aws_region", "kafka.msk.iam_role_arn"];

/// The spellings of the schema registry: nobody knows which one is right, so each is taken.
pub(super) const SCHEMA_REGISTRY: &[&str] =
    &["schema_registry.name", "schema_registry_name", "kafka.schema_registry_name"];

const COMMON: &[Rule] = &[
    text("availability_zone"),
    rule("kafka.schema_registry_name", Form::Reference),
    rule("schema_registry.name", Form::Reference),
    rule("schema_registry_name", Form::Reference),
    rule("tls.ca_cert_file", Form::File),
    text("tls.cipher_suites"),
    rule("tls.client.cert_file", Form::File),
    rule("tls.client.key_file", Form::File).secret(),
    rule("tls.disabled", Form::Flag),
    text("tls.protocols"),
    rule("tls.verify_server_hostname", Form::Flag),
];

const KAFKA: &[Rule] = &[
    text("uris").required(),
    rule(HASH_FUNCTION, Form::Word(&["NONE", "PLAIN", "SHA256", "SHA512", "AWS_MSK_IAM"])).required(),
    text("kafka.sasl.username").secret(),
    text("kafka.sasl.password").secret(),
    text("kafka.msk.iam_role_arn"),
    text("kafka.msk.aws_region"),
];

const POSTGRESQL: &[Rule] = &[
    text("uris").required(),
    text("postgres.username").required(),
    text("postgres.password").required().secret(),
];

const SNOWFLAKE: &[Rule] = &[
    text("uris").required(),
    text("snowflake.account_id").required(),
    text("snowflake.cloud.region").required(),
    text("snowflake.warehouse_name").required(),
    text("snowflake.role_name").required(),
    text("snowflake.username").required(),
    rule("snowflake.client.key_file", Form::File).required().secret(),
    text("snowflake.client.key_passphrase").secret(),
];

const S3: &[Rule] = &[
    text("uris").required(),
    text("aws.iam_role_arn"),
    text("aws.iam_external_id"),
    text("aws.access_key_id"),
    text("aws.secret_access_key").secret(),
];

const AWS_CREDENTIALS: Group = Group::OneOf(&[
    &["aws.iam_role_arn", "aws.iam_external_id"],
    &["aws.access_key_id", "aws.secret_access_key"],
]);

const KINESIS: &[Rule] = &[
    text("uris").required(),
    text("kinesis.iam_role_arn"),
    text("kinesis.access_key_id"),
    text("kinesis.secret_access_key").secret(),
    text("kinesis.account.id"),
];

const KINESIS_CREDENTIALS: Group =
    Group::OneOf(&[&["kinesis.iam_role_arn"], &["kinesis.access_key_id", "kinesis.secret_access_key"]]);

const CLICKHOUSE: &[Rule] = &[
    text("uris").required(),
    text("clickhouse.username").required(),
    text("clickhouse.password").required().secret(),
];

const ICEBERG_REST: &[Rule] = &[
    text("uris").required(),
    text("iceberg.catalog.id").required(),
    text("iceberg.rest.client_id").required(),
    text("iceberg.rest.client_secret").required().secret(),
    text("iceberg.rest.client_scope"),
];

const ICEBERG_GLUE: &[Rule] = &[
    text("uris"),
    text("aws.region").required(),
    text("iceberg.warehouse.default_path").required(),
    text("iceberg.catalog.id"),
    text("aws.iam_role_arn"),
    text("aws.iam_external_id"),
    text("aws.access_key_id"),
    text("aws.secret_access_key").secret(),
];

const DATABRICKS: &[Rule] = &[
    text("uris").required(),
    text("databricks.app_token").required().secret(),
    text("databricks.warehouse_id").required(),
    rule("databricks.warehouse_port", Form::Integer),
    text("aws.access_key_id").required(),
    text("aws.secret_access_key").required().secret(),
    text("databricks.cloud.s3.bucket").required(),
    text("databricks.cloud.region").required(),
];

impl Kind {
    /// Every type.
    pub(super) const ALL: [Self; 9] = [
        Self::Kafka,
        Self::Postgresql,
        Self::Snowflake,
        Self::S3,
        Self::Kinesis,
        Self::Clickhouse,
        Self::IcebergRest,
        Self::IcebergGlue,
        Self::Databricks,
    ];

    /// The word of SQL.
    pub(super) fn keyword(self) -> &'static str {
        match self {
            Self::Kafka => "KAFKA",
            Self::Postgresql => "POSTGRESQL",
            Self::Snowflake => "SNOWFLAKE",
            Self::S3 => "S3",
            Self::Kinesis => "KINESIS",
            Self::Clickhouse => "CLICKHOUSE",
            Self::IcebergRest => "ICEBERG_REST",
            Self::IcebergGlue => "ICEBERG_GLUE",
            Self::Databricks => "DATABRICKS",
        }
    }

    /// The word of the system table. That of the types after Snowflake is our guess.
    pub(super) fn display(self) -> &'static str {
        match self {
            Self::Kafka => "Kafka",
            Self::Postgresql => "Postgres",
            Self::Snowflake => "Snowflake",
            Self::S3 => "S3",
            Self::Kinesis => "Kinesis",
            Self::Clickhouse => "ClickHouse",
            Self::IcebergRest => "IcebergRest",
            Self::IcebergGlue => "IcebergGlue",
            Self::Databricks => "Databricks",
        }
    }

    /// The type with this word of SQL.
    pub(super) fn of_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.keyword() == word)
    }

    /// Its parameters: those of every store, then its own.
    pub(super) fn rules(self) -> impl Iterator<Item = &'static Rule> {
        let own = match self {
            Self::Kafka => KAFKA,
            Self::Postgresql => POSTGRESQL,
            Self::Snowflake => SNOWFLAKE,
            Self::S3 => S3,
            Self::Kinesis => KINESIS,
            Self::Clickhouse => CLICKHOUSE,
            Self::IcebergRest => ICEBERG_REST,
            Self::IcebergGlue => ICEBERG_GLUE,
            Self::Databricks => DATABRICKS,
        };
        COMMON.iter().chain(own)
    }

    /// The parameters that belong together.
    pub(super) fn group(self) -> Group {
        match self {
            Self::Kafka => Group::Kafka,
            Self::S3 | Self::IcebergGlue => AWS_CREDENTIALS,
            Self::Kinesis => KINESIS_CREDENTIALS,
            Self::Postgresql | Self::Snowflake | Self::Clickhouse | Self::IcebergRest | Self::Databricks => {
                Group::None
            }
        }
    }
}

impl Group {
    /// Whether a parameter belongs to it.
    pub(super) fn contains(self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Kafka => name == HASH_FUNCTION || SASL.contains(&name) || MSK.contains(&name),
            Self::OneOf(sets) => sets.iter().any(|set| set.contains(&name)),
        }
    }
}
