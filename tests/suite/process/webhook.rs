//! The webhook of a profile: one message for each change of the situation, whatever the number of passes, and never its URL.

use serde_json::Value;

use super::emulator::Emulator;
use super::locks::with_holder;
use super::program::{Ended, eventually, run};
use super::receiver::{Answer, Receiver};
use super::scenario::Connector;
use super::site::Site;
use super::watching::Watching;

fn one(name: &str) -> Connector {
    Connector::new("orders", name, 1)
}

/// A place whose profile has this webhook.
fn site(receiver: &Receiver) -> Site {
    let site = Site::new();
    std::fs::write(site.path().join("reconcile.yaml"), project(receiver)).unwrap();
    site
}

fn project(receiver: &Receiver) -> String {
    format!("profiles: {{local: {{emulator: true, notify: {{url: '{}'}}}}}}\n", receiver.url())
}

/// A watch over these, whose webhook answers like this.
fn watching(
    connectors: &[Connector],
    answers: &[Answer],
    service: &[&str],
    flags: &[&str],
) -> (Watching, Receiver) {
    let receiver = Receiver::start(answers);
    let site = site(&receiver);
    site.declare(connectors);
    let emulator = Emulator::start(site.path(), service);
    (Watching::over(site, emulator, flags), receiver)
}

/// Waits for three more passes: whatever they had to tell was put into the post by then.
fn three_more_passes(watching: &Watching) {
    watching.until_pass(watching.passes() + 3);
}

/// Ends the watch. Its URL was shown nowhere: the secret of the test stands in its path and its query.
fn stop(watching: Watching) -> Ended {
    let events = std::fs::read_to_string(watching.site.path().join("events.ndjson")).unwrap();
    let ended = watching.stop().exits(0);
    for told in [&events, &ended.stdout, &ended.stderr] {
        assert!(!told.contains("hunter2"), "{told}");
    }
    ended
}

#[test]
fn what_is_not_as_declared_is_told_once_and_that_it_is_over_too() {
    let (watching, receiver) =
        watching(&[one("a")], &[], &[], &["--mode", "report", "--resync", "100ms", "-vv"]);
    let first = receiver.nth(1);
    assert!(first.head.starts_with("POST /services/hunter2?key=hunter2 HTTP/1.1\r\n"), "{}", first.head);
    assert!(first.head.contains("content-type: application/json\r\n"), "{}", first.head);
    let (message, run) = (&first.message, watching.of_type("version")[0]["run"].clone());
    assert_eq!(
        (&message["event"], &message["run"], &message["pass"]),
        (&"driftFound".into(), &run, &1.into())
    );
    assert_eq!(message["resources"], serde_json::json!([{"address": "FlinkConnector/a", "what": "create"}]));
    assert_eq!(message["text"], "reconcile local: 1 object found not as declared: FlinkConnector/a (create)");
    three_more_passes(&watching);
    // The same object, declared in another way: it is as little as declared as before.
    watching.site.declare(&[Connector::new("orders", "a", 2)]);
    three_more_passes(&watching);
    watching.site.run(watching.emulator.url(), &["apply", "--yes"]).exits(0);
    receiver.nth(2);
    three_more_passes(&watching);
    let schema = watching.site.run("", &["schema", "notification"]).exits(0).stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for posted in receiver.posted() {
        assert!(jsonschema::is_valid(&schema, &posted.message), "{:#}", posted.message);
    }
    stop(watching);
    assert_eq!(receiver.events(), ["driftFound", "recovery"]);
}

#[test]
fn what_somebody_else_deletes_is_told_and_put_right_and_what_manifests_want_anew_is_not_told() {
    let (watching, receiver) = watching(&[one("a")], &[], &[], &["--resync", "100ms"]);
    watching.until_live(&[one("a")]);
    watching.site.declare(&[one("a"), one("b")]);
    watching.until_live(&[one("a"), one("b")]);
    // From a state of their own, while the watch sleeps: it would create `b` again before its absence was seen.
    watching.signal("STOP");
    let theirs = |words: &[&str]| {
        run(watching.site.command(watching.emulator.url(), &[words, &["--state", "theirs"]].concat()))
            .exits(0);
    };
    theirs(&["state", "rebuild", "manifests"]);
    theirs(&["destroy", "manifests", "--target", "FlinkConnector/b", "--yes"]);
    watching.signal("CONT");
    let told = receiver.nth(1).message;
    assert_eq!(
        told["resources"],
        serde_json::json!([{"address": "FlinkConnector/b", "what": "create: live moved"}])
    );
    receiver.nth(2);
    watching.until_live(&[one("a"), one("b")]);
    three_more_passes(&watching);
    stop(watching);
    assert_eq!(receiver.events(), ["driftFound", "recovery"]);
}

