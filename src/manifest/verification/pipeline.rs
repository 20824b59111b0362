//! Reads `transform`, `rules` and `write`.

use super::scalar::{cel, duration, identifier, maybe, medium, small, some, word};
use super::source::one_way;
use crate::domain::suite::pipeline::{OnRefused, Rule, Severity, Transform, Write, WriteMode};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::yaml::{Mark, Value};
use crate::manifest::{codes, decode};

/// Reads one of `transform`.
pub(super) fn transform(field: Field, report: &mut Report<'_>) -> Option<Transform> {
    let mark = field.node.mark;
    let mut object = Object::open(field, "a transform", report)?;
    let set = set(&mut object, report);
    let flatten = object
        .optional("flatten")
        .map(|field| identifier(field, report).map(|field| Transform::Flatten { field }));
    let program = object.optional("program").map(|field| program(field, report));
    let is_told = object.has_unknown();
    object.finish(report);
    let given: Vec<_> = [set, flatten, program].into_iter().flatten().collect();
    one_way(
        given,
        is_told,
        mark,
        "what the transform does",
        "`set` with `cel`, `flatten` and `program`",
        report,
    )?
}

/// `set` and `cel`: both or none.
#[expect(
    clippy::option_option,
    reason = "not there, reported, and read are three cases, as for its neighbours"
)]
fn set(object: &mut Object, report: &mut Report<'_>) -> Option<Option<Transform>> {
    let (at_set, at_cel) = (object.key("set"), object.key("cel"));
    let field = object.optional("set").map(|field| identifier(field, report));
    let cel = object.optional("cel").map(|field| cel(field, report));
    let (is, isnt, mark) = match (field, cel) {
        (None, None) => return None,
        (Some(field), Some(cel)) => {
            return Some(field.zip(cel).map(|(field, cel)| Transform::Set { field, cel }));
        }
        (Some(_), None) => ("set", "cel", at_set?),
        (None, Some(_)) => ("cel", "set", at_cel?),
    };
    let message = format!("`{is}` stands without `{isnt}`");
    let help = Some("write `set: FIELD` and `cel: EXPRESSION` together".to_owned());
    Some(report.error(codes::ONE_WAY, mark, message, "a half", help))
}

/// A program and its arguments.
fn program(field: Field, report: &mut Report<'_>) -> Option<Transform> {
    let words: Vec<_> = some(field, report)?
        .into_iter()
        .enumerate()
        .map(|(at, word)| if at == 0 { decode::line(word, report) } else { argument(word, report) })
        .collect();
    let argv = words.into_iter().collect::<Option<Vec<String>>>()?;
    Some(Transform::Program { argv, folder: report.source().folder().to_owned() })
}

/// An argument may be empty or have several lines, but no program can be given a NUL.
fn argument(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::text(field, report)?;
    if text.contains('\0') {
        let message = format!("`{path}` holds a NUL, which no program can be given");
        return report.error(codes::CONTROL_CHARACTER, mark, message, "not an argument", None);
    }
    Some(text)
}

/// Reads one of `rules`, with the place of its field.
pub(super) fn rule(field: Field, report: &mut Report<'_>) -> Option<(Rule, Mark)> {
    let mut object = Object::open(field, "a rule", report)?;
    let named = object.required("field", report);
    let mark = named.as_ref().map(|field| field.node.mark);
    let field = named.and_then(|field| identifier(field, report));
    let check = object.required("check", report).and_then(|field| cel(field, report));
    let severity =
        maybe(object.optional("severity"), |field| word(field, Severity::ALL, Severity::as_str, report));
    object.finish(report);
    Some((Rule { field: field?, check: check?, severity: severity?.unwrap_or_default() }, mark?))
}

/// Reads `write`. Without a primary key rows are inserted, unless somebody says that they are not.
pub(super) fn write(field: Option<Field>, has_key: bool, report: &mut Report<'_>) -> Option<Write> {
    let usual =
        Write { mode: if has_key { WriteMode::Upsert } else { WriteMode::Insert }, ..Write::default() };
    let Some(field) = field else { return Some(usual) };
    let mut object = Object::open(field, "write", report)?;
    let mode = object.optional("mode");
    let at_mode = mode.as_ref().map(|field| field.node.mark);
    let mode = maybe(mode, |field| word(field, WriteMode::ALL, WriteMode::as_str, report));
    let batch_size = maybe(object.optional("batchSize"), |field| {
        medium(&field, Write::LARGEST_BATCH, codes::BAD_NUMBER, report)
    });
    let flush_interval = maybe(object.optional("flushInterval"), |field| duration(field, report));
    let parallelism = maybe(object.optional("parallelism"), |field| {
        small(&field, Write::MOST_PARALLEL, codes::BAD_NUMBER, report)
    });
    let statement = maybe(object.optional("statement").filter(is_declared), |field| statement(field, report));
    let on_refused =
        maybe(object.optional("onRefused"), |field| word(field, OnRefused::ALL, OnRefused::as_str, report));
    object.finish(report);
    let mode = mode?;
    if let (Some(WriteMode::Upsert), false, Some(mark)) = (mode, has_key, at_mode) {
        let message = "`mode: upsert` needs a primary key, and the schema has none".to_owned();
        let help = Some("add `primaryKey` to the schema, or write `mode: insert`".to_owned());
        return report.error(codes::UPSERT_WITHOUT_KEY, mark, message, "by which key", help);
    }
    Some(Write {
        mode: mode.unwrap_or(usual.mode),
        batch_size: batch_size?.unwrap_or(usual.batch_size),
        flush_interval: flush_interval?.unwrap_or(usual.flush_interval),
        parallelism: parallelism?.unwrap_or(usual.parallelism),
        statement: statement?,
        on_refused: on_refused?.unwrap_or_default(),
    })
}

/// `statement: null` is how design.md 3.3 writes that there is none.
fn is_declared(field: &Field) -> bool {
    field.node.value != Value::Null
}

/// SQL of one or several lines.
fn statement(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::text(field, report)?;
    if text.trim().is_empty() {
        return report.error(
            codes::NO_VALUE,
            mark,
            format!("`{path}` is empty"),
            "a text is wanted here",
            None,
        );
    }
    Some(text)
}
