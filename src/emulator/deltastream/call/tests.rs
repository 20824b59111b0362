use axum::http::{HeaderMap, Method};

use super::super::operation::Operation;
use super::*;

fn request(method: &Method, target: &str, headers: &[(&'static str, &str)], body: &str) -> Request {
    let mut map = HeaderMap::new();
    map.insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Request::new(method, &target.parse().unwrap(), map, Bytes::from(body.to_owned()))
}

fn submit(content_type: &str, body: &str) -> Result<Submission, CallError> {
    let request = request(&Method::POST, "/v2/statements", &[("content-type", content_type)], body);
    match Call::read(&request)? {
        Call::Submit(submission) => Ok(*submission),
        _ => panic!("not a submit"),
    }
}

/// The status and the words of a refusal.
fn refused<T>(verdict: Result<T, CallError>) -> (u16, String) {
    let error = verdict.err().expect("accepted");
    (error.status(), error.to_string())
}

#[test]
fn a_token_is_needed_and_has_to_be_the_right_one() {
    for (authorization, status) in [
        ("", 401),
        ("Bearer ", 401),
        ("Basic abc", 401),
        ("Bearer wrong", 403),
        ("Bearer fake-token-00011", 403),
    ] {
        let request = request(&Method::GET, "/v2/nothing", &[("authorization", authorization)], "");
        assert_eq!(refused(Call::read(&request)).0, status, "{authorization}");
    }
}

#[test]
fn only_three_endpoints_exist() {
    for (method, target) in [
        (Method::GET, "/v2"),
        (Method::GET, "/v2/"),
        (Method::GET, "/v2/statements"),
        (Method::POST, "/v2/statements/a"),
        (Method::GET, "/v2/statements/a/b"),
        (Method::POST, "/v2/version"),
        (Method::GET, "/v2/download/function_source/o/f"),
    ] {
        assert_eq!(refused(Call::read(&request(&method, target, &[], ""))).0, 404, "{method} {target}");
    }
    assert!(Call::is_meant_by("/v2") && Call::is_meant_by("/v2/x") && !Call::is_meant_by("/v22/statements"));
}

#[test]
fn a_poll_names_its_statement_and_partition() {
    for (query, expected) in [("", 0), ("?sessionID=&partitionID=0", 0), ("?partitionID=12&timezone=UTC", 12)]
    {
        let target = format!("/v2/statements/some-id{query}");
        match Call::read(&request(&Method::GET, &target, &[], "")).ok().unwrap() {
            Call::Poll { id, partition } => assert_eq!((id.as_str(), partition), ("some-id", expected)),
            _ => panic!("not a poll"),
        }
    }
    for query in ["?partitionID=", "?partitionID=-1", "?partitionID=a", "?partitionID=%"] {
        let target = format!("/v2/statements/some-id{query}");
        assert_eq!(refused(Call::read(&request(&Method::GET, &target, &[], ""))).0, 400, "{query}");
    }
}

#[test]
fn a_json_body_says_the_statement_and_its_context() {
    let body = r#"{"statement": "LIST STORES;", "organization": "5F0E8F3A-0000-4000-8000-0000000000aa", "role": "r",
                   "database": "d", "schema": "s", "store": "", "computePool": "p", "other": 1,
                   "parameters": {"timezone": "UTC", "sessionID": ""}}"#;
    let found = submit("application/json; charset=utf-8", body).ok().unwrap();
    let context = Context {
        role: "r".to_owned(),
        database: Some("d".to_owned()),
        schema: Some("s".to_owned()),
        store: None,
        compute_pool: Some("p".to_owned()),
    };
    assert_eq!((found.context, found.statement), (context, Ok(Statement::ListStores)));
    assert!(found.at_home);
    let found = submit("application/json", r#"{"statement": "x", "organization": "other"}"#).ok().unwrap();
    assert_eq!(found.context.role, "sysadmin");
    assert!(!found.at_home && found.statement.is_err());
    assert!(
        submit("application/json", r#"{"statement": "x", "organization": "acme"}"#).ok().unwrap().at_home
    );
}

#[test]
fn a_malformed_request_is_refused_without_repeating_it() {
    let part = |name: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let good = part("request", "{\"statement\": \"LIST STORES;\"}");
    let file = |name: &str| {
        let head = format!("Content-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"");
        format!("--b\r\n{head}\r\n\r\nhush\r\n")
    };
    let form = "multipart/form-data; boundary=b";
    assert!(submit(form, &format!("{good}{}{}--b--\r\n", file("@a"), file("@b"))).is_ok());
    for (content_type, body) in [
        ("", "{\"statement\": \"hush\"}".to_owned()),
        ("text/plain", "{\"statement\": \"hush\"}".to_owned()),
        ("application/json", "{\"statement\": \"hush\"".to_owned()),
        ("application/json", "{\"statement\": [\"hush\"]}".to_owned()),
        ("application/json", "{\"sql\": \"hush\"}".to_owned()),
        ("application/json", "{\"statement\": \"hush\", \"parameters\": \"hush\"}".to_owned()),
        ("application/json", "{\"statement\": \"hush\", \"parameters\": {\"timezone\": 1}}".to_owned()),
        ("multipart/form-data", good.clone()),
        (form, good.clone()),
        (form, "--b--".to_owned()),
        (form, format!("{good}{good}--b--")),
        (form, format!("{good}{}--b--", part("attachment", "hush"))),
        (form, format!("{good}{}--b--", part("attachments", "hush"))),
        (form, format!("{good}{}{}--b--", file("@a"), file("@a"))),
        (form, format!("{good}{}--b--", file(""))),
    ] {
        let (status, words) = refused(submit(content_type, &body));
        assert_eq!(status, 400, "{body}");
        assert!(!words.contains("hush"), "{words}");
    }
}

#[test]
fn a_statement_is_told_by_its_verb_and_object_alone() {
    for (statement, operation) in [
        ("CREATE STORE s WITH ('a' = b);", Operation::CreateStore),
        ("UPDATE STORE s WITH ('a' = b);", Operation::UpdateStore),
        ("DROP STORE s;", Operation::DropStore),
        ("DESCRIBE STORE s;", Operation::DescribeStore),
        ("LIST STORES;", Operation::ListStores),
        ("SELECT name FROM deltastream.sys.\"stores\";", Operation::ListStores),
        ("LIST ORGANIZATIONS;", Operation::OtherStatement),
        ("USE STORE s;", Operation::OtherStatement),
        ("nonsense", Operation::OtherStatement),
    ] {
        let body = serde_json::json!({ "statement": statement }).to_string();
        let submission = submit("application/json", &body).ok().unwrap();
        assert_eq!(Call::Submit(Box::new(submission)).operation(), operation, "{statement}");
    }
}
