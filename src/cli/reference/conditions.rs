//! The rules between the parameters of a subtype as JSON Schema: the same that `StoreSpec::new` checks (FR-006).

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::domain::field::ValueType;
use crate::domain::kind::store::{Group, Need, Parameter, Subtype};

/// Schemas that the block of a subtype has to fulfil, all of them.
pub(super) fn of(subtype: Subtype) -> Vec<Json> {
    let table = subtype.parameters();
    let mut all: Vec<Json> = with_words(table);
    all.extend(together(table));
    all.extend(ways(table));
    all.extend(without_tls(table));
    all
}

/// The keys from the block to a parameter.
fn inside(field: &str) -> Vec<&str> {
    field.split('.').skip(1).collect()
}

/// A schema at a place within the block, which says nothing where the place is not there.
fn at(path: &[&str], schema: Json) -> Json {
    path.iter().rev().fold(schema, |inner, key| json!({"properties": {*key: inner}}))
}

/// The parameter is there, with everything above it, and fulfils the schema.
fn holds(field: &str, schema: Json) -> Json {
    let path = inside(field);
    path.iter().rev().fold(schema, |inner, key| json!({"properties": {*key: inner}, "required": [key]}))
}

fn present(field: &str) -> Json {
    holds(field, json!(true))
}

fn absent(field: &str) -> Json {
    at(&inside(field), json!(false))
}

fn all(schemas: Vec<Json>) -> Json {
    match <[Json; 1]>::try_from(schemas) {
        Ok([only]) => only,
        Err(several) => json!({"allOf": several}),
    }
}

/// `Need::With`: what some words of another parameter ask for, and all others forbid. Parameters with the same words
/// are told together.
fn with_words(table: &[Parameter]) -> Vec<Json> {
    let mut conditions: Vec<(&str, &[&str], Vec<&str>)> = Vec::new();
    for parameter in table {
        let Need::With { field, words } = parameter.need else { continue };
        match conditions.iter_mut().find(|(other, same, _)| *other == field && *same == words) {
            Some((.., fields)) => fields.push(parameter.rule.name),
            None => conditions.push((field, words, vec![parameter.rule.name])),
        }
    }
    let condition = |(field, words, fields): (&str, &[&str], Vec<&str>)| {
        json!({
            "if": holds(field, json!({"enum": words})),
            "then": all(fields.iter().map(|field| present(field)).collect()),
            "else": all(fields.iter().map(|field| absent(field)).collect()),
        })
    };
    conditions.into_iter().map(condition).collect()
}

/// `Need::Together`: all of them or none.
fn together(table: &[Parameter]) -> Vec<Json> {
    let whole = |parameter: &Parameter| match parameter.need {
        Need::Together(whole) => Some(whole),
        _ => None,
    };
    let wholes: BTreeSet<&str> = table.iter().filter_map(whole).collect();
    let condition = |name: &str| {
        let parts: Vec<Json> = table
            .iter()
            .filter(|parameter| whole(parameter) == Some(name))
            .map(|parameter| present(parameter.rule.name))
            .collect();
        json!({"if": {"anyOf": parts}, "then": {"allOf": parts}})
    };
    wholes.into_iter().map(condition).collect()
}

/// `Need::Way`: exactly one way, and whole.
fn ways(table: &[Parameter]) -> Option<Json> {
    let mut ways: Vec<(&str, Vec<&str>)> = Vec::new();
    for parameter in table {
        let Need::Way(way) = parameter.need else { continue };
        match ways.iter_mut().find(|(name, _)| *name == way) {
            Some((_, fields)) => fields.push(parameter.rule.name),
            None => ways.push((way, vec![parameter.rule.name])),
        }
    }
    let alternative = |(way, fields): &(&str, Vec<&str>)| {
        let others = ways.iter().filter(|(other, _)| other != way).flat_map(|(_, fields)| fields);
        let mut parts: Vec<Json> = fields.iter().map(|field| present(field)).collect();
        parts.extend(others.map(|field| absent(field)));
        json!({"title": way, "allOf": parts})
    };
    (!ways.is_empty()).then(|| json!({"oneOf": ways.iter().map(alternative).collect::<Vec<_>>()}))
}

/// Without TLS no certificate means anything.
fn without_tls(table: &[Parameter]) -> Option<Json> {
    let disabled = table.iter().find(|parameter| parameter.sql == "tls.disabled")?;
    let files: Vec<Json> = table
        .iter()
        .filter(|parameter| parameter.group == Group::Tls)
        .filter(|parameter| matches!(parameter.rule.value, ValueType::Sealed { .. }))
        .map(|parameter| absent(parameter.rule.name))
        .collect();
    Some(json!({"if": holds(disabled.rule.name, json!({"const": true})), "then": all(files)}))
}
