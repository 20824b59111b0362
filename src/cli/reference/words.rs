//! The facts about a field in words: one wording for the schema's descriptions and for `explain`.

use super::outline::{Managed, Node, Shape, Value};
use super::suite;
use crate::domain::address::Kind;
use crate::domain::field::{Carried, FieldRule, OnChange, Readable};
use crate::domain::kind::store::{Group, Need};

/// What a value looks like.
pub(super) fn form(value: Value) -> String {
    match value {
        Value::Constant(text) => format!("always `{text}`"),
        Value::Name => "name: 1 to 253 letters, digits, `-`, `_`, `.`; first a letter or digit".to_owned(),
        Value::Texts => "texts by key".to_owned(),
        Value::FreeText => "text".to_owned(),
        Value::Line => "text on one line".to_owned(),
        Value::Header => "text of visible ASCII".to_owned(),
        Value::Segment => "text on one line, not `.` or `..`".to_owned(),
        Value::Flag => "true or false".to_owned(),
        Value::Word(words) => format!("one of {}", words.join(", ")),
        Value::Lines => "list of texts".to_owned(),
        Value::Uri(shape) if shape.schemes.is_empty() => "host:port".to_owned(),
        Value::Uri(shape) => format!("address, beginning with {}", shape.schemes.join(" or ")),
        Value::Uris(shape) if shape.schemes.is_empty() => {
            "list of host:port, or one text with commas".to_owned()
        }
        Value::Uris(shape) => format!("list of addresses, beginning with {}", shape.schemes.join(" or ")),
        Value::Duration => "duration with units, such as 90s or 1h30m".to_owned(),
        Value::Pointers(_) => "list of JSON pointers to fields that change in place".to_owned(),
        Value::Addresses => "list of addresses, Kind/name".to_owned(),
        Value::Secret => "text, or where it comes from: fromEnv, fromFile or fromCommand".to_owned(),
        Value::File { .. } => {
            "path of a file, or where its content comes from: fromEnv, fromFile or fromCommand".to_owned()
        }
        Value::Chosen => "not written".to_owned(),
        Value::Suite(form) => suite::words(form),
    }
}

/// The same in a word or two.
pub(super) fn short_form(value: Value) -> String {
    let word = match value {
        Value::Word(words) => return words.join(" | "),
        Value::Suite(form) => return suite::short_words(form),
        Value::Constant(text) => text,
        Value::Name => "name",
        Value::Texts => "texts by key",
        Value::FreeText | Value::Line | Value::Header | Value::Segment => "text",
        Value::Flag => "true or false",
        Value::Lines => "list of texts",
        Value::Pointers(_) => "list of JSON pointers",
        Value::Addresses => "list of Kind/name",
        Value::Uri(_) => "address",
        Value::Uris(_) => "list of addresses",
        Value::Duration => "duration",
        Value::Secret => "secret",
        Value::File { secret: true } => "secret file",
        Value::File { secret: false } => "file",
        Value::Chosen => "not written",
    };
    word.to_owned()
}

/// When it must be there.
pub(super) fn need(node: &Node) -> String {
    match (&node.shape, node.need) {
        (Shape::Value(Value::Chosen), _) => "never written".to_owned(),
        (Shape::Block(..), _) => "exactly one of the blocks".to_owned(),
        (Shape::Parts { least: 1.., .. }, _) => "yes, at least one".to_owned(),
        (Shape::Mapping(_), _) if node.is_required() => "yes".to_owned(),
        (_, Need::Required) => "yes".to_owned(),
        (_, Need::Optional) => "no".to_owned(),
        (_, Need::With { field, words }) => {
            let last = field.rsplit('.').next().unwrap_or(field);
            format!("with {last} {}", words.join(", "))
        }
        (_, Need::Way(way)) => format!("to log in by {way}"),
        (_, Need::Together(whole)) => format!("as a part of {whole}"),
    }
}

/// What that means for the other case.
pub(super) fn otherwise(need: Need) -> &'static str {
    match need {
        Need::Required | Need::Optional => "",
        Need::With { .. } => "; forbidden otherwise",
        Need::Way(_) => "; exactly one way to log in is declared, and whole",
        Need::Together(_) => "; all of it or none",
    }
}

