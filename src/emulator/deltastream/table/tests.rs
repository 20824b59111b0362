use std::time::Duration;

use super::super::kind::Kind;
use super::super::login::Login;
use super::super::parameters::{Parameters, of_create};
use super::super::sql::{Statement, parse};
use super::super::stores::{Outlook, Stores};
use super::*;

fn now() -> Timestamp {
    "2025-10-09T08:53:20.1234Z".parse().unwrap()
}

/// Three stores of three kinds; the second has no login.
fn stores() -> Stores {
    let mut stores = Stores::default();
    for (index, (name, kind)) in
        [("a", Kind::Kafka), ("b", Kind::Postgresql), ("c", Kind::Clickhouse)].into_iter().enumerate()
    {
        let login = if name == "b" { Login::Refused("no".to_owned()) } else { Login::Accepted };
        let outlook = Outlook { login, provisioning_for: Duration::ZERO, salt: String::new() };
        let owner = ["z", "y", "x"][index];
        let store = Store::new(owner.to_owned(), kind, &Parameters::new(), outlook, now());
        stores.set(name.to_owned(), Some(store));
    }
    stores
}

fn select(text: &str) -> Result<Table, NoSuchColumn> {
    let Statement::Select(query) = parse(&format!("SELECT {text};")).unwrap() else { panic!("{text}") };
    Table::selected(&query, stores().visible("sysadmin", now()), now())
}

fn cells(text: &str) -> Vec<String> {
    let rows = select(&text.replace("STORES", "deltastream.sys.\"stores\"")).unwrap().rows;
    rows.iter().flatten().map(|cell| cell.clone().unwrap_or("NULL".to_owned())).collect()
}

#[test]
fn a_query_shows_filters_sorts_and_limits() {
    for (text, expected) in [
        ("name FROM STORES", vec!["a", "b", "c"]),
        ("status, status_message FROM STORES WHERE name = 'b'", vec!["errored", "no"]),
        ("status_message, status FROM STORES WHERE name = 'a'", vec!["NULL", "ready"]),
        ("name FROM STORES WHERE name IN ('c', 'a', 'q')", vec!["a", "c"]),
        ("name FROM STORES WHERE name IN ('c', 'a') AND type = 'Kafka'", vec!["a"]),
        ("name FROM STORES WHERE name = 'A'", vec![]),
        ("name FROM STORES WHERE status_message = ''", vec![]),
        ("\"owner\" FROM STORES ORDER BY \"owner\"", vec!["x", "y", "z"]),
        ("name FROM STORES ORDER BY name DESC LIMIT 2", vec!["c", "b"]),
        ("name FROM STORES LIMIT 0", vec![]),
        (
            "* FROM STORES WHERE name = 'b'",
            vec![
                "b",
                "Postgres",
                "errored",
                "no",
                "y",
                "2025-10-09 08:53:20.123Z",
                "2025-10-09 08:53:20.123Z",
            ],
        ),
    ] {
        assert_eq!(cells(text), expected, "{text}");
    }
    for text in
        ["region FROM STORES", "name FROM STORES WHERE region = 'a'", "name FROM STORES ORDER BY region"]
    {
        let error = select(&text.replace("STORES", "deltastream.sys.stores")).unwrap_err();
        assert_eq!(error, NoSuchColumn("region".to_owned()));
    }
}

#[test]
fn a_list_marks_the_default_store_and_has_no_null() {
    let stores = stores();
    let table = Table::listed(stores.visible("sysadmin", now()), Some("c"), now());
    let cell = |row: usize, column: usize| table.rows[row][column].as_deref().unwrap();
    assert_eq!((cell(0, 3), cell(1, 3)), ("", "no"));
    assert_eq!((cell(1, 4), cell(2, 4)), ("false", "true"));
}

#[test]
fn a_description_has_seven_columns_and_no_secret() {
    let Statement::CreateStore { with, .. } = parse(
        "CREATE STORE s WITH ('type' = KAFKA, 'uris' = 'b:1', 'kafka.sasl.hash_function' = PLAIN, \
         'kafka.sasl.username' = 'hush', 'kafka.sasl.password' = 'hush', 'tls.disabled' = TRUE, \
         'tls.verify_server_hostname' = FALSE, 'schema_registry.name' = \"reg\");",
    )
    .unwrap() else {
        panic!("no create");
    };
    let (kind, given) = of_create(&with, &[]).unwrap();
    let outlook = Outlook { login: Login::Accepted, provisioning_for: Duration::ZERO, salt: "s".to_owned() };
    let store = Store::new("r".to_owned(), kind, &given, outlook, now());
    let row: Vec<String> = Table::described("s", &store).rows.remove(0).into_iter().flatten().collect();
    assert_eq!(
        row,
        [
            "{\"name\":\"s\",\"owner\":\"r\",\"type\":\"Kafka\"}",
            "b:1",
            "{\"sasl_hash_function\":\"PLAIN\"}",
            "false",
            "false",
            "reg",
            "[\"s\"]"
        ]
    );
    let stores = stores();
    let (name, bare) = stores.visible("sysadmin", now()).next().unwrap();
    let row = Table::described(name, bare).rows.remove(0);
    let expected = [Some(""), Some("{}"), Some("true"), Some("true"), None, Some("[\"a\"]")];
    assert_eq!(row[1..].iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
}
