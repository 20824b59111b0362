//! A statement from submitting to its last row, in virtual time.

use super::script::*;
use super::stores;
use crate::platform::http::captured_log;
use crate::ports::provider::ErrorClass::{Ambiguous, Auth, Invalid, Protocol, Throttled, Unavailable};
use crate::ports::provider::ProviderError;
use crate::providers::deltastream::sql::{self, Statement};

fn write() -> Statement {
    sql::create(&stores::kafka("hunter2-canary")).unwrap()
}

async fn failed(script: &Script, statement: &Statement) -> ProviderError {
    script.complete(statement, 60).await.map(|outcome| outcome.id).unwrap_err()
}

fn again(count: usize, reply: impl Fn() -> Reply) -> Vec<Reply> {
    (0..count).map(|_| reply()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_statement_is_sent_once_and_asked_for_at_once_then_less_and_less_often() {
    let mut replies = again(9, running);
    replies.push(rows(&[1], &["42"]));
    let script = Script::new(replies);
    let outcome = script.complete(&sql::list(), 60).await.unwrap();
    assert_eq!(outcome.table.rows, [[Some("42".to_owned())]]);
    assert_eq!(outcome.id, ID);
    let heard = script.heard();
    assert_eq!(heard[0].1, "POST /v2/statements");
    let poll = format!("GET /v2/statements/{ID}?partitionID=0&sessionID=s1&timezone=UTC");
    assert!(heard[1..].iter().all(|(_, target)| *target == poll), "{heard:?}");
    let seconds: Vec<u64> = heard.iter().map(|(at, _)| *at).collect();
    assert_eq!(seconds, [0, 0, 1, 2, 3, 5, 8, 13, 18, 23]);
}

#[tokio::test(start_paused = true)]
async fn the_state_decides_whether_it_goes_on_and_not_the_status() {
    let script = Script::new([state("03000", ""), rows(&[0], &[])]);
    assert!(script.complete(&sql::list(), 60).await.unwrap().table.rows.is_empty());
    assert_eq!(script.heard().len(), 2);
    let Reply::Http(_, body) = rows(&[], &[]) else { unreachable!() };
    assert!(Script::new([Reply::Http(202, body)]).complete(&sql::list(), 60).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_is_not_complete_in_time_leaves_a_write_ambiguous() {
    for (statement, class) in [(sql::list(), Unavailable), (write(), Ambiguous)] {
        let script = Script::new(again(100, running));
        let error = failed(&script, &statement).await;
        assert_eq!(error.class, class);
        assert_eq!(error.message, "the statement was not complete within 60 s");
        assert_eq!(error.request_id.as_deref(), Some(ID));
        assert_eq!(script.heard().len(), 17);

        for replies in [vec![Reply::Silence], vec![running(), Reply::Silence]] {
            let error = failed(&Script::new(replies), &statement).await;
            assert_eq!(error.class, class, "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_asked_through_and_the_text_is_not_sent_again() {
    let page = |status| Reply::Headed(status, "content-type", "text/html", "<html>oops</html>".to_owned());
    let passing = [
        running(),
        Reply::Fail(cut()),
        page(502),
        page(504),
        Reply::Http(503, r#"{"message":"restarting"}"#.to_owned()),
        Reply::Http(408, String::new()),
        Reply::Http(200, r#"{"sqlState":"00"#.to_owned()),
        running(),
        state("00000", ""),
    ];
    let script = Script::new(passing);
    assert_eq!(script.complete(&write(), 60).await.unwrap().id, ID);
    let posts = script.heard().iter().filter(|(_, target)| target.starts_with("POST")).count();
    assert_eq!(posts, 1);

    let mut replies = vec![running()];
    replies.extend(again(100, || page(503)));
    let error = failed(&Script::new(replies), &write()).await;
    assert_eq!(error.class, Ambiguous);
    assert!(error.message.contains("within 60 s; the last answer: HTTP 503 (text/html: <html>"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn once_a_write_has_an_id_no_failure_to_follow_it_is_definite() {
    let refusals = || {
        [
            (Reply::Http(401, r#"{"message":"expired"}"#.to_owned()), Auth),
            (Reply::Http(404, r#"{"message":"no such statement"}"#.to_owned()), Invalid),
            (Reply::Http(400, String::new()), Protocol),
            (Reply::Http(200, r#"{"sqlState":7}"#.to_owned()), Protocol),
            (Reply::Http(200, r#"{"sqlState":"00000","statementID":"another"}"#.to_owned()), Protocol),
        ]
    };
    for (reply, class) in refusals() {
        let error = failed(&Script::new([running(), reply]), &sql::list()).await;
        assert_eq!((error.class, error.request_id.as_deref()), (class, Some(ID)), "{error}");
    }
    for (reply, _) in refusals() {
        let error = failed(&Script::new([running(), reply]), &write()).await;
        assert_eq!((error.class, error.request_id.as_deref()), (Ambiguous, Some(ID)), "{error}");
    }
    // What the statement itself says is definite, whenever it says so.
    let error = failed(&Script::new([running(), state("42601", "no")]), &write()).await;
    assert_eq!(error.class, Invalid);
}

#[tokio::test(start_paused = true)]
async fn throttling_fails_a_read_fast_and_is_waited_out_for_a_write_that_is_under_way() {
    let slow = || Reply::Headed(429, "retry-after", "7", r#"{"message":"slow down"}"#.to_owned());
    let error = failed(&Script::new([running(), slow()]), &sql::list()).await;
    assert_eq!(error.class, Throttled { after: Some(std::time::Duration::from_secs(7)) });
    let script = Script::new([running(), slow(), state("00000", "")]);
    assert!(script.complete(&write(), 60).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_no_part_of_a_path_is_not_used() {
    for id in ["", "..", "a/b", "a?b", "ä", &"x".repeat(65)] {
        let running =
            || Reply::Http(202, serde_json::json!({"sqlState": "03000", "statementID": id}).to_string());
        let script = Script::new([running()]);
        assert_eq!(failed(&script, &sql::list()).await.class, Protocol);
        assert_eq!(script.heard().len(), 1);
        assert_eq!(failed(&Script::new([running()]), &write()).await.class, Ambiguous);
    }
    let nameless = Reply::Http(202, r#"{"sqlState":"03000"}"#.to_owned());
    let error = failed(&Script::new([nameless]), &write()).await;
    assert_eq!(error.message, "the statement goes on, but has no id");
}

#[tokio::test(start_paused = true)]
async fn every_partition_is_fetched_and_an_empty_one_is_not_asked_for() {
    let replies = [rows(&[2, 0, 1], &["a", "b"]), running(), rows(&[2, 0, 1], &["c"])];
    let script = Script::new(replies);
    let outcome = script.complete(&sql::list(), 60).await.unwrap();
    let cells: Vec<&str> = outcome.table.rows.iter().filter_map(|row| row[0].as_deref()).collect();
    assert_eq!(cells, ["a", "b", "c"]);
    let targets: Vec<String> = script.heard().into_iter().map(|(_, target)| target).collect();
    let third = format!("GET /v2/statements/{ID}?partitionID=2&sessionID=s1&timezone=UTC");
    assert_eq!(targets, ["POST /v2/statements", &third, &third]);
}

#[tokio::test(start_paused = true)]
async fn rows_that_are_not_as_many_as_announced_are_no_listing() {
    for (partitions, first, second) in [
        (vec![], vec!["x"], None),
        (vec![1], vec![], None),
        (vec![1], vec!["a", "b"], None),
        (vec![1, 2], vec!["a"], Some(vec!["b"])),
        (vec![1, 1], vec!["a"], Some(vec![])),
    ] {
        let replies = [Some(first), second].into_iter().flatten().map(|cells| rows(&partitions, &cells));
        let error = failed(&Script::new(replies.collect::<Vec<_>>()), &sql::list()).await;
        assert_eq!(error.class, Protocol, "{partitions:?}");
        assert!(error.message.contains("were announced"), "{error}");
    }
    let broken = Script::new([rows(&[1, 1], &["a"]), state("57015", "")]);
    assert_eq!(failed(&broken, &sql::list()).await.class, Unavailable);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_fetched_from_a_dataplane_is_refused_without_its_token() {
    let dataplane = |kind| {
        let body = serde_json::json!({
            "sqlState": "00000", "statementID": ID,
            "metadata": {"partitionInfo": [], "columns": [], "dataplaneRequest":
                {"token": "other-canary", "uri": "https://h/canary", "requestType": kind}},
        });
        Reply::Http(200, body.to_string())
    };
    for kind in ["result-set", "streaming"] {
        for (outcome, class) in both(|| dataplane(kind)).await.into_iter().zip([Protocol, Ambiguous]) {
            let error = outcome.map(|outcome| outcome.id).unwrap_err();
            assert_eq!(error.class, class);
            assert!(
                error.message.contains("dataplane") && !format!("{error:?}").contains("canary"),
                "{error:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_needs_a_state_and_nothing_else() {
    for body in
        [r#"{"sqlState":"00000"}"#, r#"{"sqlState":"00000","metadata":null,"data":null,"message":"","x":1}"#]
    {
        let script = Script::new([Reply::Http(200, body.to_owned())]);
        assert_eq!(script.complete(&write(), 60).await.unwrap().id, "");
    }
}

#[tokio::test(start_paused = true)]
async fn one_record_per_statement_names_it_and_a_slow_one_is_a_warning() {
    let (subscriber, log) = captured_log::start(tracing::Level::DEBUG);
    let _guard = tracing::subscriber::set_default(subscriber);
    Script::new([state("00000", "")]).complete(&write(), 60).await.unwrap();
    Script::new([state("42P05", "hunter2-canary")]).complete(&write(), 60).await.map(|o| o.id).unwrap_err();
    let slow = Script::new(again(6, running).into_iter().chain([state("00000", "")]).collect::<Vec<_>>());
    slow.complete(&write(), 60).await.unwrap();
    let text = log.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].contains("DEBUG") && lines[0].contains("CREATE STORE") && lines[0].contains(ID),
        "{text}"
    );
    assert!(lines[1].contains("DEBUG") && lines[1].contains("42P05"), "{text}");
    assert!(lines[2].contains("WARN") && lines[2].contains("ms=8000"), "{text}");
    assert!(!text.contains("canary") && !text.contains("orders_kafka"), "{text}");
}
