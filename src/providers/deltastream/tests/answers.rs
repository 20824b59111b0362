//! Answers in the service's own format, and answers that are none: what they become.

use std::time::Duration;

use proptest::prelude::*;

use super::script::*;
use super::stores;
use crate::platform::http::{Deadlines, HttpError, Origin, captured_log};
use crate::ports::provider::ErrorClass::{
    self, Ambiguous, Auth, Conflict, Invalid, Protocol, Throttled, Unavailable,
};
use crate::ports::provider::ProviderError;
use crate::providers::deltastream::sql;

async fn errors(reply: impl Fn() -> Reply) -> [ProviderError; 2] {
    both(reply).await.map(|outcome| outcome.map(|outcome| outcome.id).unwrap_err())
}

async fn expect(name: &str, reply: impl Fn() -> Reply, classes: [ErrorClass; 2]) {
    let errors = errors(reply).await;
    assert_eq!(errors.each_ref().map(|error| error.class), classes, "{name}: {errors:?}");
    assert_eq!(errors.each_ref().map(|error| error.operation), ["SELECT stores", "CREATE STORE"]);
}

/// The table of deltastream-api 4, for a read and for a write.
#[tokio::test]
async fn a_state_is_sorted_and_kept_verbatim() {
    for (code, read, write) in [
        ("02000", Protocol, Ambiguous),
        ("0A000", Invalid, Invalid),
        ("2BP01", Invalid, Invalid),
        ("3D006", Invalid, Invalid),
        ("3D008", Invalid, Invalid),
        ("3D021", Invalid, Invalid),
        ("3E001", Unavailable, Unavailable),
        ("42501", Auth, Auth),
        ("42601", Invalid, Invalid),
        ("42622", Invalid, Invalid),
        ("42710", Conflict, Conflict),
        ("42P05", Conflict, Conflict),
        ("42P018", Conflict, Conflict),
        ("42P002", Invalid, Invalid),
        ("53000", Invalid, Invalid),
        ("57000", Unavailable, Ambiguous),
        ("57014", Unavailable, Ambiguous),
        ("57015", Unavailable, Invalid),
        ("XX000", Unavailable, Ambiguous),
        ("XX001", Unavailable, Ambiguous),
        ("42P999", Invalid, Invalid),
        ("99999", Protocol, Ambiguous),
        ("", Protocol, Ambiguous),
    ] {
        let errors = errors(|| state(code, "the reason")).await;
        assert_eq!(errors.each_ref().map(|error| error.class), [read, write], "{code}");
        for error in errors {
            assert_eq!(error.code.as_deref(), Some(code));
            assert_eq!((error.message.as_str(), error.request_id.as_deref()), ("the reason", Some(ID)));
        }
    }
    let [silent, _] = errors(|| state("3D006", " ")).await;
    assert_eq!(silent.message, "no such store");
}

