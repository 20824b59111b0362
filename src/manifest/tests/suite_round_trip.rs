//! Any suite that can be declared is read back as it was meant; anything else below `spec` is refused, never a panic.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::load_text;
use super::suite_written::written;
use super::suites::only_suite;
use crate::domain::suite::fields::FIELDS;
use crate::domain::suite::form::{Form, Way};
use crate::domain::suite::quantity::{Bytes, Percent};
use crate::manifest::duration::spelt;

/// A value of each form, written so that only the form's own reader can take it for what it is.
fn value(form: Form) -> BoxedStrategy<Value> {
    let text = |texts: &'static [&'static str]| select(texts).prop_map(|text| json!(text)).boxed();
    let duration =
        || (1..10_000_000_u64).prop_map(|millis| json!(spelt(Duration::from_millis(millis)))).boxed();
    let share = |most: Percent| {
        let whole = most.hundredths() / 100;
        let printed = |(whole, part)| format!("{whole}.{part:02}%").parse::<Percent>().unwrap().to_string();
        (0..whole, 0..100_u32).prop_map(move |parts| json!(printed(parts))).boxed()
    };
    let name = || "[a-z_][a-z0-9_]{0,8}";
    match form {
        Form::Mapping | Form::OneOf(_) | Form::Items | Form::SomeItems | Form::ItemsOf(_) => unreachable!(),
        Form::Text => "[ -~é中😀\n]{0,12}".prop_map(|text| json!(text.replace("${", ""))).boxed(),
        Form::Line => text(&["SELECT 1", "1.10", "yes", "a: b # c", "{x}", "null"]),
        Form::Statement => text(&["INSERT INTO t VALUES (?)\n", "REPLACE INTO t VALUES (?, ?)"]),
        Form::Flag => any::<bool>().prop_map(|flag| json!(flag)).boxed(),
        Form::Word(words) => select(words).prop_map(|word| json!(word)).boxed(),
        Form::Whole { least, most } => (least..=most).prop_map(|number| json!(number)).boxed(),
        Form::Numbers { most } => {
            subsequence((1..=most).collect::<Vec<_>>(), 0..5).prop_map(|all| json!(all)).boxed()
        }
        Form::Duration => duration(),
        Form::Durations => prop::collection::vec(1..100_000_u64, 1..4)
            .prop_map(|mut millis| {
                millis.sort_unstable();
                json!(
                    millis.into_iter().map(|millis| spelt(Duration::from_millis(millis))).collect::<Vec<_>>()
                )
            })
            .boxed(),
        Form::Share(most) => share(most),
        Form::Bytes => {
            (1..1_000_000_u32).prop_map(|number| json!(Bytes::mebibytes(number).to_string())).boxed()
        }
        Form::Moment => prop_oneof![share(Percent::ALL), duration()].boxed(),
        Form::Secret => select(vec![
            json!({"fromEnv": "P"}),
            json!({"fromFile": "./p"}),
            json!({"fromCommand": ["p", "-x"]}),
        ])
        .boxed(),
        Form::Host => text(&["db.example.com", "127.0.0.1", "::1", "größe"]),
        Form::Database => text(&["shop", "1", "yes", "a b"]),
        Form::User => text(&["loader", "0x1F", "no", "u@v"]),
        Form::Url => text(&["http://h:1", "https://h/a"]),
        Form::Path => text(&["./a/b.csv", "./1.10", "./~"]),
        Form::Paths => select(vec![json!([]), json!(["./a.jar", "./b c.jar"])]).boxed(),
        Form::Program => select(vec![json!(["./p"]), json!(["p", "", "a\nb", "1.10"])]).boxed(),
        Form::Name => "[a-z0-9][a-z0-9.-]{0,8}".prop_map(|name| json!(name)).boxed(),
        Form::Identifier => name().prop_map(|name| json!(name)).boxed(),
        Form::Identifiers => prop::collection::vec(name(), 1..3).prop_map(|names| json!(names)).boxed(),
        Form::Lines => Just(json!([])).boxed(),
        Form::FlinkType => {
            text(&["BIGINT NOT NULL", "DECIMAL(20, 4)", "ROW<`a` INT, `b` STRING>", "TIMESTAMP(6)"])
        }
        Form::ColumnType => text(&["BIGINT UNSIGNED", "DECIMAL(65,30)", "VARCHAR(40)", "JSON"]),
        Form::Cel => text(&["a + 1", "value >= 0.0", "'x' in [a, 'y']"]),
    }
}

