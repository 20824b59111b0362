use proptest::prelude::*;

use super::error::{Place, SqlError};
use super::grammar::parse;
use super::statement::{Filter, Order, Parameter, Query, Scope, Statement, Value};
use super::token::{Literal, Token, tokens};

fn with(pairs: &[(&str, Value)]) -> Vec<Parameter> {
    pairs.iter().map(|(key, value)| Parameter { key: (*key).to_owned(), value: value.clone() }).collect()
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn every_form_of_a_value_is_read() {
    let text = "CREATE STORE \"a \"\"b\"\"\" WITH ('type' = KAFKA, 'uris' = 'it''s; -- \"x\"', 'f' = TRUE, 'g' = false, \
                'n' = 443, 'schema_registry.name' = \"Reg\", 'x' = NULL);";
    let expected = with(&[
        ("type", Value::Word("KAFKA".into())),
        ("uris", Value::Text(Literal::new("it's; -- \"x\""))),
        ("f", Value::Flag(true)),
        ("g", Value::Flag(false)),
        ("n", Value::Integer("443".into())),
        ("schema_registry.name", Value::Identifier("Reg".into())),
        ("x", Value::Null),
    ]);
    assert_eq!(parse(text), Ok(Statement::CreateStore { name: "a \"b\"".into(), with: expected }));
}

#[test]
fn identifiers_fold_to_lower_case_unless_they_are_quoted() {
    for (text, name) in [("Ord_1", "ord_1"), ("\"Ord 1\"", "Ord 1"), ("`Ord``1`", "Ord`1"), ("ÄÖ", "äö")]
    {
        let statement = parse(&format!("drop /* a\n; */ store -- here\n {text};"));
        assert_eq!(statement, Ok(Statement::DropStore(name.into())), "{text}");
    }
}

#[test]
fn every_other_statement_is_read() {
    for (text, expected) in [
        ("DESCRIBE STORE \"s\";", Statement::DescribeStore("s".into())),
        ("LIST STORES;", Statement::ListStores),
        ("LIST ORGANIZATIONS ;", Statement::ListOrganizations),
        ("USE STORE s;", Statement::Use(Scope::Store, "s".into())),
        ("USE DATABASE \"D\";", Statement::Use(Scope::Database, "D".into())),
        ("USE SCHEMA public;", Statement::Use(Scope::Schema, "public".into())),
        ("USE ROLE sysadmin;", Statement::Use(Scope::Role, "sysadmin".into())),
    ] {
        assert_eq!(parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_query_has_columns_filters_an_order_and_a_limit() {
    let bare = Query { columns: None, filters: vec![], order: None, limit: None };
    assert_eq!(parse("SELECT * FROM deltastream.sys.\"stores\";"), Ok(Statement::Select(bare.clone())));
    let text = "SELECT type, \"owner\" FROM DELTASTREAM.SYS.stores WHERE name = 'a' AND type IN ('K', 'P') \
                ORDER BY created_at DESC LIMIT 100;";
    let filter = |column: &str, any_of: &[&str]| Filter {
        column: column.into(),
        any_of: any_of.iter().map(|text| Literal::new(*text)).collect(),
    };
    let expected = Query {
        columns: Some(vec!["type".into(), "owner".into()]),
        filters: vec![filter("name", &["a"]), filter("type", &["K", "P"])],
        order: Some(Order { column: "created_at".into(), descending: true }),
        limit: Some(100),
    };
    assert_eq!(parse(text), Ok(Statement::Select(expected)));
    let order = Some(Order { column: "name".into(), descending: false });
    for text in ["ORDER BY name", "ORDER BY name ASC"] {
        let found = parse(&format!("SELECT * FROM deltastream.sys.\"stores\" {text};"));
        assert_eq!(found, Ok(Statement::Select(Query { order: order.clone(), ..bare.clone() })), "{text}");
    }
}

#[test]
fn an_error_has_the_vendors_words_and_the_place_of_the_first_wrong_token() {
    for (text, tail) in [
        ("CREATE STOR x;", "line 1:7 no viable alternative at input '<identifier>'"),
        ("CREATE STORE s WITH ('type' = );", "line 1:30 no viable alternative at input ')'"),
        ("CREATE STORE s\nWITH 'a' = b;", "line 2:5 no viable alternative at input '<string>'"),
        ("DROP STORE s", "line 1:12 no viable alternative at input '<EOF>'"),
        ("", "line 1:0 no viable alternative at input '<EOF>'"),
        ("DROP STORE IF EXISTS s;", "line 1:14 no viable alternative at input 'EXISTS'"),
        ("DROP STORE \"\";", "line 1:11 no viable alternative at input '\"'"),
        ("DROP STORE s /* ;", "line 1:13 no viable alternative at input '/*'"),
        ("DROP STORE é€;", "line 1:12 no viable alternative at input '<character>'"),
        ("SELECT * FROM other;", "line 1:14 no viable alternative at input '<identifier>'"),
        ("LIST STORES LIMIT 1;", "line 1:12 no viable alternative at input 'LIMIT'"),
    ] {
        assert_eq!(refused(text), format!("parse error: {tail}"), "{text}");
        assert_eq!(parse(text).unwrap_err().state(), "42601");
    }
}

#[test]
fn a_literal_ends_on_its_line() {
    for text in ["UPDATE STORE s WITH ('a' = 'b\nc');", "UPDATE STORE s WITH ('a' = 'b\r\nc');"] {
        assert_eq!(refused(text), "parse error: line 1:27 no viable alternative at input '''", "{text}");
    }
}

#[test]
fn no_error_repeats_what_may_be_a_piece_of_a_secret() {
    for text in [
        "CREATE STORE s WITH ('p' = 'hush'hush);",
        "CREATE STORE s WITH ('p' = 'hush' 'hush');",
        "CREATE STORE s WITH ('p' = 'hush\nhush');",
        "CREATE STORE s WITH ('p' = 'hush\"hush\"');\"hush\"",
        "CREATE STORE s WITH (hush);",
    ] {
        let error = refused(text);
        assert!(!error.contains("hush"), "{error}");
    }
    let shown = format!("{:?}", parse("CREATE STORE s WITH ('p' = 'hush');"));
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn what_is_not_about_stores_and_what_is_a_batch_is_not_supported() {
    for (text, part) in [
        ("CREATE DATABASE \"d\";", "CREATE DATABASE"),
        ("ALTER QUERY q OWNER TO r;", "ALTER"),
        ("list secrets;", "LIST SECRETS"),
        ("SELECT * FROM deltastream.sys.\"queries\";", "system table"),
        ("LIST STORES; LIST STORES;", "one statement per request, a second one begins at line 1:13"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.state(), "0A000", "{text}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(parse("LIST STORES;; -- x"), Err(SqlError::Batch(Place { line: 1, column: 12 })));
}

fn render(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Integer(text) => text.clone(),
        Token::Quoted(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        Token::Text(text) => format!("'{}'", text.text().replace('\'', "''")),
        Token::Sign(sign) => sign.to_string(),
    }
}

fn any_token() -> impl Strategy<Value = Token> {
    prop_oneof![
        "[A-Za-z_é][A-Za-z0-9_]{0,8}".prop_map(Token::Word),
        "[^\r\n]{1,12}".prop_map(Token::Quoted),
        "[^\r\n]{0,12}|['\"; -]{0,6}".prop_map(|text| Token::Text(Literal::new(text))),
        "[0-9]{1,6}".prop_map(Token::Integer),
        prop::sample::select(vec!['(', ')', ',', ';', '=', '.', '*']).prop_map(Token::Sign),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn whatever_is_written_as_tokens_is_read_as_the_same_tokens(
        written in prop::collection::vec((any_token(), "[ \t\n]{1,2}| /\\*[a-z' \n]{0,4}\\*/ | --[a-z' ]{0,4}\n"), 0..12)
    ) {
        let text: String = written.iter().flat_map(|(token, gap)| [render(token), gap.clone()]).collect();
        let read: Vec<Token> = tokens(&text).unwrap().0.into_iter().map(|placed| placed.token).collect();
        prop_assert_eq!(read, written.into_iter().map(|(token, _)| token).collect::<Vec<_>>());
    }

    #[test]
    fn no_text_crashes_the_reader(text in "\\PC{0,40}|(CREATE|DROP|SELECT|USE|\\*|'|\"|;| |STORE|WITH|\\(|\n){0,12}") {
        drop(parse(&text));
    }
}
