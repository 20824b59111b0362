//! Property 31: a nested document becomes columns, and nothing of it is lost.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value as Json};

use super::round_trip::{RoundTrip, ServerTrip, fields, table, words};
use super::transformation::Transformer;
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::source::FileFormat;
use crate::domain::suite::types::{FlinkType, Schema};
use crate::domain::suite::verdict::Verdict;
use crate::verify::mysql::client::Client;
use crate::verify::row::{Decimal, Row, Value, write_json};
use crate::verify::source::FileRows;

/// What a document looks like.
#[derive(Debug, Clone)]
enum Shape {
    Whole,
    Text,
    Flag,
    Exact,
    List(Box<Shape>),
    Object(Vec<(&'static str, Shape)>),
}

/// Some of them join to the same name: `a` with `b`, and `a_b`.
const NAMES: [&str; 5] = ["a", "b", "c", "a_b", "x1"];

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![Just(Shape::Whole), Just(Shape::Text), Just(Shape::Flag), Just(Shape::Exact)];
    let part = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|of| Shape::List(Box::new(of))),
            4 => object(inner),
        ]
    });
    object(part)
}

fn object(part: impl Strategy<Value = Shape> + Clone) -> impl Strategy<Value = Shape> {
    (subsequence(NAMES.to_vec(), 1..=4), vec(part, 4))
        .prop_map(|(names, parts)| Shape::Object(names.into_iter().zip(parts).collect()))
}

impl Shape {
    fn declared(&self) -> String {
        match self {
            Self::Whole => "BIGINT".to_owned(),
            Self::Text => "STRING".to_owned(),
            Self::Flag => "BOOLEAN".to_owned(),
            Self::Exact => "DECIMAL(20,4)".to_owned(),
            Self::List(of) => format!("ARRAY<{}>", of.declared()),
            Self::Object(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, of)| format!("`{name}` {}", of.declared())).collect();
                format!("ROW<{}>", members.join(", "))
            }
        }
    }

    fn documents(&self) -> BoxedStrategy<Json> {
        let some = match self {
            Self::Whole => any::<i64>().prop_map(Json::from).boxed(),
            Self::Text => ".{0,12}".prop_map(Json::from).boxed(),
            Self::Flag => any::<bool>().prop_map(Json::from).boxed(),
            Self::Exact => any::<i64>()
                .prop_map(|number| Json::from(Decimal::scaled(i128::from(number), 4).as_str()))
                .boxed(),
            Self::List(of) => vec(of.documents(), 0..=3).prop_map(Json::from).boxed(),
            Self::Object(members) => {
                let parts: Vec<_> = members.iter().map(|(_, of)| of.documents()).collect();
                let names: Vec<String> = members.iter().map(|(name, _)| (*name).to_owned()).collect();
                let made = move |parts: Vec<Json>| Json::Object(names.iter().cloned().zip(parts).collect());
                parts.prop_map(made).boxed()
            }
        };
        prop_oneof![1 => Just(Json::Null), 5 => some].boxed()
    }

    /// Every object on the way, the outer ones first, and every leaf; each with its path.
    fn paths(&self, path: &[&'static str], objects: &mut Vec<String>, leaves: &mut Vec<Vec<&'static str>>) {
        match self {
            Self::Object(members) => {
                objects.push(joined(path));
                for (name, of) in members {
                    let path: Vec<&'static str> = path.iter().copied().chain([*name]).collect();
                    of.paths(&path, objects, leaves);
                }
            }
            _ => leaves.push(path.to_vec()),
        }
    }
}

fn joined(path: &[&str]) -> String {
    path.join("_")
}

/// Whether two fields get one name on the way, by hand: after each step all names are looked at.
fn clashes(shape: &Shape) -> bool {
    let mut fields: Vec<(String, &Shape)> = vec![("doc".to_owned(), shape)];
    let mut objects = Vec::new();
    shape.paths(&["doc"], &mut objects, &mut Vec::new());
    for object in objects {
        let Some(at) = fields.iter().position(|(name, of)| *name == object && matches!(of, Shape::Object(_)))
        else {
            return true;
        };
        let (name, of) = fields.remove(at);
        if let Shape::Object(members) = of {
            fields.extend(members.iter().map(|(member, of)| (format!("{name}_{member}"), of)));
        }
        let names: BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() < fields.len() || names.contains("id") {
            return true;
        }
    }
    false
}