/// A mapping of the fields below a path, each optional one there or not.
fn mapping(path: &'static str, ways: &'static [Way]) -> BoxedStrategy<Value> {
    let inside: Vec<_> = FIELDS
        .iter()
        .filter(|field| field.path.rsplit_once('.').map_or("", |(outer, _)| outer) == path)
        .collect();
    let told: BTreeSet<&str> = ways.iter().flat_map(|way| way.fields).copied().collect();
    let chosen = if ways.is_empty() { Just(None).boxed() } else { select(ways).prop_map(Some).boxed() };
    let free: Vec<_> = inside
        .into_iter()
        .map(|field| {
            let name = field.path.rsplit('.').next().unwrap();
            let value = match field.form {
                Form::Mapping => mapping(field.path, &[]),
                Form::OneOf(ways) => mapping(field.path, ways),
                Form::Items => {
                    prop::collection::vec(mapping(field.path, &[]), 0..2).prop_map(Value::Array).boxed()
                }
                Form::SomeItems => {
                    prop::collection::vec(mapping(field.path, &[]), 1..3).prop_map(Value::Array).boxed()
                }
                Form::ItemsOf(ways) => {
                    prop::collection::vec(mapping(field.path, ways), 0..3).prop_map(Value::Array).boxed()
                }
                form => value(form),
            };
            (Just(name), value, any::<bool>().prop_map(move |there| there || field.required)).boxed()
        })
        .collect();
    (chosen, free)
        .prop_map(move |(chosen, fields)| {
            let mut map = Map::new();
            for (name, value, there) in fields {
                let is_there = match &chosen {
                    Some(way) if told.contains(name) => way.fields.contains(&name),
                    Some(way) if way.word.is_some_and(|(field, _)| field == name) => true,
                    _ => there,
                };
                if is_there {
                    map.insert(name.to_owned(), value);
                }
            }
            if let Some((field, word)) = chosen.and_then(|way| way.word) {
                map.insert(field.to_owned(), json!(word));
            }
            Value::Object(map)
        })
        .boxed()
}

