//! Reads `scenarios`.

use std::collections::BTreeSet;

use super::scalar::{maybe, some, word};
use super::{expect, fault, known, pipeline, source, table};
use crate::domain::address::ObjectName;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::scenario::{Category, Scenario};
use crate::domain::suite::source::Source;
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::{codes, decode};

/// Reads all of them: at least one, no name twice.
pub(super) fn list(field: Field, report: &mut Report<'_>) -> Option<Vec<Scenario>> {
    let mut names = BTreeSet::new();
    let items: Vec<_> =
        some(field, report)?.into_iter().map(|item| scenario(item, &mut names, report)).collect();
    items.into_iter().collect()
}

fn scenario(field: Field, names: &mut BTreeSet<ObjectName>, report: &mut Report<'_>) -> Option<Scenario> {
    let mut object = Object::open(field, "a scenario", report)?;
    let name = object.required("name", report).and_then(|field| name(field, names, report));
    let description = maybe(object.optional("description"), |field| decode::text(field, report));
    let category =
        maybe(object.optional("category"), |field| word(field, Category::ALL, Category::as_str, report));
    let source = source::read(&mut object, report);
    let transform = table::each(object.optional("transform"), report, pipeline::transform);
    let fields = source.as_ref().zip(transform.as_ref()).and_then(|(source, all)| known::fields(source, all));

    let declared = object.optional("table");
    let at_table = declared.as_ref().map(|field| field.key);
    let usual = name.as_ref().map_or("scenario", ObjectName::as_str);
    let table = table::read(declared, usual, report).and_then(|table| {
        at_table.map_or(Some(()), |mark| known::table(&table, fields.as_ref(), mark, report)).map(|()| table)
    });

    // Where the schema was reported, nothing is said about its key.
    let has_key = source.as_ref().and_then(Source::schema).is_none_or(|schema| !schema.key().is_empty());
    let write = pipeline::write(object.optional("write"), has_key, report);
    let faults = table::each(object.optional("faults"), report, fault::read);
    let rules = table::each(object.optional("rules"), report, |field, report| {
        let (rule, mark) = pipeline::rule(field, report)?;
        let known =
            fields.as_ref().map_or(Some(()), |known| known::check(&rule.field, known, "a row", mark, report));
        known.map(|()| rule)
    });
    let most = source.as_ref().zip(transform.as_ref()).and_then(|(source, all)| most_rows(source, all));
    let expect = maybe(object.optional("expect"), |field| expect::read(field, most, report));
    object.finish(report);
    Some(Scenario {
        name: name?,
        description: description?,
        category: category?.unwrap_or_default(),
        source: source?,
        table: table?,
        transform: transform?,
        write: write?,
        faults: faults?,
        rules: rules?,
        expect: expect?.unwrap_or_default(),
    })
}

/// The name, if no scenario before has it.
fn name(field: Field, names: &mut BTreeSet<ObjectName>, report: &mut Report<'_>) -> Option<ObjectName> {
    let mark = field.node.mark;
    let name = decode::checked(field, codes::BAD_NAME, ObjectName::new, report)?;
    if names.insert(name.clone()) {
        return Some(name);
    }
    let message = format!("two scenarios are named `{name}`");
    let help = Some("give one of them another name".to_owned());
    report.error(codes::REPEATED_NAME, mark, message, "a second time", help)
}

/// How many rows can come to an end. A program may make several of one.
fn most_rows(source: &Source, transforms: &[Transform]) -> Option<u64> {
    let has_program = transforms.iter().any(|transform| matches!(transform, Transform::Program { .. }));
    match source {
        Source::Generate { generate, .. } if !has_program => Some(generate.rows),
        Source::Generate { .. } | Source::File { .. } => None,
    }
}
