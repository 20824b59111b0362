//! The provider against a raw loopback server: who asks for what, and what rows become.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stores;
use crate::domain::field::FieldValue;
use crate::domain::live::{Census, Live, Observer, Readiness};
use crate::domain::natural_key::{NaturalKey, Scope, StoreName};
use crate::platform::http::captured_log;
use crate::platform::http::loopback::{Loopback, Reply};
use crate::ports::provider::{CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder};
use crate::providers::deltastream::DeltastreamProvider;
use crate::providers::deltastream::settings::{Settings, TokenSource};

fn variables(name: &str) -> Option<String> {
    match name {
        "DELTASTREAM_API_TOKEN" => Some("token-of-the-environment".to_owned()),
        "DELTASTREAM_ORGANIZATION" => Some("env-org".to_owned()),
        "DELTASTREAM_ROLE" => Some("env-role".to_owned()),
        _ => None,
    }
}

fn key(name: &str) -> NaturalKey {
    NaturalKey::Store { name: StoreName::new(name).unwrap() }
}

fn provider(server: &Loopback) -> DeltastreamProvider {
    let settings = Settings { url: Some(format!("{}/v2", server.url())), ..Settings::default() };
    DeltastreamProvider::new(settings, variables).unwrap()
}

fn answer(columns: &[&str], rows: &Value, context: &Value) -> Reply {
    let columns: Vec<Value> = columns.iter().map(|name| json!({"name": name, "type": "VARCHAR"})).collect();
    let count = rows.as_array().unwrap().len();
    let body = json!({
        "sqlState": "00000", "statementID": "id-1", "createdOn": 1, "data": rows,
        "metadata": {"encoding": "json", "partitionInfo": [{"rowCount": count}], "columns": columns, "context": context},
    });
    Reply::json(200, &body.to_string())
}

const COLUMNS: [&str; 7] = ["name", "type", "status", "status_message", "owner", "created_at", "updated_at"];

async fn listed(rows: Value, context: Value) -> Result<Census, ProviderError> {
    let server = Loopback::start(vec![answer(&COLUMNS, &rows, &context)]);
    provider(&server).observe(&Scope::Stores).await
}

/// The JSON of a request, and its authorization.
fn sent(request: &str) -> (Value, String) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let authorization = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap();
    let json = body.lines().find(|line| line.starts_with('{')).unwrap();
    (serde_json::from_str(json).unwrap(), authorization.to_owned())
}

#[tokio::test]
async fn a_listing_becomes_a_census_of_what_the_role_sees() {
    let rows = json!([
        ["b", "ConfluentKafka", "ready", null, "ann", "2025-10-09 08:53:24Z", "2025-10-09 08:53:25.5Z"],
        ["a", "Postgres", "ERRORED", "login failed", null, null, "some day"],
        ["c", "NewThing", "Booting", " ", "ann", "2025-10-09T08:53:24", "2025-10-09 10:53:24+0200"],
        ["d", null, null, null, null, null, null],
    ]);
    let census = listed(rows, json!({"organizationID": "id-of-org", "roleName": "viewer"})).await.unwrap();
    assert_eq!(
        census.observer(),
        Some(&Observer { organization: "id-of-org".to_owned(), role: "viewer".to_owned() })
    );
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let shown = |name: &str| {
        let live = census.get(&key(name)).unwrap();
        let fields: Vec<_> = live.fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let attributes: Vec<String> =
            live.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (fields, live.readiness.clone(), attributes.join(" "))
    };
    assert_eq!(
        shown("b"),
        (
            vec![("owner", text("ann")), ("type", text("kafka"))],
            Readiness::Ready,
            "createdAt=2025-10-09T08:53:24Z state=ready updatedAt=2025-10-09T08:53:25.5Z".to_owned()
        )
    );
    assert_eq!(
        shown("a"),
        (
            vec![("type", text("postgres"))],
            Readiness::Errored { message: Some("login failed".to_owned()) },
            "message=login failed state=ERRORED updatedAt=some day".to_owned()
        )
    );
    assert_eq!(
        shown("c"),
        (
            vec![("owner", text("ann")), ("type", text("NewThing"))],
            Readiness::Pending { state: "Booting".to_owned(), message: None },
            "createdAt=2025-10-09T08:53:24Z state=Booting updatedAt=2025-10-09T08:53:24Z".to_owned()
        )
    );
    let nothing = Readiness::Pending { state: "unknown".to_owned(), message: None };
    assert_eq!(shown("d"), (vec![], nothing, "state=unknown".to_owned()));
}

