use super::super::sql::{Literal, Statement, parse};
use super::*;

fn with(list: &str) -> Vec<Parameter> {
    match parse(&format!("UPDATE STORE s WITH ({list});")).unwrap() {
        Statement::UpdateStore { with, .. } => with,
        other => panic!("{other:?}"),
    }
}

fn files(names: &[&str]) -> Vec<Attachment> {
    let content = Bytes::from_static(b"pem");
    names.iter().map(|name| Attachment { name: (*name).to_owned(), content: content.clone() }).collect()
}

/// What a create is refused with; empty if it is accepted.
fn create(list: &str) -> String {
    of_create(&with(list), &files(&["@key", "@cert"])).err().map_or(String::new(), |error| {
        assert!(!error.to_string().contains("hush"), "{error}");
        format!("{} {error}", error.state())
    })
}

fn update(kind: Kind, list: &str) -> String {
    let refused = of_update(kind, &with(list), &files(&["@key", "@cert"])).err();
    refused.map_or(String::new(), |error| format!("{} {error}", error.state()))
}

const KAFKA: &str = "'type' = KAFKA, 'uris' = 'b:9092', 'kafka.sasl.hash_function' =";

/// Everything that a type needs, and no more.
fn minimum(kind: Kind) -> String {
    let mut list = format!("'type' = {}", kind.keyword());
    for rule in kind.rules().filter(|rule| rule.required) {
        let value = match rule.form {
            Form::Word([first, ..]) => (*first).to_owned(),
            Form::File => "'@key'".to_owned(),
            _ => "'x'".to_owned(),
        };
        list += &format!(", '{}' = {value}", rule.name);
    }
    match kind.group() {
        Group::OneOf([set, ..]) => set.iter().fold(list, |list, name| format!("{list}, '{name}' = 'x'")),
        _ => list,
    }
}

#[test]
fn every_type_is_complete_with_its_minimum_and_with_nothing_less() {
    for kind in Kind::ALL {
        let minimum = minimum(kind);
        assert_eq!(create(&minimum), "", "{minimum}");
        for left_out in minimum.split(", ").filter(|part| !part.starts_with("'type'")) {
            let fewer: Vec<&str> = minimum.split(", ").filter(|part| *part != left_out).collect();
            let refused = create(&fewer.join(", "));
            let name = left_out.split('\'').nth(1).unwrap();
            assert!(refused.starts_with("3D021 ") && refused.contains(name), "{refused}: without {left_out}");
        }
    }
}

#[test]
fn what_a_hash_function_needs_and_excludes() {
    let (user, password) = ("'kafka.sasl.username' = 'u'", "'kafka.sasl.password' = 'hush'");
    let (role, region) = ("'kafka.msk.iam_role_arn' = 'a'", "'kafka.msk.aws_region' = 'r'");
    for function in ["PLAIN", "SHA256", "SHA512"] {
        assert_eq!(create(&format!("{KAFKA} {function}, {user}, {password}")), "");
        let missing = "3D021 kafka.sasl.password, and kafka.sasl.username are required";
        assert_eq!(create(&format!("{KAFKA} {function}")), missing);
        let refused = create(&format!("{KAFKA} {function}, {user}, {password}, {role}"));
        assert_eq!(
            refused,
            format!("3D008 kafka.msk.iam_role_arn cannot be used with kafka.sasl.hash_function {function}")
        );
    }
    assert_eq!(create(&format!("{KAFKA} AWS_MSK_IAM, {role}, {region}")), "");
    let refused = create(&format!("{KAFKA} AWS_MSK_IAM, {role}"));
    assert_eq!(refused, "3D021 kafka.msk.aws_region is required");
    assert_eq!(create(&format!("{KAFKA} NONE")), "");
    assert!(create(&format!("{KAFKA} NONE, {user}")).contains("cannot be used"));
}

