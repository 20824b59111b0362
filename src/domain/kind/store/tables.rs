//! The table of parameters, from deltastream-api 7.4. What is known from documentation examples only and what is needed
//! by nobody to connect (cipher suites, `properties.file`, the schema registry with its unresolved spelling) is left out
//! (D-003).

use std::sync::LazyLock;

use super::{Group, Need, Parameter, Subtype, UriShape, name};
use crate::domain::field::{Carried, FieldRule, OnChange, Readable, ValueType};

const fn rule(name: &'static str, value: ValueType, help: &'static str) -> FieldRule {
    FieldRule {
        name,
        value,
        required: false,
        secret: false,
        default: None,
        on_change: OnChange::InPlace,
        carried: Carried::Remotely,
        readable: Readable::No,
        help,
    }
}

const fn text(
    sql: &'static str,
    group: Group,
    need: Need,
    field: &'static str,
    help: &'static str,
) -> Parameter {
    let required = matches!(need, Need::Required);
    let rule = FieldRule { required, ..rule(field, ValueType::Text, help) };
    Parameter { sql, need, group, uri: None, rule }
}

const fn address(field: &'static str, shape: UriShape, help: &'static str) -> Parameter {
    let plain = text("uris", Group::Connection, Need::Required, field, help);
    Parameter { uri: Some(shape), rule: FieldRule { readable: Readable::Deep, ..plain.rule }, ..plain }
}

/// A secret text.
const fn secret(sql: &'static str, need: Need, field: &'static str, help: &'static str) -> Parameter {
    let plain = text(sql, Group::Authentication, need, field, help);
    Parameter {
        rule: FieldRule { secret: true, value: ValueType::Sealed { file: false }, ..plain.rule },
        ..plain
    }
}

const fn file(
    sql: &'static str,
    (group, need): (Group, Need),
    secret: bool,
    field: &'static str,
    help: &'static str,
) -> Parameter {
    let plain = text(sql, group, need, field, help);
    Parameter { rule: FieldRule { secret, value: ValueType::Sealed { file: true }, ..plain.rule }, ..plain }
}

const fn flag(
    sql: &'static str,
    default: &'static str,
    field: &'static str,
    help: &'static str,
) -> Parameter {
    let plain = text(sql, Group::Tls, Need::Optional, field, help);
    let rule =
        FieldRule { value: ValueType::Flag, default: Some(default), readable: Readable::Deep, ..plain.rule };
    Parameter { rule, ..plain }
}

const AUTH: Group = Group::Authentication;
const SASL: Need = Need::With { field: "kafka.sasl.hashFunction", words: &["PLAIN", "SHA256", "SHA512"] };
const MSK: Need = Need::With { field: "kafka.sasl.hashFunction", words: &["AWS_MSK_IAM"] };
const CLIENT: Need = Need::Together("a client certificate");
const ROLE: Need = Need::Way("a role");
const KEYS: Need = Need::Way("an access key");

const HTTPS: UriShape = UriShape { schemes: &["https://"], example: "https://bucket.s3.amazonaws.com/" };