/// SQL takes a row of NULLs for NULL, so an object of nulls is one.
fn normal(document: &Json) -> Json {
    match document {
        Json::Object(members) => {
            let members: Map<String, Json> =
                members.iter().map(|(name, of)| (name.clone(), normal(of))).collect();
            if members.values().all(Json::is_null) { Json::Null } else { Json::Object(members) }
        }
        other => other.clone(),
    }
}

/// Puts a value at its place in a document.
fn put(document: &mut Json, path: &[&str], value: Json) {
    match path {
        [] => *document = value,
        [name, rest @ ..] => {
            if document.is_null() {
                *document = Json::Object(Map::new());
            }
            if let Json::Object(members) = document {
                put(members.entry(*name).or_insert(Json::Null), rest, value);
            }
        }
    }
}

fn json(declared: &FlinkType, value: &Value) -> Result<Json, String> {
    let mut text = String::new();
    write_json(&mut text, declared, value);
    serde_json::from_str(&text).map_err(words)
}

/// Property 31: for any nested documents, flattening and putting together again what the table holds gives the same
/// documents; names that would meet are refused before the first row.
pub fn json_flattening(transformer: &impl Transformer, client: &Client, trial: Trial) -> Verdict {
    let cases = shapes().prop_flat_map(|shape| {
        let documents = vec(shape.documents(), 1..=6);
        (Just(shape), documents)
    });
    let judged = async |trip: &mut ServerTrip, (shape, documents): (Shape, Vec<Json>)| -> Judged {
        let written = [("id", "BIGINT NOT NULL"), ("doc", &shape.declared())];
        let schema = Schema::new(fields(&written)?, &["id".to_owned()]).map_err(words)?;
        let lines: Vec<String> =
            documents.iter().enumerate().map(|(id, of)| format!("{{\"id\":{id},\"doc\":{of}}}")).collect();
        let file = lines.join("\n");
        let rows: Vec<Row> =
            FileRows::new(Path::new("documents"), file.as_bytes(), FileFormat::Ndjson, &schema)
                .collect::<Result<_, _>>()
                .map_err(words)?;
        let (mut objects, mut leaves) = (Vec::new(), Vec::new());
        shape.paths(&["doc"], &mut objects, &mut leaves);
        let steps: Vec<Transform> =
            objects.iter().map(|name| Transform::Flatten { field: Identifier::near(name) }).collect();
        let (flat, rows) = match (transformer.transform(&steps, &schema, rows).await, clashes(&shape)) {
            (Err(refusal), true) if refusal.contains("there twice") => {
                return Ok(vec![("clashes refused", 1)]);
            }
            (Ok(done), false) => done,
            (Ok((flat, _)), true) => return Err(format!("fields of one name became {flat:?}")),
            (Err(refusal), _) => return Err(refusal),
        };
        let rows: Vec<Row> = rows.into_iter().collect::<Result<_, _>>().map_err(words)?;
        trip.open(&table("flat", &[])?, &flat).await?;
        trip.write(&rows).await?;
        let back = trip.read().await?;
        require(back.len() == documents.len(), || {
            format!("{} documents became {}", documents.len(), back.len())
        })?;
        for (document, row) in documents.iter().zip(&back) {
            let mut again = Json::Null;
            for path in &leaves {
                let found = flat.field(&joined(path)).and_then(|(place, kind)| Some((kind, row.get(place)?)));
                let Some((kind, value)) = found else { return Err(format!("no column for {path:?}")) };
                put(&mut again, path.get(1..).unwrap_or_default(), json(kind, value)?);
            }
            let (wanted, found) = (normal(document), normal(&again));
            require(wanted == found, || format!("{wanted} went in, and {found} came out"))?;
        }
        Ok(vec![("documents", documents.len() as u64), ("columns", leaves.len() as u64)])
    };
    judge_sharing(trial, &cases, async || ServerTrip::connect(client).await, &judged, ServerTrip::close)
}
