//! Reads `source` and `schema` of a scenario, which belong together: a file says nothing of its types.

use std::path::PathBuf;

use super::scalar::{identifier, large, maybe, path, some, sql_type, whole, word};
use crate::domain::suite::source::{Distribution, FileFormat, Generate, Generator, Source};
use crate::domain::suite::types::{RowField, Schema};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::yaml::Mark;
use crate::manifest::{codes, decode};

/// What stands in `source`.
enum Given {
    Generate(Generate),
    File(FileFormat, PathBuf),
}

/// Reads both.
pub(super) fn read(object: &mut Object, report: &mut Report<'_>) -> Option<Source> {
    let source = object.required("source", report);
    let mark = source.as_ref().map(|field| field.key);
    let given = source.and_then(|field| given(field, report));
    let schema = maybe(object.optional("schema"), |field| schema(field, report));
    match (given?, schema?) {
        (Given::Generate(generate), schema) => Some(Source::Generate { generate, schema }),
        (Given::File(format, path), Some(schema)) => Some(Source::File { format, path, schema }),
        (Given::File(format, _), None) => {
            let message =
                format!("a {} file says nothing of its types, and there is no `schema`", format.as_str());
            let help = Some(
                "add `schema: {fields: [{name: id, type: BIGINT NOT NULL}], primaryKey: [id]}`".to_owned(),
            );
            report.error(codes::NEEDS_SCHEMA, mark?, message, "needs a `schema` beside it", help)
        }
    }
}

fn given(field: Field, report: &mut Report<'_>) -> Option<Given> {
    let mark = field.key;
    let mut object = Object::open(field, "source", report)?;
    let generate =
        object.optional("generate").map(|field| self::generate(field, report).map(Given::Generate));
    let csv = object
        .optional("csv")
        .map(|field| path(field, report).map(|path| Given::File(FileFormat::Csv, path)));
    let ndjson = object
        .optional("ndjson")
        .map(|field| path(field, report).map(|path| Given::File(FileFormat::Ndjson, path)));
    let is_told = object.has_unknown();
    object.finish(report);
    let given: Vec<Option<Given>> = [generate, csv, ndjson].into_iter().flatten().collect();
    one_way(given, is_told, mark, "the source", "`generate`, `csv` and `ndjson`", report)?
}

/// The only one of several ways to say something.
pub(super) fn one_way<T>(
    given: Vec<T>,
    is_told: bool,
    mark: Mark,
    what: &str,
    ways: &str,
    report: &mut Report<'_>,
) -> Option<T> {
    let mut given = given.into_iter();
    let problem = match (given.next(), given.next()) {
        (Some(only), None) => return Some(only),
        (None, _) if is_told => return None,
        (None, _) => "is not said",
        (Some(_), Some(_)) => "is said more than once",
    };
    let help = Some(format!("write exactly one of {ways}"));
    report.error(codes::ONE_WAY, mark, format!("{what} {problem}"), "one is wanted", help)
}

fn generate(field: Field, report: &mut Report<'_>) -> Option<Generate> {
    let mut object = Object::open(field, "source.generate", report)?;
    let usual = Generate::default();
    let kind = maybe(object.optional("kind"), |field| word(field, Generator::ALL, Generator::as_str, report));
    let rows =
        maybe(object.optional("rows"), |field| large(&field, Generate::MOST_ROWS, codes::BAD_NUMBER, report));
    let seed = maybe(object.optional("seed"), |field| whole(&field, 0..=u64::MAX, codes::BAD_NUMBER, report));
    let distribution = maybe(object.optional("distribution"), |field| {
        word(field, Distribution::ALL, Distribution::as_str, report)
    });
    object.finish(report);
    Some(Generate {
        kind: kind?.unwrap_or(usual.kind),
        rows: rows?.map_or(usual.rows, std::num::NonZeroU64::get),
        seed: seed?.unwrap_or(usual.seed),
        distribution: distribution?.unwrap_or(usual.distribution),
    })
}

fn schema(field: Field, report: &mut Report<'_>) -> Option<Schema> {
    let mark = field.key;
    let mut object = Object::open(field, "schema", report)?;
    let fields = object.required("fields", report).and_then(|field| {
        let items: Vec<_> = some(field, report)?.into_iter().map(|item| row_field(item, report)).collect();
        items.into_iter().collect::<Option<Vec<RowField>>>()
    });
    let key = object.optional("primaryKey");
    let at_key = key.as_ref().map_or(mark, |field| field.key);
    let key = maybe(key, |field| {
        let items: Vec<_> =
            decode::list(field, report)?.into_iter().map(|item| decode::line(item, report)).collect();
        items.into_iter().collect::<Option<Vec<String>>>()
    });
    object.finish(report);
    match Schema::new(fields?, &key?.unwrap_or_default()) {
        Ok(schema) => Some(schema),
        Err(error) => report.error(codes::BAD_SCHEMA, at_key, error.to_string(), "no schema", None),
    }
}

fn row_field(field: Field, report: &mut Report<'_>) -> Option<RowField> {
    let mut object = Object::open(field, "a field of `schema`", report)?;
    let name = object.required("name", report).and_then(|field| identifier(field, report));
    let value = object.required("type", report).and_then(|field| sql_type(field, report));
    object.finish(report);
    Some(RowField { name: name?.as_str().to_owned(), value: value? })
}