pub(super) const KAFKA: &[Parameter] = &[
    {
        let plain = address(
            "kafka.uris",
            UriShape { schemes: &[], example: "broker-1.example.com:9092" },
            "Brokers, host:port each; compared as a set.",
        );
        Parameter { rule: FieldRule { value: ValueType::Set, ..plain.rule }, ..plain }
    },
    {
        let plain = text(
            "kafka.sasl.hash_function",
            AUTH,
            Need::Required,
            "kafka.sasl.hashFunction",
            "How we log in. NONE: not at all, or by client certificate.",
        );
        let words = &["NONE", "PLAIN", "SHA256", "SHA512", "AWS_MSK_IAM"];
        Parameter { rule: FieldRule { value: ValueType::Word(words), ..plain.rule }, ..plain }
    },
    secret("kafka.sasl.username", SASL, "kafka.sasl.username", "User; with PLAIN, SHA256 and SHA512."),
    secret("kafka.sasl.password", SASL, "kafka.sasl.password", "Password; with PLAIN, SHA256 and SHA512."),
    text("kafka.msk.iam_role_arn", AUTH, MSK, "kafka.msk.iamRoleArn", "IAM role; with AWS_MSK_IAM."),
    text("kafka.msk.aws_region", AUTH, MSK, "kafka.msk.awsRegion", "AWS region; with AWS_MSK_IAM."),
    flag("tls.disabled", "false", "kafka.tls.disabled", "Connect without TLS."),
    flag(
        "tls.verify_server_hostname",
        "true",
        "kafka.tls.verifyServerHostname",
        "Whether the name in the server's certificate must be right.",
    ),
    file(
        "tls.ca_cert_file",
        (Group::Tls, Need::Optional),
        false,
        "kafka.tls.caCertFile",
        "PEM file with the certificates to trust; public ones when left out. Compared by content.",
    ),
    file(
        "tls.client.cert_file",
        (Group::Tls, CLIENT),
        false,
        "kafka.tls.client.certFile",
        "PEM file of our certificate.",
    ),
    file(
        "tls.client.key_file",
        (Group::Tls, CLIENT),
        true,
        "kafka.tls.client.keyFile",
        "PEM file of its private key.",
    ),
];

pub(super) const POSTGRES: &[Parameter] = &[
    address(
        "postgres.uris",
        UriShape { schemes: &["postgresql://"], example: "postgresql://db.example.com:5432/orders" },
        "One address with its database; no user name or password in it.",
    ),
    secret("postgres.username", Need::Required, "postgres.username", "User."),
    secret("postgres.password", Need::Required, "postgres.password", "Password."),
    flag("tls.disabled", "false", "postgres.tls.disabled", "Connect without TLS."),
    flag(
        "tls.verify_server_hostname",
        "true",
        "postgres.tls.verifyServerHostname",
        "Whether the name in the server's certificate must be right.",
    ),
    file(
        "tls.ca_cert_file",
        (Group::Tls, Need::Optional),
        false,
        "postgres.tls.caCertFile",
        "PEM file with the certificates to trust; public ones when left out. Compared by content.",
    ),
];

/// A text that DESCRIBE STORE shows.
const fn described(sql: &'static str, field: &'static str, help: &'static str) -> Parameter {
    let plain = text(sql, Group::Connection, Need::Required, field, help);
    Parameter { rule: FieldRule { readable: Readable::Deep, ..plain.rule }, ..plain }
}

pub(super) const SNOWFLAKE: &[Parameter] = &[
    address(
        "snowflake.uris",
        UriShape { schemes: &["https://"], example: "https://account.snowflakecomputing.com" },
        "The account's address.",
    ),
    described("snowflake.account_id", "snowflake.accountId", "Account."),
    text(
        "snowflake.cloud.region",
        Group::Connection,
        Need::Required,
        "snowflake.cloud.region",
        "For example `AWS us-east-1`.",
    ),
    described("snowflake.warehouse_name", "snowflake.warehouseName", "Warehouse that runs the queries."),
    described("snowflake.role_name", "snowflake.roleName", "Role in Snowflake."),
    secret("snowflake.username", Need::Required, "snowflake.username", "User."),
    file(
        "snowflake.client.key_file",
        (AUTH, Need::Required),
        true,
        "snowflake.client.keyFile",
        "PEM file of the user's private key.",
    ),
    secret(
        "snowflake.client.key_passphrase",
        Need::Optional,
        "snowflake.client.keyPassphrase",
        "Passphrase of the key file.",
    ),
];

pub(super) const S3: &[Parameter] = &[
    address("s3.uris", HTTPS, "The bucket's address."),
    text("aws.iam_role_arn", AUTH, ROLE, "s3.aws.iamRoleArn", "IAM role that the service assumes."),
    text("aws.iam_external_id", AUTH, ROLE, "s3.aws.iamExternalId", "External id that the role asks for."),
    secret("aws.access_key_id", KEYS, "s3.aws.accessKeyId", "Access key."),
    secret("aws.secret_access_key", KEYS, "s3.aws.secretAccessKey", "Its secret."),
];