#[tokio::test]
async fn an_observer_that_the_answer_does_not_name_is_the_configured_one() {
    for context in [json!(null), json!({}), json!({"organizationID": "", "roleName": null})] {
        let observer = listed(json!([]), context).await.unwrap().observer().cloned();
        assert_eq!(
            observer,
            Some(Observer { organization: "env-org".to_owned(), role: "env-role".to_owned() })
        );
    }
}

/// No manifest can name it, so it stands in nobody's way.
#[tokio::test]
async fn a_store_with_a_name_that_no_statement_carries_is_left_out_of_the_listing() {
    let row = |name: &str| json!([name, "Kafka", "ready", null, "ann", null, null]);
    let census = listed(json!([row("a\nb"), row("b"), row("")]), json!({})).await.unwrap();
    let names: Vec<&str> = census.objects().map(|live| live.key.name()).collect();
    assert_eq!(names, ["b"]);
}

#[tokio::test]
async fn a_listing_that_cannot_be_trusted_decides_nothing() {
    let row = |name: Value| json!([name, "Kafka", "ready", null, "ann", null, null]);
    for (rows, because) in [
        (json!([row(json!("a")), row(json!("a"))]), "twice"),
        (json!([row(json!(null))]), "without a name"),
        (json!([["a", "Kafka"]]), "another number of cells"),
    ] {
        let error = listed(rows, json!({})).await.unwrap_err();
        assert_eq!((error.class, error.request_id.as_deref()), (ErrorClass::Protocol, Some("id-1")));
        assert!(error.message.contains(because), "{error}");
    }
    for missing in COLUMNS {
        let columns: Vec<&str> = COLUMNS.into_iter().filter(|name| *name != missing).collect();
        let server = Loopback::start(vec![answer(&columns, &json!([]), &json!({}))]);
        let error = provider(&server).observe(&Scope::Stores).await.unwrap_err();
        assert!(error.message.contains(&format!("no column `{missing}`")), "{error}");
    }
}

#[tokio::test]
async fn a_status_message_that_repeats_a_statement_is_cut() {
    let message = "cannot connect: CREATE STORE \"x\" WITH ('kafka.sasl.password' = 'hush'";
    let rows = json!([["a", "Kafka", "errored", message, "ann", null, null]]);
    let census = listed(rows, json!({})).await.unwrap();
    let live = census.get(&key("a")).unwrap();
    assert_eq!(live.attributes["message"], "cannot connect: CREATE STORE \"x\" [statement]");
}

#[tokio::test]
async fn each_statement_is_sent_in_the_name_of_the_role_that_it_concerns() {
    let ok = || Reply::json(200, r#"{"sqlState":"00000","statementID":"id-7"}"#);
    let server =
        Loopback::start(vec![ok(), ok(), ok(), ok(), ok(), answer(&COLUMNS, &json!([]), &json!({}))]);
    let provider = provider(&server);
    let (owned, unowned) = (stores::snowflake(Some("loader")), stores::snowflake(None));
    let update = |store| UpdateOrder { store, fields: ["snowflake.roleName".to_owned()].into() };
    let accepted = provider.create(&CreateOrder::Store(owned.clone())).await.unwrap();
    assert_eq!(accepted.request_id, "id-7");
    provider.create(&CreateOrder::Store(unowned)).await.unwrap();
    provider.update(&update(owned)).await.unwrap();
    provider.delete(&DeleteOrder { key: key("flake"), owner: Some("loader".into()) }).await.unwrap();
    provider.delete(&DeleteOrder { key: key("flake"), owner: None }).await.unwrap();
    provider.observe(&Scope::Stores).await.unwrap();

    let mut sessions = std::collections::BTreeSet::new();
    let mut seen = Vec::new();
    for request in server.heard() {
        assert!(request.starts_with("POST /v2/statements HTTP/1.1\r\n"), "{request}");
        assert!(request.contains(concat!("user-agent: reconcile/", env!("CARGO_PKG_VERSION"))), "{request}");
        let (json, authorization) = sent(&request);
        assert_eq!(authorization, "Bearer token-of-the-environment");
        assert_eq!(json["organization"], "env-org");
        assert_eq!(json["parameters"]["timezone"], "UTC");
        sessions.insert(json["parameters"]["sessionID"].as_str().unwrap().to_owned());
        let words: Vec<&str> = json["statement"].as_str().unwrap().split(' ').collect();
        seen.push(format!("{} {}", words[0], json["role"].as_str().unwrap()));
    }
    assert_eq!(
        seen,
        [
            "CREATE loader",
            "CREATE env-role",
            "UPDATE loader",
            "DROP loader",
            "DROP env-role",
            "SELECT env-role"
        ]
    );
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn settings_win_over_the_environment() {
    let server = Loopback::start(vec![answer(&COLUMNS, &json!([]), &json!({}))]);
    let settings = Settings {
        url: Some(format!("{}/v2", server.url())),
        organization: Some("org".into()),
        role: Some("role".into()),
        token: TokenSource::Static("static".into()),
        ..Settings::default()
    };
    let provider = DeltastreamProvider::new(settings, variables).unwrap();
    provider.observe(&Scope::Stores).await.unwrap();
    let (json, authorization) = sent(&server.heard()[0]);
    assert_eq!((json["organization"].as_str(), json["role"].as_str()), (Some("org"), Some("role")));
    assert_eq!(authorization, "Bearer static");
}

#[tokio::test]
async fn a_missing_token_is_met_by_who_needs_it_and_not_before() {
    let provider = DeltastreamProvider::new(Settings::default(), |_| None).unwrap();
    let error = provider.observe(&Scope::Stores).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Auth);
    assert!(error.message.contains("DELTASTREAM_API_TOKEN is not set"), "{error}");
    assert!(error.hint.unwrap().contains("DELTASTREAM_API_TOKEN"));
    for token in ["", "two words", "line\n", "ä"] {
        let settings = Settings { token: TokenSource::Static(token.into()), ..Settings::default() };
        let provider = DeltastreamProvider::new(settings, |_| None).unwrap();
        let error = provider.observe(&Scope::Stores).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Auth);
        assert!(token.is_empty() || !format!("{error:?}").contains(token), "{error:?}");
    }
}