#[test]
fn a_resource_that_fails_is_told_once_until_a_try_succeeds() {
    let service = ["--fail", "register:400x2"];
    let (watching, receiver) = watching(&[one("a")], &[], &service, &["--resync", "100ms"]);
    watching.until_live(&[one("a")]);
    receiver.nth(2);
    three_more_passes(&watching);
    let failure = &receiver.posted()[0].message;
    assert_eq!(failure["resources"][0]["address"], "FlinkConnector/a", "{failure}");
    stop(watching);
    assert_eq!(receiver.events(), ["failure", "recovery"]);
}

#[test]
fn manifests_that_cannot_be_loaded_and_a_service_that_is_gone_are_told_once_each() {
    let (watching, receiver) = watching(&[one("a")], &[], &[], &["--resync", "100ms"]);
    watching.until_live(&[one("a")]);
    watching.write("b.yaml", "apiVersion: reconcile/v1\nkind: Nothing\n");
    let text = receiver.nth(1).message["text"].clone();
    assert!(
        text.as_str().unwrap().contains("the manifests cannot be loaded: manifests/b.yaml:1: "),
        "{text}"
    );
    watching.write("b.yaml", "apiVersion: reconcile/v1\nkind: Nobody\n");
    watching.until("another diagnostic", |record| {
        record["type"] == "diagnostic" && record["message"].to_string().contains("Nobody")
    });
    std::fs::remove_file(watching.folder().join("b.yaml")).unwrap();
    receiver.nth(2);
    three_more_passes(&watching);
    assert_eq!(receiver.events(), ["failure", "recovery"]);
    let (site, emulator) = watching.leave("TERM");
    let endpoint = emulator.url().to_owned();
    drop(emulator);
    let program = Watching::program(&site, &endpoint, &["--resync", "100ms"]);
    let text = receiver.nth(3).message["text"].clone();
    assert!(text.as_str().unwrap().contains("nothing can be said of any object: "), "{text}");
    program.signal("TERM");
    program.wait().exits(0);
    assert_eq!(receiver.events().len(), 3);
}

#[test]
fn many_objects_are_one_message() {
    let many: Vec<Connector> = (0..50).map(|number| one(&format!("c{number}"))).collect();
    let (watching, receiver) = watching(&many, &[], &[], &["--mode", "report"]);
    let message = receiver.nth(1).message;
    assert_eq!((message["resources"].as_array().unwrap().len(), &message["more"]), (10, &40.into()));
    stop(watching);
    assert_eq!(receiver.events().len(), 1);
}

#[test]
fn a_message_that_was_not_taken_is_sent_again() {
    let answers = [Answer::Status(503)];
    let (watching, receiver) = watching(&[one("a")], &answers, &[], &["--mode", "report", "-o", "json"]);
    receiver.nth(2);
    assert_eq!(receiver.posted()[0].message, receiver.posted()[1].message);
    let ended = stop(watching);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["notifications"], serde_json::json!({"delivered": 1, "failed": 0}));
    assert!(!ended.stderr.contains("was not delivered"), "{}", ended.told());
}

#[test]
fn a_refusal_and_a_redirect_are_told_once_with_host_and_status() {
    for (answer, status) in [(Answer::Status(404), "HTTP 404"), (Answer::Redirect, "HTTP 302")] {
        let flags = ["--mode", "report", "--resync", "100ms", "-o", "json"];
        let (watching, receiver) = watching(&[one("a")], &[answer], &[], &flags);
        receiver.nth(1);
        three_more_passes(&watching);
        let ended = stop(watching);
        assert_eq!(receiver.posted().len(), 1, "tried again, or followed");
        let warnings: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
        assert_eq!(warnings.len(), 1, "{}", ended.told());
        assert!(warnings[0].contains("(driftFound)") && warnings[0].contains(status), "{}", warnings[0]);
        assert!(warnings[0].contains("http://127.0.0.1:"), "{}", warnings[0]);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(document["notifications"], serde_json::json!({"delivered": 0, "failed": 1}));
    }
}

#[test]
fn a_webhook_that_never_answers_delays_nothing() {
    let flags = ["--mode", "report", "--resync", "100ms"];
    let (watching, receiver) = watching(&[one("a")], &[Answer::Silence; 9], &[], &flags);
    receiver.nth(1);
    three_more_passes(&watching);
    let ended = stop(watching);
    assert!(ended.stderr.contains("was not delivered: the watch ended before it was"), "{}", ended.told());
}

#[test]
fn somebody_who_is_at_work_on_the_state_is_no_news() {
    let receiver = Receiver::start(&[]);
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    std::fs::write(site.path().join("reconcile.yaml"), project(&receiver)).unwrap();
    let program = Watching::program(&site, emulator.url(), &["--lock-timeout", "0s"]);
    eventually("a second try", || {
        let events = std::fs::read_to_string(site.path().join("events.ndjson")).unwrap_or_default();
        (events.matches("\"pass_end\"").count() >= 2).then_some(())
    });
    holder.signal("CONT");
    holder.wait().exits(0);
    program.until_stdout("everything is as declared");
    program.signal("TERM");
    program.wait().exits(0);
    assert_eq!(receiver.events(), [""; 0]);
}