/// A spec in which what belongs together does: what only the reader knows about two fields at once.
fn spec() -> impl Strategy<Value = Value> {
    mapping("", &[]).prop_map(|mut spec| {
        if spec["sink"] == "jdbc" {
            spec["engine"] = json!("flink");
        }
        if spec["engine"] == "flink" && spec.get("flink").is_none() {
            spec["flink"] = json!({});
        }
        if spec["engine"] != "flink" {
            // What is declared and not used is not remembered.
            spec.as_object_mut().unwrap().retain(|name, _| name != "flink" && name != "sink");
        }
        if let Some(tls) = spec["mysql"].get_mut("tls").filter(|tls| tls.get("caFile").is_some()) {
            tls["mode"] = json!("verifyIdentity");
        }
        if let Some(retry) = spec["mysql"].get_mut("retry").filter(|retry| retry.get("delays").is_some()) {
            retry["max"] = json!(retry["delays"].as_array().unwrap().len());
        }
        for (number, scenario) in spec["scenarios"].as_array_mut().unwrap().iter_mut().enumerate() {
            scenario["name"] = json!(format!("{}-{number}", scenario["name"].as_str().unwrap()));
            let is_file = scenario["source"].get("generate").is_none();
            if is_file && scenario.get("schema").is_none() {
                scenario["schema"] =
                    json!({"fields": [{"name": "id", "type": "INT NOT NULL"}], "primaryKey": ["id"]});
            }
            if scenario.get("schema").is_some() {
                let fields =
                    json!([{"name": "id", "type": "INT NOT NULL"}, {"name": "a", "type": "ROW<`b` STRING>"}]);
                scenario["schema"] = json!({"fields": fields, "primaryKey": ["id"]});
                scenario["rules"] = json!([{"field": "a", "check": "value != null"}]);
            }
            if let Some(table) = scenario.get_mut("table").and_then(Value::as_object_mut) {
                table.insert(
                    "columns".to_owned(),
                    json!([{"name": "id", "type": "INT"}, {"name": "b", "type": "JSON"}]),
                );
                table.insert("indexes".to_owned(), json!([{"columns": ["id"]}]));
                table.insert(
                    "constraints".to_owned(),
                    json!([{"unique": ["b"]}, {"check": "id > 0", "name": "positive"}]),
                );
            }
            if let Some(expect) = scenario.get_mut("expect").and_then(Value::as_object_mut) {
                // More than there are rows would be refused.
                expect.remove("refused");
                expect.insert("written".to_owned(), json!(1));
            }
        }
        spec
    })
}

fn manifest(spec: &Value) -> String {
    let manifest = json!({"apiVersion": "reconcile/v1", "kind": "SinkVerification", "metadata": {"name": "a"}, "spec": spec});
    // `kind` has to stand above `spec`: keys come in the order of the alphabet.
    serde_yaml::to_string(&manifest).unwrap()
}

/// Everything that the first says is in the second too, at the same place.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| is_part(value, other)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(one, other)| is_part(one, other))
        }
        (part, whole) => part == whole,
    }
}

/// Anything that YAML can say, with the keys and words of a suite in all the wrong places.
fn anything() -> impl Strategy<Value = Value> {
    let keys: Vec<&str> = FIELDS.iter().map(|field| field.path.rsplit('.').next().unwrap()).collect();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f32>().prop_map(|number| json!(number)),
        "[ -~é\u{0}\n]{0,10}".prop_map(|text| json!(text)),
        select(FIELDS).prop_flat_map(|field| match field.form {
            Form::Mapping | Form::OneOf(_) | Form::Items | Form::SomeItems | Form::ItemsOf(_) =>
                Just(json!({})).boxed(),
            form => value(form),
        }),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let entries = (select(keys.clone()), inner.clone());
        let map = prop::collection::vec(entries, 0..8).prop_map(|entries| {
            Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        });
        prop_oneof![3 => map, 1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array)]
    })
}

/// A spec with anything in the place of one of its values.
fn spoilt() -> impl Strategy<Value = Value> {
    (spec(), anything(), any::<prop::sample::Index>()).prop_map(|(mut spec, anything, at)| {
        let mut places = Vec::new();
        all_places(&spec, String::new(), &mut places);
        *spec.pointer_mut(at.get::<String>(&places)).unwrap() = anything;
        spec
    })
}

fn all_places(value: &Value, place: String, all: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| all_places(value, format!("{place}/{key}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| all_places(value, format!("{place}/{at}"), all));
        }
        _ => {}
    }
    all.push(place);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_suite_that_is_written_is_read_back_the_same(spec in spec()) {
        let suite = only_suite(&manifest(&spec));
        let whole = written(&suite);
        prop_assert!(is_part(&spec, &whole), "{:#}\n{:#}", spec, whole);
        let again = only_suite(&manifest(&whole));
        prop_assert_eq!(written(&again), whole);
        prop_assert_eq!(again, suite);
    }

    #[test]
    fn nothing_below_spec_makes_the_reader_panic(spec in prop_oneof![anything(), spoilt()]) {
        let _is_read = load_text(&manifest(&spec));
    }
}
