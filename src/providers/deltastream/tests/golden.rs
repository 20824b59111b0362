//! Every golden exchange of the vendor's own clients (`tests/vectors/deltastream-http.json`): what we would send where we
//! send the same, and what our reader makes of the recorded answers.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::Value;

use super::reader::{Token, store_statement};
use super::script::{Reply, Script};
use super::stores;
use crate::domain::kind::store::Subtype;
use crate::domain::natural_key::StoreName;
use crate::platform::http::HttpRequest;
use crate::ports::provider::{ErrorClass, ProviderError};
use crate::providers::deltastream::request::{self, Asker};
use crate::providers::deltastream::settings::BaseUrl;
use crate::providers::deltastream::sql::{self, Statement};

/// What is recorded and is not ours to send, with the reason.
const NOT_SENT: &[(&str, &str)] = &[
    ("py-version", "we never ask for the version"),
    ("go-ping", "we never ask for the version"),
    ("py-list-organizations", "we list stores only"),
    ("py-no-context-fields", "we list stores only"),
    ("go-list-organizations", "we list stores only"),
    ("py-list-stores-empty", "we read the system table, whose columns are known"),
    ("py-list-stores", "we read the system table, whose columns are known"),
    ("go-pulumi-session", "we read the system table, whose columns are known"),
    ("py-auth-403", "we read the system table, whose columns are known"),
    ("py-auth-401", "we read the system table, whose columns are known"),
    ("go-auth-403", "we read the system table, whose columns are known"),
    ("py-poll-ready", "one listing serves all stores"),
    ("py-status-message-null", "one listing serves all stores"),
    ("py-attachment-missing", "it refers to a file by another name than it has; ours cannot"),
    ("py-syntax-error", "a statement of a test"),
    ("py-202-then-200", "a statement of a test"),
    ("py-202-then-sql-error", "a statement of a test"),
    ("py-session-id", "a statement of a test"),
    ("py-multi-partition", "a statement of a test"),
    ("py-explicit-context", "a statement of a test"),
    ("py-http-400", "a statement of a test"),
    ("py-http-404", "a statement of a test"),
    ("py-http-408", "a statement of a test"),
    ("py-http-429", "a statement of a test"),
    ("py-http-500", "a statement of a test"),
    ("py-http-503", "a statement of a test"),
    ("py-http-502-html", "a statement of a test"),
    ("py-column-types", "a statement of a test"),
    ("py-warning-state", "a statement of a test"),
    ("py-unknown-sqlstate", "a statement of a test"),
    ("py-from-dsn", "a statement of a test"),
    ("go-202-then-200", "a statement of a test"),
    ("go-multi-partition", "a statement of a test"),
    ("go-dataplane-result-set", "a statement of a test; we refuse to go to a dataplane"),
    ("go-streaming", "we stream nothing; we refuse to go to a dataplane"),
    ("py-ddl-no-rows", "we change no context: every request carries its own"),
    ("py-context-switch", "we change no context: every request carries its own"),
    ("go-html-escaping", "we describe no query"),
    ("go-download", "we download nothing"),
];

/// Our statement for an exchange that we send, too.
fn ours(id: &str) -> Option<Statement> {
    let ca = "-----BEGIN CERTIFICATE-----\nTUlJRkFLRQ==\n-----END CERTIFICATE-----\n";
    let with_ca = |name| {
        let values = [
            ("kafka.uris", stores::set(&["b1.example.test:9093"])),
            ("kafka.sasl.hashFunction", stores::text("NONE")),
            ("kafka.tls.caCertFile", stores::sealed(ca)),
        ];
        stores::store(name, None, Subtype::Kafka, values)
    };
    let name = StoreName::new("orders_kafka").unwrap();
    let statement = match id {
        "py-create-store" | "py-duplicate-store" => sql::create(&stores::kafka("p'w;--")),
        "py-update-store" => {
            let values = [
                ("kafka.uris", stores::set(&["b1.example.test:9096"])),
                ("kafka.sasl.hashFunction", stores::text("SHA512")),
                ("kafka.sasl.username", stores::sealed("svc")),
                ("kafka.sasl.password", stores::sealed("n3w")),
            ];
            let store = stores::store("orders_kafka", None, Subtype::Kafka, values);
            sql::update(&store, &BTreeSet::from(["kafka.uris".to_owned()]))
        }
        "py-drop-store" | "py-drop-missing-store" => sql::drop_store(&name),
        "py-attachment" => sql::create(&with_ca("tls_kafka")),
        "go-attachment" => sql::create(&with_ca("go_tls")),
        _ => return None,
    };
    Some(statement.unwrap())
}