#[test]
fn each_wrong_parameter_has_its_words() {
    for (list, refused) in [
        ("'uris' = 'b'", "3D008 'type' must be one of KAFKA, POSTGRESQL,"),
        ("'type' = 'KAFKA', 'uris' = 'b'", "3D008 'type' must be one of"),
        ("'type' = ORACLE", "3D008 'type' must be one of"),
        (
            &format!("{KAFKA} NONE, 'description' = 'x'"),
            "3D008 'description' is not a parameter of a KAFKA store",
        ),
        (&format!("{KAFKA} NONE, 'uris' = 'c'"), "3D008 'uris' is given twice"),
        (
            &format!("{KAFKA} 'NONE'"),
            "3D008 'kafka.sasl.hash_function' must be one of NONE, PLAIN, SHA256, SHA512",
        ),
        (&format!("{KAFKA} none"), "3D008 'kafka.sasl.hash_function' must be one of"),
        (&format!("{KAFKA} NONE, 'tls.disabled' = 'hush'"), "3D008 'tls.disabled' must be TRUE or FALSE"),
        (&format!("{KAFKA} NONE, 'tls.disabled' = NULL"), "3D008 'tls.disabled' cannot be NULL"),
        (
            &format!("{KAFKA} NONE, 'schema_registry.name' = NULL"),
            "3D008 'schema_registry.name' cannot be NULL",
        ),
        (
            &format!("{KAFKA} NONE, 'tls.ca_cert_file' = '@other'"),
            "3D008 'tls.ca_cert_file' file not attached",
        ),
        (&format!("{KAFKA} NONE, 'tls.ca_cert_file' = 'cert'"), "3D008 'tls.ca_cert_file' file not attached"),
        (
            &format!("{KAFKA} PLAIN, 'kafka.sasl.password' = ''"),
            "3D008 'kafka.sasl.password' must be a literal",
        ),
        (
            &format!("{KAFKA} PLAIN, 'kafka.sasl.password' = hush"),
            "3D008 'kafka.sasl.password' must be a literal",
        ),
        (&format!("{KAFKA} NONE, 'properties.file' = '@cert'"), "0A000 feature not supported"),
        (
            "'type' = S3, 'uris' = 'u', 'aws.iam_role_arn' = 'a', 'aws.access_key_id' = 'b'",
            "3D008 aws.access_key_id cannot be used with aws.iam_role_arn",
        ),
    ] {
        let found = create(list);
        assert!(found.starts_with(refused), "{list}: {found}");
    }
}

#[test]
fn the_form_of_each_value_is_kept() {
    let list = format!(
        "{KAFKA} NONE, 'tls.ca_cert_file' = '@cert', 'tls.client.key_file' = '@key', 'tls.disabled' = FALSE, \
         'schema_registry.name' = \"Reg\""
    );
    let (kind, given) = of_create(&with(&list), &files(&["@cert", "@key", "unused"])).unwrap();
    assert_eq!(kind, Kind::Kafka);
    assert!(given["tls.ca_cert_file"] == Given::File("pem".into()));
    assert!(given["tls.client.key_file"] == Given::Secret("pem".into()));
    assert!(given["tls.disabled"] == Given::Plain("false".into()));
    assert!(given["schema_registry.name"] == Given::Plain("Reg".into()));
    for port in ["443", "'443'"] {
        let given = of_update(Kind::Databricks, &with(&format!("'databricks.warehouse_port' = {port}")), &[]);
        assert!(given.unwrap()["databricks.warehouse_port"] == Given::Plain("443".into()));
    }
}

#[test]
fn an_update_merges_except_for_a_group_which_has_to_be_complete() {
    assert_eq!(update(Kind::Kafka, "'uris' = 'c'"), "");
    assert_eq!(
        update(Kind::Kafka, "'kafka.sasl.username' = 'u'"),
        "3D021 kafka.sasl.hash_function is required"
    );
    assert_eq!(
        update(Kind::Kafka, "'kafka.sasl.hash_function' = PLAIN, 'kafka.sasl.username' = 'u'"),
        "3D021 kafka.sasl.password is required"
    );
    assert_eq!(update(Kind::Kafka, "'kafka.sasl.hash_function' = NONE"), "");
    assert_eq!(
        update(Kind::Kafka, "'kafka.sasl.password' = NULL"),
        "3D008 'kafka.sasl.password' cannot be NULL"
    );
    assert_eq!(update(Kind::Kafka, "'schema_registry.name' = NULL"), "");
    assert_eq!(update(Kind::S3, "'aws.access_key_id' = 'a'"), "3D021 aws.secret_access_key is required");
    assert_eq!(update(Kind::Postgresql, "'postgres.username' = 'a'"), "");
    assert_eq!(update(Kind::Snowflake, "'type' = SNOWFLAKE"), "3D008 'type' cannot be updated");
}

#[test]
fn a_parameter_of_a_statement_does_not_show_its_value() {
    let parameter = Parameter { key: "k".to_owned(), value: Value::Text(Literal::new("hush")) };
    assert!(!format!("{parameter:?}").contains("hush"));
}