/// A decoder would take the values without their names, and nothing behind them for nothing.
#[tokio::test]
async fn a_list_in_place_of_an_object_and_an_empty_body_are_no_answers() {
    let list = format!(r#"["00000",null,"{ID}",null,null]"#);
    for body in [list.as_str(), "", " ", "null"] {
        expect(body, || Reply::Http(200, body.to_owned()), [Protocol, Ambiguous]).await;
    }
    expect("400", || Reply::Http(400, r#"["no"]"#.to_owned()), [Protocol, Ambiguous]).await;
}

#[tokio::test]
async fn a_hint_names_the_role_that_matters() {
    let hint = |code: &'static str| async move {
        let [_, error] = errors(|| state(code, "m")).await;
        error.hint.unwrap()
    };
    // Created as one role, listed as another.
    assert!(hint("42P05").await.starts_with("a store of this name exists that role `viewer` does not list"));
    assert!(hint("42501").await.starts_with("role `analyst` may not do this"));
    assert!(hint("3D006").await.starts_with("role `analyst` sees no such store"));
    assert!(hint("3D001").await.contains("role `analyst`"));
    assert!(hint("2BP01").await.contains("relations and queries"));
    assert!(hint("42601").await.contains("defect of reconcile"));
}

#[tokio::test]
async fn a_warning_is_logged_and_accepted() {
    let (subscriber, log) = captured_log::start(tracing::Level::WARN);
    let _guard = tracing::subscriber::set_default(subscriber);
    let [_, write] = both(|| state("01P01", "hunter2-canary is deprecated")).await;
    assert_eq!(write.map(|outcome| outcome.id).unwrap(), ID);
    assert!(
        log.text().contains("01P01") && log.text().contains("[redacted] is deprecated"),
        "{}",
        log.text()
    );
}

/// The table of deltastream-api 3.3, for a read and for a write.
#[tokio::test]
async fn a_status_is_sorted() {
    for (status, read, write) in [
        (400, Invalid, Invalid),
        (401, Auth, Auth),
        (403, Auth, Auth),
        (404, Invalid, Invalid),
        (408, Unavailable, Ambiguous),
        (409, Invalid, Invalid),
        (429, Throttled { after: None }, Throttled { after: None }),
        (500, Unavailable, Ambiguous),
        (502, Unavailable, Ambiguous),
        (503, Unavailable, Ambiguous),
        (504, Unavailable, Ambiguous),
        (599, Unavailable, Ambiguous),
    ] {
        let body = r#"{"message":"stubbed"}"#;
        expect(&status.to_string(), || Reply::Http(status, body.to_owned()), [read, write]).await;
        let [error, _] = errors(|| Reply::Http(status, body.to_owned())).await;
        assert_eq!(error.message, format!("HTTP {status}: stubbed"));
    }
    for status in [201, 204, 400, 404, 418] {
        for body in ["", "<html>", "[]", r#"{"message":7}"#, r#"{"message":" "}"#] {
            expect(
                &format!("{status} {body}"),
                || Reply::Http(status, body.to_owned()),
                [Protocol, Ambiguous],
            )
            .await;
        }
    }
    let page = || Reply::Headed(403, "content-type", "text/html", "\n<b>Blocked</b>\nmore".to_owned());
    let [error, _] = errors(page).await;
    assert_eq!((error.class, error.message.as_str()), (Auth, "HTTP 403 (text/html: <b>Blocked</b>)"));
}

#[tokio::test]
async fn a_throttled_call_says_when_to_come_back() {
    for (header, after) in
        [("30", Some(30)), ("0", None), ("-1", None), ("Fri, 02 Jan 2026 03:04:05 GMT", None)]
    {
        let [error, _] = errors(|| Reply::Headed(429, "retry-after", header, String::new())).await;
        assert_eq!(error.class, Throttled { after: after.map(Duration::from_secs) });
    }
}

#[tokio::test]
async fn what_happened_on_the_way_decides_what_a_write_may_have_done() {
    let origin = || Origin::parse("h.example").unwrap();
    let limits = Deadlines::default();
    let failures: [(HttpError, [ErrorClass; 2]); 7] = [
        (HttpError::Unsendable { origin: origin(), detail: "d" }, [Invalid, Invalid]),
        (HttpError::Unreachable { origin: origin(), detail: "d".into() }, [Unavailable, Unavailable]),
        (
            HttpError::TimedOut { origin: origin(), read: limits.read, total: limits.total },
            [Unavailable, Ambiguous],
        ),
        (cut(), [Unavailable, Ambiguous]),
        (HttpError::NotHttp { origin: origin(), detail: "d".into() }, [Protocol, Ambiguous]),
        (HttpError::TooLarge { origin: origin(), limit: 1 }, [Protocol, Ambiguous]),
        (HttpError::Redirect { origin: origin(), status: 302 }, [Protocol, Ambiguous]),
    ];
    for (failure, classes) in failures {
        expect(&failure.to_string(), || Reply::Fail(failure.clone()), classes).await;
    }
}

#[tokio::test]
async fn an_answer_of_a_wrong_shape_is_no_answer() {
    for body in ["", "{", "null", "[]", "{}", r#"{"sqlState":0}"#, r#"{"sqlState":"00000"}{}"#, "<html>"] {
        let cut_off = body == "{";
        let classes = if cut_off { [Unavailable, Ambiguous] } else { [Protocol, Ambiguous] };
        expect(body, || Reply::Http(200, body.to_owned()), classes).await;
    }
}

#[tokio::test]
async fn secrets_that_the_service_echoes_are_taken_out_of_every_text() {
    let secret = stores::KEY;
    let statement = sql::create(&stores::snowflake(None)).unwrap();
    let spelled = serde_json::json!(secret).to_string();
    let echoes = [
        secret.to_owned(),
        spelled,
        statement.text().to_owned(),
        format!("parse error: line 1:197 no viable alternative at input '{}", &statement.text()[..140]),
        "user 'loader-of-flakes' and fake-token-0001".to_owned(),
        "loader%2Dof-flakes loader-o".to_owned(),
    ];
    for echo in &echoes {
        let message = serde_json::json!({ "message": echo }).to_string();
        for reply in [
            state("42601", echo),
            state(echo, "m"),
            Reply::Http(400, message.clone()),
            Reply::Http(500, message.clone()),
            Reply::Headed(502, "content-type", "text/html", format!("<html>{echo}")),
            Reply::Http(200, serde_json::json!({ "sqlState": [echo] }).to_string()),
            Reply::Http(200, serde_json::json!({"sqlState": "03000", "statementID": echo}).to_string()),
            Reply::Http(200, serde_json::json!({"sqlState": "42601", "statementID": echo}).to_string()),
        ] {
            let (subscriber, log) = captured_log::start(tracing::Level::TRACE);
            let _guard = tracing::subscriber::set_default(subscriber);
            let error =
                Script::new([reply]).complete(&statement, 60).await.map(|outcome| outcome.id).unwrap_err();
            let text = format!("{error} {error:?} {}", log.text());
            for canary in ["TUlJS0VZ", "PRIVATE KEY", "loader-o", "fake-token", "snowflake.username"] {
                assert!(!text.contains(canary), "{canary}: {text}");
            }
        }
    }
}

/// Any JSON, with the members that we listen to where they can stand.
fn hostile() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["00000", "03000", "42P05", "json", ID]).prop_map(Value::from),
    ];
    let member = prop::sample::select(vec![
        "sqlState",
        "message",
        "statementID",
        "metadata",
        "data",
        "encoding",
        "partitionInfo",
        "rowCount",
        "columns",
        "name",
        "context",
        "organizationID",
        "roleName",
        "dataplaneRequest",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(member.clone().prop_map(str::to_owned), inner, 0..9)
                .prop_map(|members| Value::from(serde_json::Map::from_iter(members))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_body_makes_the_reader_panic(
        body in prop_oneof![
            any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            hostile().prop_map(|value| value.to_string()),
        ],
        status in prop_oneof![Just(200_u16), Just(202), 200_u16..600],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            for statement in [sql::list(), sql::create(&stores::kafka("p")).unwrap()] {
                let replies = (0..40).map(|_| Reply::Http(status, body.clone()));
                // A value or an error, that is all that is asked for.
                drop(Script::new(replies).complete(&statement, 60).await);
            }
        });
    }
}
