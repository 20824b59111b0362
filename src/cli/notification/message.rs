//! What is posted. The type is the format: it is written as it stands here, and the published schema and the table in
//! `docs/watch.md` are derived from it.
//!
//! Compatibility: a field or an event may be added; what is removed, renamed or given another meaning raises the major
//! number of [`FORMAT`].

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::situation::{Fault, News, Standstill};
use crate::cli::render::summary::count;
use crate::domain::address::Address;

/// The version of the format, MAJOR.MINOR.
const FORMAT: &str = "1.0";

/// Objects that are listed; more are counted.
const LISTED: usize = 10;

/// Objects that the sentence names.
const NAMED: usize = 3;

/// The longest text about one object, in characters: services explain themselves at length.
const LONGEST: usize = 300;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) enum Event {
    /// Something was found not as declared.
    DriftFound,
    /// Something failed.
    Failure,
    /// All of it is over.
    Recovery,
}

impl Event {
    /// The word in the message.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Event::DriftFound => "driftFound",
            Event::Failure => "failure",
            Event::Recovery => "recovery",
        }
    }
}

/// One object
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Affected {
    /// The object, KIND/NAME
    address: String,
    /// How it stands, for people: its words may change
    what: String,
}

/// One message
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Message {
    /// The version of this format, MAJOR.MINOR
    format: &'static str,
    /// What happened
    pub(super) event: Event,
    /// The same in one sentence for people: its words may change
    text: String,
    /// The profile that is watched
    profile: String,
    /// The id of the watch's run
    run: String,
    /// The last pass, counted from 1; 0 before the first
    pass: u64,
    /// When, RFC 3339 in UTC
    at: String,
    /// The objects that are wrong now, new ones first, at most ten
    resources: Vec<Affected>,
    /// How many more are wrong
    more: usize,
}

/// Whose message it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    /// The profile.
    pub(crate) profile: &'a str,
    /// The id of the run.
    pub(crate) run: &'a str,
    /// The number of the last pass.
    pub(crate) pass: u64,
}

impl Message {
    /// The message for a piece of news, at this time.
    pub(crate) fn of(news: &News, sender: Sender<'_>, at: String) -> Self {
        let Sender { profile, run, pass } = sender;
        let (event, sentence, objects) = match news {
            News::Recovery => (Event::Recovery, "everything is as declared again".to_owned(), &[][..]),
            News::Standstill { why, words, objects } => {
                let words = shortened(words);
                let sentence = match why {
                    Standstill::Manifests => format!("the manifests cannot be loaded: {words}"),
                    Standstill::Held | Standstill::Pass(_) => {
                        format!("nothing can be said of any object: {words}")
                    }
                };
                (Event::Failure, sentence, &objects[..])
            }
            News::Worse { fault, new, objects } => {
                let (event, verb) = match fault {
                    Fault::Drift => (Event::DriftFound, "found not as declared"),
                    Fault::Failure => (Event::Failure, "failed"),
                };
                let of_that: Vec<_> =
                    objects.iter().take(*new).filter(|(_, (other, _))| other == fault).collect();
                let named: Vec<String> = of_that.iter().take(NAMED).map(|object| words(object)).collect();
                let rest = of_that.len().saturating_sub(NAMED);
                let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
                let sentence =
                    format!("{} {verb}: {}{rest}", count(of_that.len(), "object"), named.join(", "));
                (event, sentence, &objects[..])
            }
        };
        let affected = |(address, (_, what)): &(Address, (Fault, String))| Affected {
            address: address.to_string(),
            what: shortened(what),
        };
        Self {
            format: FORMAT,
            event,
            text: format!("reconcile {profile}: {sentence}"),
            profile: profile.to_owned(),
            run: run.to_owned(),
            pass,
            at,
            resources: objects.iter().take(LISTED).map(affected).collect(),
            more: objects.len().saturating_sub(LISTED),
        }
    }
}

fn words((address, (_, what)): &(Address, (Fault, String))) -> String {
    format!("{address} ({})", shortened(what))
}

/// On one line, and not too long.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// `reconcile schema notification`: the JSON Schema of a message, derived from the type that is posted.
pub(crate) fn schema() -> Value {
    let mut schema = schemars::schema_for!(Message);
    schema.insert("$id".to_owned(), format!("urn:reconcile:notification:{FORMAT}").into());
    schema.insert("title".to_owned(), format!("reconcile notification {FORMAT}").into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Sender<'_> = Sender { profile: "prod", run: "7f3a", pass: 7 };

    fn objects(count: usize, fault: Fault, what: &str) -> Vec<(Address, (Fault, String))> {
        (0..count).map(|n| (format!("Store/s{n:03}").parse().unwrap(), (fault, what.to_owned()))).collect()
    }

    fn posted(news: &News) -> Value {
        let posted = serde_json::to_value(Message::of(news, SENDER, "2026-11-21T12:00:00Z".into())).unwrap();
        let validator = jsonschema::validator_for(&schema()).unwrap();
        assert!(validator.is_valid(&posted), "{posted:#}");
        posted
    }

    #[test]
    fn a_message_is_what_the_page_says() {
        let news = News::Worse {
            fault: Fault::Drift,
            new: 1,
            objects: objects(1, Fault::Drift, "update: live moved"),
        };
        let wanted = serde_json::json!({
            "format": "1.0",
            "event": "driftFound",
            "text": "reconcile prod: 1 object found not as declared: Store/s000 (update: live moved)",
            "profile": "prod",
            "run": "7f3a",
            "pass": 7,
            "at": "2026-11-21T12:00:00Z",
            "resources": [{"address": "Store/s000", "what": "update: live moved"}],
            "more": 0,
        });
        assert_eq!(posted(&news), wanted);
    }

    #[test]
    fn a_flood_is_folded_and_a_long_text_is_cut() {
        let objects = objects(5_000, Fault::Failure, &"long\n".repeat(500));
        let message = posted(&News::Worse { fault: Fault::Failure, new: 4_000, objects });
        assert_eq!(message["resources"].as_array().unwrap().len(), 10);
        assert_eq!(message["more"], 4_990);
        let text = message["text"].as_str().unwrap();
        assert!(text.ends_with("…) and 3997 more") && !text.contains('\n'), "{text}");
        assert!(message.to_string().len() < 8_000, "{}", message.to_string().len());
    }

    #[test]
    fn a_standstill_names_its_cause_and_a_recovery_names_nothing() {
        for (why, begin) in [
            (Standstill::Manifests, "reconcile prod: the manifests cannot be loaded: a.yaml:3: x"),
            (Standstill::Pass(69), "reconcile prod: nothing can be said of any object: a.yaml:3: x"),
        ] {
            let objects = objects(1, Fault::Drift, "create");
            let message = posted(&News::Standstill { why, words: "a.yaml:3: x".into(), objects });
            assert_eq!((&message["event"], &message["text"]), (&"failure".into(), &begin.into()));
            assert_eq!(message["resources"][0]["what"], "create");
        }
        let message = posted(&News::Recovery);
        assert_eq!(message["event"], "recovery");
        assert_eq!(message["text"], "reconcile prod: everything is as declared again");
    }
}