#[tokio::test]
async fn what_no_statement_can_carry_is_refused_before_anything_is_sent() {
    let server = Loopback::start(vec![]);
    let provider = provider(&server);
    let error = provider.create(&CreateOrder::Store(stores::kafka("a\nb"))).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Invalid);
    assert!(error.message.starts_with("`kafka.sasl.password` cannot be written"), "{error}");
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_description_shows_the_fields_that_a_listing_does_not() {
    let shown = |name: &str, subtype: &str| Live {
        key: key(name),
        fields: [("type".to_owned(), FieldValue::Text(subtype.to_owned()))].into(),
        readiness: Readiness::Ready,
        attributes: BTreeMap::new(),
    };
    let seven = ["c1", "c2", "c3", "c4", "c5", "c6", "c7"];
    let row = json!([["{}", "b:1,a:1", "{}", "true", "true", null, "[]"]]);
    let server = Loopback::start(vec![answer(&seven, &row, &json!({}))]);
    let fields = provider(&server).describe(&shown("a'b", "kafka")).await.unwrap().unwrap();
    let names: Vec<&String> = fields.keys().collect();
    assert_eq!(names, ["kafka.tls.disabled", "kafka.tls.verifyServerHostname", "kafka.uris"]);
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(sent(&heard[0]).0["statement"], "DESCRIBE STORE \"a'b\";");

    let gone = |state: &str| Reply::json(200, &json!({"sqlState": state, "statementID": "i"}).to_string());
    for state in ["3D006", "3D020"] {
        let server = Loopback::start(vec![gone(state)]);
        assert_eq!(provider(&server).describe(&shown("s", "kafka")).await, Ok(None));
    }
    let server = Loopback::start(vec![gone("42501")]);
    assert_eq!(provider(&server).describe(&shown("s", "kafka")).await.unwrap_err().class, ErrorClass::Auth);
    // Of a type that is none of ours no field is known, and nothing is asked.
    let server = Loopback::start(vec![]);
    assert_eq!(
        provider(&server).describe(&shown("s", "Databricks")).await.unwrap().map(|fields| fields.len()),
        Some(0)
    );
}

#[tokio::test]
async fn each_failed_call_is_one_error_record_with_state_message_and_statement_id() {
    let (subscriber, log) = captured_log::start(tracing::Level::ERROR);
    let _guard = tracing::subscriber::set_default(subscriber);
    let refusal = json!({"sqlState": "42501", "message": "not you", "statementID": "id-9"}).to_string();
    let server = Loopback::start(vec![Reply::json(200, &refusal)]);
    provider(&server).observe(&Scope::Stores).await.unwrap_err();
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["ERROR", "SELECT stores", "42501", "not you", "id-9"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_connection_that_never_stood_is_definite() {
    // Nothing in these tests ever listens on this address.
    let settings = Settings { url: Some("http://127.0.0.2:9/v2".into()), ..Settings::default() };
    let provider = DeltastreamProvider::new(settings, variables).unwrap();
    let order = DeleteOrder { key: key("s"), owner: None };
    assert_eq!(provider.observe(&Scope::Stores).await.unwrap_err().class, ErrorClass::Unavailable);
    assert_eq!(provider.delete(&order).await.unwrap_err().class, ErrorClass::Unavailable);
}
