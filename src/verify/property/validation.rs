//! Property 14: a value that is not what it should be is told with its field.

use std::path::Path;

use proptest::collection::vec;

use super::bench::{Bench, Content, FlowRunner, Setup, nothing, number, schema, text};
use super::round_trip::words;
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::expression::Cel;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::pipeline::{Rule, Severity, WriteMode};
use crate::domain::suite::source::FileFormat;
use crate::domain::suite::verdict::Verdict;
use crate::verify::mysql::client::Client;
use crate::verify::source::FileRows;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    NoJson,
    WrongType,
    Missing,
    Undeclared,
    RuleBroken,
    /// By a rule that only warns.
    Doubtful,
    TooLong,
    TooSmall,
}

const FLAWS: [Flaw; 9] = [
    Flaw::None,
    Flaw::NoJson,
    Flaw::WrongType,
    Flaw::Missing,
    Flaw::Undeclared,
    Flaw::RuleBroken,
    Flaw::Doubtful,
    Flaw::TooLong,
    Flaw::TooSmall,
];

/// What is told of a row: stage, class, field, value.
type Told = (String, String, String, String);

impl Flaw {
    fn line(self, id: usize) -> String {
        let (v, n) = match self {
            Self::NoJson => return format!("{{\"id\": {id}, "),
            Self::Missing => return format!("{{\"id\": {id}, \"v\": \"ok\"}}\n"),
            Self::WrongType => ("\"ok\"", "\"many\""),
            Self::Undeclared => ("\"ok\", \"z\": 1", "1"),
            Self::RuleBroken => ("\"ok\"", "95"),
            Self::Doubtful => ("\"ok?\"", "1"),
            Self::TooLong => ("\"longer\"", "1"),
            Self::TooSmall => ("\"ok\"", "-200"),
            Self::None => ("\"ok\"", "1"),
        };
        format!("{{\"id\": {id}, \"v\": {v}, \"n\": {n}}}")
    }

    fn told(self) -> Option<Told> {
        let (stage, class, field, value) = match self {
            Self::None => return None,
            Self::NoJson | Self::Undeclared => ("source", "invalid", "", ""),
            Self::WrongType => ("source", "invalid", "n", "\"\\\"many\\\"\""),
            Self::Missing => ("source", "invalid", "n", "\"\""),
            Self::RuleBroken => ("rule", "invalid", "n", "95"),
            Self::Doubtful => ("rule", "warning", "v", "ok?"),
            Self::TooLong => ("encode", "invalid", "v", "longer"),
            Self::TooSmall => ("encode", "invalid", "n", "-200"),
        };
        Some((stage.to_owned(), class.to_owned(), field.to_owned(), value.to_owned()))
    }
}

fn rules() -> Result<Vec<Rule>, String> {
    let rule = |field, check, severity| -> Result<Rule, String> {
        Ok(Rule { field: Identifier::near(field), check: Cel::new(check).map_err(words)?, severity })
    };
    Ok(vec![rule("n", "value < 90", Severity::Error)?, rule("v", "!value.endsWith('?')", Severity::Warning)?])
}

/// Property 14: for any flaws in rows of a file, each is told once, with row, field and value, and the rows without are
/// written.
pub fn validation_errors(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let cases = (vec(proptest::sample::select(FLAWS.to_vec()), 1..=48), 1..=16_u32, 1..=3_u16);
    let judged = async |bench: &mut Bench,
                        (flaws, batch_size, parallelism): (Vec<Flaw>, u32, u16)|
           -> Judged {
        let column = |name: &str, kind: &str| -> Result<_, String> {
            Ok((name.to_owned(), kind.parse().map_err(words)?))
        };
        let setup = Setup {
            rules: rules()?,
            columns: vec![column("v", "VARCHAR(5)")?, column("n", "TINYINT")?],
            ..Setup::new(WriteMode::Insert, batch_size, parallelism)
        };
        let lines: Vec<String> =
            flaws.iter().enumerate().map(|(id, flaw)| flaw.line(id).trim_end().to_owned()).collect();
        let file = lines.join("\n");
        let rows = FileRows::new(Path::new("rows.ndjson"), file.as_bytes(), FileFormat::Ndjson, &schema()?);
        let done = bench.flow(runner, &setup, rows.collect(), &nothing).await?;
        let mut told: Vec<(u64, Told)> = done
            .errors()
            .map(|record| {
                let said = ["stage", "class", "field", "value"].map(|name| text(record, name).to_owned());
                (number(record, "row").unwrap_or_default(), said.into())
            })
            .collect();
        told.sort();
        let wanted: Vec<(u64, Told)> =
            (1..).zip(&flaws).filter_map(|(row, flaw)| Some((row, flaw.told()?))).collect();
        require(told == wanted, || format!("this was told: {told:?}, instead of {wanted:?}"))?;
        let silent = done.errors().find(|record| {
            let field = text(record, "field");
            !field.is_empty() && !text(record, "message").contains(&format!("`{field}`"))
        });
        require(silent.is_none(), || format!("the message does not name the field: {silent:?}"))?;
        let is_written = |flaw: &Flaw| matches!(flaw, Flaw::None | Flaw::Doubtful);
        let content: Content =
            (0..).zip(&flaws).filter(|(_, flaw)| is_written(flaw)).map(|(id, _)| (id, 1)).collect();
        require(done.content == content, || {
            format!("the table holds {:?} instead of {content:?}", done.content)
        })?;
        Ok(vec![("errors", told.len() as u64), ("rows written", done.outcome.written)])
    };
    judge_sharing(trial, &cases, async || Bench::open(client, client).await, &judged, Bench::close)
}