/// What another value does.
pub(super) fn on_change(managed: &Managed) -> String {
    let Managed { kind, rule, parameter } = managed;
    match (rule.readable, rule.on_change, rule.carried) {
        (Readable::Key, ..) => "force-new: part of the key, so another value is another object".to_owned(),
        (_, OnChange::ForceNew, _) => "force-new: the object is deleted and created again".to_owned(),
        (_, OnChange::InPlace, Carried::InStateOnly) => "in place, in the state only: no request".to_owned(),
        (_, OnChange::InPlace, Carried::Remotely) => match (kind, parameter) {
            (Kind::FlinkConnector, _) => {
                "in place, by registering again: delete, then register, with a gap".to_owned()
            }
            (Kind::Store, Some((_, Group::Authentication | Group::Tls))) => {
                "in place, by UPDATE STORE, which always sends all of authentication and TLS".to_owned()
            }
            (Kind::Store, _) => {
                "in place, by UPDATE STORE, together with all of authentication and TLS".to_owned()
            }
        },
    }
}

/// The classification alone, as the schema says it.
pub(super) fn change_word(rule: &FieldRule) -> &'static str {
    match (rule.on_change, rule.carried) {
        (OnChange::ForceNew, _) => "forceNew",
        (OnChange::InPlace, Carried::Remotely) => "inPlace",
        (OnChange::InPlace, Carried::InStateOnly) => "stateOnly",
    }
}

/// Whether live shows it.
pub(super) fn readable(rule: &FieldRule) -> &'static str {
    match (rule.readable, rule.carried) {
        (Readable::Yes, _) => "yes, by listing",
        (Readable::Deep, _) => "by itself: drift --deep, import and show read it, a plan does not",
        (Readable::Key, _) => "it is the key",
        (Readable::No, Carried::InStateOnly) => "no: it is kept in the state",
        (Readable::No, Carried::Remotely) => "no: its drift is unverifiable",
    }
}

/// Whether a listing, a read of the object itself or nothing shows it, as the schema says it.
pub(super) fn readable_word(rule: &FieldRule) -> &'static str {
    match rule.readable {
        Readable::Yes => "listing",
        Readable::Deep => "byItself",
        Readable::Key => "key",
        Readable::No => "no",
    }
}

/// What is sent together with it, if it is a parameter of a store.
pub(super) fn group(group: Group) -> &'static str {
    match group {
        Group::Connection => "connection",
        Group::Authentication => "authentication, judged as one with TLS",
        Group::Tls => "TLS, judged as one with authentication",
    }
}

/// Which rules of the specifications the field at this path, which begins with the kind, carries out.
pub(super) fn source(node: &Node, path: &str) -> String {
    let Some(Managed { kind, rule, parameter }) = node.managed else {
        let is_of_suite = path.starts_with("SinkVerification.spec");
        return if is_of_suite { "design.md 3.3" } else { "design.md 3" }.to_owned();
    };
    match (kind, parameter) {
        (Kind::FlinkConnector, _) if rule.name == "jarVersion" => "design.md 3.1".to_owned(),
        (Kind::FlinkConnector, _) => {
            let mut rules = vec![if rule.required { "FR-001" } else { "FR-002" }];
            rules.push(if rule.on_change == OnChange::ForceNew { "FR-004" } else { "FR-003" });
            if rule.readable == Readable::Key {
                rules.push("FR-005");
            }
            if rule.name == "jarUrl" {
                rules.push("FR-011");
            }
            format!("connector {}; design.md 3.1", rules.join(", "))
        }
        (Kind::Store, None) if rule.carried == Carried::InStateOnly => {
            "store FR-005; design.md 3.2".to_owned()
        }
        (Kind::Store, None) => "store D-003, D-004; design.md 3.2".to_owned(),
        (Kind::Store, Some((sql, _))) => {
            let secret = if rule.secret { ", FR-007" } else { "" };
            format!("store FR-001, FR-006{secret}; CREATE STORE parameter '{sql}'")
        }
    }
}