fn file() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/deltastream-http.json")).unwrap()
}

fn recorded() -> Vec<Value> {
    file()["exchanges"].as_array().unwrap().clone()
}

/// A submission, decoded: the `StatementRequest`, and the files by name.
type Submission = (Value, BTreeMap<String, String>);

fn decoded(request: &HttpRequest) -> Submission {
    let header = |wanted: &str| {
        let found = request.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    let body = std::str::from_utf8(request.body.as_ref().unwrap()).unwrap();
    let Some(boundary) = header("content-type").strip_prefix("multipart/form-data; boundary=") else {
        assert_eq!(header("content-type"), "application/json");
        return (serde_json::from_str(body).unwrap(), BTreeMap::new());
    };
    let body = body.strip_suffix(&format!("\r\n--{boundary}--\r\n")).unwrap();
    let between = format!("\r\n--{boundary}\r\n");
    let mut parts = body.strip_prefix(between.trim_start()).unwrap().split(&between);
    let head = "Content-Disposition: form-data; name=\"request\"\r\nContent-Type: application/json\r\n\r\n";
    let submission = serde_json::from_str(parts.next().unwrap().strip_prefix(head).unwrap()).unwrap();
    let part = |part: &str| {
        let name =
            part.strip_prefix("Content-Disposition: form-data; name=\"attachments\"; filename=\"").unwrap();
        let (name, content) =
            name.split_once("\"\r\nContent-Type: application/octet-stream\r\n\r\n").unwrap();
        (name.to_owned(), content.to_owned())
    };
    (submission, parts.map(part).collect())
}

fn decoded_recorded(request: &Value) -> Submission {
    let parts = request["multipart"].as_array().unwrap();
    let file =
        |part: &Value| Some((part["filename"].as_str()?.to_owned(), part["text"].as_str()?.to_owned()));
    (parts[0]["json"].clone(), parts.iter().filter_map(file).collect())
}

/// What a statement means: verb, name, and parameters with the content of files in place of their names.
fn meaning((submission, files): &Submission) -> (String, String, BTreeMap<String, String>) {
    let read = store_statement(submission["statement"].as_str().unwrap()).unwrap();
    let value = |token: Token| match token {
        Token::Text(text) => {
            files.get(&text).map_or_else(|| format!("'{text}'"), |content| format!("file {content}"))
        }
        Token::Word(word) => word,
        other => panic!("{other:?}"),
    };
    (read.verb, read.name, read.with.into_iter().map(|(key, token)| (key, value(token))).collect())
}

#[test]
fn every_exchange_is_ours_or_has_a_reason_why_not() {
    let ids: Vec<String> =
        recorded().iter().map(|exchange| exchange["id"].as_str().unwrap().to_owned()).collect();
    for id in &ids {
        let exempted = NOT_SENT.iter().filter(|(known, _)| known == id).count();
        assert_eq!(exempted + usize::from(ours(id).is_some()), 1, "{id}");
    }
    assert_eq!(ids.len(), NOT_SENT.len() + 7);
}

#[test]
fn what_we_send_means_what_the_vendors_clients_send() {
    for exchange in recorded() {
        let Some(statement) = ours(exchange["id"].as_str().unwrap()) else { continue };
        let recorded = &exchange["exchanges"][0]["request"];
        let theirs = decoded_recorded(recorded);
        let organization = theirs.0["organization"].as_str();
        let token = SecretString::from("fake-token-0001");
        let base = BaseUrl::parse("http://127.0.0.1/v2").unwrap();
        let role = theirs.0["role"].as_str();
        let asker = Asker { base: &base, token: &token, session: "s", organization, role };
        let request = request::submit(&asker, &statement, "b0undary");
        assert_eq!(request.target, recorded["target"].as_str().unwrap());
        let authorization = ["Authorization".to_owned(), "Bearer fake-token-0001".to_owned()];
        assert!(recorded["headers"].as_array().unwrap().contains(&serde_json::json!(authorization)));
        assert!(request.headers.contains(&("authorization".to_owned(), authorization[1].clone())));

        let ours = decoded(&request);
        assert_eq!(meaning(&ours), meaning(&theirs), "{}", exchange["id"]);
        assert_eq!(ours.1.len(), theirs.1.len());
        assert!(ours.1.keys().all(|name| name.starts_with('@') && name.is_ascii()), "{:?}", ours.1.keys());
        let keys = store_statement(ours.0["statement"].as_str().unwrap()).unwrap().keys;
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(ours.0["parameters"], serde_json::json!({"sessionID": "s", "timezone": "UTC"}));
        for member in ["organization", "role"] {
            assert_eq!(ours.0[member], theirs.0[member]);
        }
        assert_eq!(ours.0.as_object().unwrap().len(), 4, "{}", ours.0);
    }
}

#[test]
fn a_context_that_is_not_set_is_left_out() {
    let (token, base) = (SecretString::from("t"), BaseUrl::parse("http://127.0.0.1/v2").unwrap());
    let asker = Asker { base: &base, token: &token, session: "s", organization: None, role: None };
    let (submission, _) = decoded(&request::submit(&asker, &sql::list(), "b"));
    let names: Vec<&String> = submission.as_object().unwrap().keys().collect();
    assert_eq!(names, ["parameters", "statement"]);
}

fn reply(response: &Value) -> Reply {
    let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
    match (response.get("json"), response["text"].as_str()) {
        (Some(json), _) => Reply::Http(status, json.to_string()),
        (None, Some(text)) => Reply::Headed(status, "content-type", "text/html", text.to_owned()),
        (None, None) => panic!("{response}"),
    }
}

/// One submission with what follows it.
fn flows(exchange: &Value) -> Vec<Vec<&Value>> {
    let mut flows: Vec<Vec<&Value>> = Vec::new();
    for step in exchange["exchanges"].as_array().into_iter().flatten() {
        match step["request"]["method"].as_str().unwrap() {
            "POST" => flows.push(vec![step]),
            _ => flows.last_mut().into_iter().for_each(|flow| flow.push(step)),
        }
    }
    flows
}

/// What the state or status of the last answer must become, of a read and of a write; none for success.
fn classes(answer: &Value) -> Option<[ErrorClass; 2]> {
    use ErrorClass::{Ambiguous, Auth, Conflict, Invalid, Protocol, Throttled, Unavailable};
    let throttled = Throttled { after: None };
    match (answer["status"].as_u64().unwrap(), answer["json"]["sqlState"].as_str()) {
        (_, Some("00000" | "01000")) => None,
        (_, Some("03000")) | (408 | 500 | 502 | 503, None) => Some([Unavailable, Ambiguous]),
        (_, Some("3D006" | "3D008" | "42601")) | (400 | 404, None) => Some([Invalid, Invalid]),
        (_, Some("42P05")) => Some([Conflict, Conflict]),
        (_, Some("57015")) => Some([Unavailable, Invalid]),
        (_, Some("99999")) => Some([Protocol, Ambiguous]),
        (401 | 403, None) => Some([Auth, Auth]),
        (429, None) => Some([throttled, throttled]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_recorded_answer_is_read_as_it_was_meant() {
    let statements = [sql::list(), sql::create(&stores::kafka("p'w;--")).unwrap()];
    let mut read = 0;
    for exchange in recorded() {
        let id = exchange["id"].as_str().unwrap();
        for flow in flows(&exchange) {
            let dataplane = !flow[0]["response"]["json"]["metadata"]["dataplaneRequest"].is_null();
            let (first, last) = (&flow[0]["response"], &flow.last().unwrap()["response"]);
            for (index, statement) in statements.iter().enumerate() {
                // A recording that ends with a statement that goes on.
                let replies = flow.iter().map(|step| reply(&step["response"])).chain([Reply::Silence]);
                let script = Script::new(replies);
                let outcome = script.complete(statement, 60).await;
                if dataplane {
                    let error = outcome.map(|outcome| outcome.id).unwrap_err();
                    assert!(error.message.contains("dataplane"), "{id}: {error}");
                    continue;
                }
                match (outcome, classes(last)) {
                    (Ok(outcome), None) => {
                        assert_eq!(outcome.id, first["json"]["statementID"].as_str().unwrap(), "{id}");
                        let recorded = |step: &&Value| step["response"]["json"]["data"].as_array().cloned();
                        let rows: Vec<Value> = flow.iter().filter_map(recorded).flatten().collect();
                        if !statement.verb.writes() {
                            assert_eq!(serde_json::json!(outcome.table.rows), Value::from(rows), "{id}");
                            let columns = &last["json"]["metadata"]["columns"];
                            let names =
                                columns.as_array().unwrap().iter().map(|column| column["name"].clone());
                            assert_eq!(serde_json::json!(outcome.table.columns), names.collect::<Value>());
                        }
                        let context = &last["json"]["metadata"]["context"];
                        assert_eq!(
                            outcome.context.organization_id.as_deref(),
                            context["organizationID"].as_str()
                        );
                        assert_eq!(outcome.context.role_name.as_deref(), context["roleName"].as_str());
                    }
                    (Err(error), Some(classes)) => expect(id, &error, classes[index], last),
                    (Ok(_), Some(_)) => panic!("{id} was accepted"),
                    (Err(error), None) => panic!("{id}: {error}"),
                }
                polls_like_theirs(id, &flow, &script);
                read += 1;
            }
        }
    }
    assert!(read >= 80, "only {read} were read");
}

fn expect(id: &str, error: &ProviderError, class: ErrorClass, answer: &Value) {
    assert_eq!(error.class, class, "{id}: {error}");
    let said = |name: &str| answer["json"][name].as_str();
    assert_eq!(error.code.as_deref(), said("sqlState").filter(|state| *state != "03000"), "{id}");
    if let (Some(message), true) = (said("message"), error.code.is_some()) {
        assert_eq!(error.message, message, "{id}");
        assert_eq!(error.request_id.as_deref(), said("statementID"), "{id}");
    }
}

/// The requests after the first ask for the same partitions of the same statement; of a write, no rows are fetched.
fn polls_like_theirs(id: &str, flow: &[&Value], script: &Script) {
    for (step, request) in flow.iter().zip(script.requests()).skip(1) {
        let recorded = &step["request"];
        let (path, query) = request.target.split_once('?').unwrap();
        assert_eq!(path, recorded["path"].as_str().unwrap(), "{id}");
        let wanted = recorded["query"].as_array().unwrap();
        let partition = wanted.iter().find(|pair| pair[0] == "partitionID").unwrap()[1].as_str().unwrap();
        assert!(query.starts_with(&format!("partitionID={partition}&")), "{id}: {query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_streaming_result_is_refused() {
    let exchanges = recorded();
    let streaming = exchanges.iter().find(|exchange| exchange["id"] == "go-streaming").unwrap();
    let answer = Reply::Http(200, streaming["submit_response"].to_string());
    let error = Script::new([answer]).complete(&sql::list(), 60).await.map(|outcome| outcome.id).unwrap_err();
    assert!(
        error.message.contains("dataplane") && !format!("{error:?}").contains("fake-dataplane"),
        "{error}"
    );
}

/// The probes that change one thing of a good answer: which of them our reader takes for a listing. It asks for less than
/// the vendor's client where nothing depends on it, and for more where rows could be lost.
#[tokio::test(start_paused = true)]
async fn every_probe_of_the_shape_of_an_answer_gives_a_value_or_a_clear_error() {
    let refused = [
        ("columns null", "columns"),
        ("columns absent", "columns"),
        ("partitionInfo null", "how many rows"),
        ("partitionInfo absent", "how many rows"),
        ("metadata absent", "metadata"),
        ("numeric cell instead of string", "wrong shape"),
        ("partitionInfo understates rows", "1 rows, 0 were announced"),
        ("200 with sqlState 03000 and no metadata", "not complete within"),
    ];
    let probes = file()["response_shape_probes"]["probes"].as_array().unwrap().clone();
    assert_eq!(probes.len(), 28);
    for probe in probes {
        let name = probe["probe"].as_str().unwrap();
        let replies = [Reply::Http(200, probe["response"].to_string()), Reply::Silence];
        let outcome = Script::new(replies).complete(&sql::list(), 60).await;
        match (outcome, refused.iter().find(|(known, _)| *known == name)) {
            (Ok(outcome), None) => {
                let recorded = probe["response"]["data"].as_array().cloned().unwrap_or_default();
                assert_eq!(serde_json::json!(outcome.table.rows), Value::from(recorded), "{name}");
            }
            (Err(error), Some((_, because))) => assert!(error.message.contains(because), "{name}: {error}"),
            (outcome, _) => panic!("{name}: {:?}", outcome.map(|outcome| outcome.table.rows)),
        }
    }
}