pub(super) const KINESIS: &[Parameter] = &[
    address(
        "kinesis.uris",
        UriShape { schemes: &["https://"], example: "https://kinesis.us-east-1.amazonaws.com" },
        "The service's address.",
    ),
    text("kinesis.account.id", Group::Connection, Need::Optional, "kinesis.account.id", "AWS account."),
    text("kinesis.iam_role_arn", AUTH, ROLE, "kinesis.iamRoleArn", "IAM role that the service assumes."),
    secret("kinesis.access_key_id", KEYS, "kinesis.accessKeyId", "Access key."),
    secret("kinesis.secret_access_key", KEYS, "kinesis.secretAccessKey", "Its secret."),
];

pub(super) const CLICKHOUSE: &[Parameter] = &[
    address(
        "clickhouse.uris",
        UriShape { schemes: &["https://", "jdbc:clickhouse://"], example: "https://ch.example.com:8443" },
        "The server's address.",
    ),
    secret("clickhouse.username", Need::Required, "clickhouse.username", "User."),
    secret("clickhouse.password", Need::Required, "clickhouse.password", "Password."),
];

pub(super) const ICEBERG_REST: &[Parameter] = &[
    address(
        "icebergRest.uris",
        UriShape { schemes: &["https://", "http://"], example: "https://catalog.example.com/api/catalog" },
        "The catalog's address.",
    ),
    text("iceberg.catalog.id", Group::Connection, Need::Required, "icebergRest.catalog.id", "Catalog."),
    secret("iceberg.rest.client_id", Need::Required, "icebergRest.clientId", "OAuth client."),
    secret("iceberg.rest.client_secret", Need::Required, "icebergRest.clientSecret", "Its secret."),
    text("iceberg.rest.client_scope", AUTH, Need::Optional, "icebergRest.clientScope", "OAuth scope."),
];

pub(super) const ICEBERG_GLUE: &[Parameter] = &[
    text("aws.region", Group::Connection, Need::Required, "icebergGlue.aws.region", "Region of the catalog."),
    text(
        "iceberg.warehouse.default_path",
        Group::Connection,
        Need::Required,
        "icebergGlue.warehouse.defaultPath",
        "Where new tables go, for example `s3://bucket/path`.",
    ),
    text("aws.iam_role_arn", AUTH, ROLE, "icebergGlue.aws.iamRoleArn", "IAM role that the service assumes."),
    text(
        "aws.iam_external_id",
        AUTH,
        ROLE,
        "icebergGlue.aws.iamExternalId",
        "External id that the role asks for.",
    ),
    secret("aws.access_key_id", KEYS, "icebergGlue.aws.accessKeyId", "Access key."),
    secret("aws.secret_access_key", KEYS, "icebergGlue.aws.secretAccessKey", "Its secret."),
];

/// The rules of design.md 3.2 in the order in which a plan shows the fields: the store's own, then those of each subtype.
pub static FIELDS: LazyLock<Vec<FieldRule>> = LazyLock::new(|| {
    let own = [
        FieldRule {
            required: true,
            on_change: OnChange::ForceNew,
            readable: Readable::Key,
            ..rule("name", ValueType::Text, "Name of the store in DeltaStream.")
        },
        FieldRule {
            required: true,
            on_change: OnChange::ForceNew,
            readable: Readable::Yes,
            ..rule(
                name::TYPE,
                ValueType::Block(SUBTYPES),
                "Not written: exactly one block is declared, and its name is the type.",
            )
        },
        FieldRule {
            on_change: OnChange::ForceNew,
            readable: Readable::Yes,
            ..rule(
                name::OWNER,
                ValueType::Text,
                "Role that creates the store and owns it; the role of the profile when left out.",
            )
        },
        FieldRule {
            carried: Carried::InStateOnly,
            ..rule(
                name::DESCRIPTION,
                ValueType::Text,
                "For people. No statement takes one: kept in state, a change costs no request.",
            )
        },
    ];
    let parameters =
        Subtype::ALL.iter().flat_map(|subtype| subtype.parameters()).map(|parameter| parameter.rule);
    own.into_iter().chain(parameters).collect()
});

const SUBTYPES: &[&str] =
    &["kafka", "postgres", "snowflake", "s3", "kinesis", "clickhouse", "icebergRest", "icebergGlue"];
