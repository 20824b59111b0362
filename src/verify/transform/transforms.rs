//! All transforms of a scenario, one after the other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use super::error::{TransformError, WrongRow};
use super::flatten::Flatten;
use super::program::{Program, ProgramError};
use super::set::Set;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::types::Schema;
use crate::verify::row::Row;

/// A row with its number in the source, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number.
    pub number: u64,
    /// The row.
    pub row: Row,
}

/// Rows that travel together.
pub type Chunk = Vec<Numbered>;

/// Who is told of rows that are left out.
pub trait Losses: Sync {
    /// The row of this number is left out.
    fn refused(&self, number: u64, wrong: &WrongRow);
}

/// The transforms, ready to run.
#[derive(Debug)]
pub struct Transforms {
    stages: Vec<Stage>,
    schema: Schema,
}

/// What runs as one: steps in a row of calls, or a program.
#[derive(Debug)]
enum Stage {
    Steps(Vec<StepOf>),
    Program(Program),
}

#[derive(Debug)]
enum StepOf {
    Set(Set),
    Flatten(Flatten),
}

impl Transforms {
    /// Prepares transforms for rows of this schema.
    ///
    /// # Errors
    /// [`TransformError`]
    pub fn new(declared: &[Transform], source: &Schema) -> Result<Self, TransformError> {
        let (mut stages, mut schema) = (Vec::new(), source.clone());
        for transform in declared {
            let step = match transform {
                Transform::Set { field, cel } => {
                    let (set, after) = Set::new(field.as_str(), cel, &schema)?;
                    schema = after;
                    StepOf::Set(set)
                }
                Transform::Flatten { field } => {
                    let (flatten, after) = Flatten::new(field.as_str(), &schema)?;
                    schema = after;
                    StepOf::Flatten(flatten)
                }
                Transform::Program { argv, folder } => {
                    stages.push(Stage::Program(Program::new(argv, folder, &schema)));
                    continue;
                }
            };
            match stages.last_mut() {
                Some(Stage::Steps(steps)) => steps.push(step),
                _ => stages.push(Stage::Steps(vec![step])),
            }
        }
        Ok(Self { stages, schema })
    }

    /// What rows are when they leave.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Transforms all rows that come, in their order, until no more come. When the future is dropped, programs are killed.
    ///
    /// # Errors
    /// [`ProgramError`]: nothing more comes out.
    pub async fn run(
        &self,
        rows: mpsc::Receiver<Chunk>,
        out: mpsc::Sender<Chunk>,
        losses: &dyn Losses,
    ) -> Result<(), ProgramError> {
        let mut rows = rows;
        let mut working = Vec::new();
        let last = self.stages.len().saturating_sub(1);
        if self.stages.is_empty() {
            return run_steps(&[], rows, out, losses).await;
        }
        for (at, stage) in self.stages.iter().enumerate() {
            let (sender, receiver) = mpsc::channel(2);
            let sender = if at == last { out.clone() } else { sender };
            let before = std::mem::replace(&mut rows, receiver);
            working.push(async move {
                match stage {
                    Stage::Steps(steps) => run_steps(steps, before, sender, losses).await,
                    Stage::Program(program) => program.run(before, sender, losses).await,
                }
            });
        }
        drop(out);
        futures_util::future::try_join_all(working).await.map(|_| ())
    }
}

/// Those that were left out.
#[derive(Default)]
struct Lost(Mutex<BTreeMap<u64, WrongRow>>);

impl Losses for Lost {
    fn refused(&self, number: u64, wrong: &WrongRow) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, wrong.clone());
    }
}

impl Transforms {
    /// Transforms rows that are all there: each of them, or why it is left out, in their order.
    ///
    /// # Errors
    /// [`ProgramError`]
    pub async fn all(&self, rows: Vec<Row>) -> Result<Vec<Result<Row, WrongRow>>, ProgramError> {
        let (sender, receiver) = mpsc::channel(1);
        let (out, mut transformed) = mpsc::channel::<Chunk>(1);
        let lost = Lost::default();
        let chunk: Chunk = (1..).zip(rows).map(|(number, row)| Numbered { number, row }).collect();
        let feed = async move {
            // Whoever receives no more tells why.
            drop(sender.send(chunk).await);
        };
        let collect = async {
            let mut all = BTreeMap::new();
            while let Some(chunk) = transformed.recv().await {
                all.extend(chunk.into_iter().map(|row| (row.number, Ok(row.row))));
            }
            all
        };
        let (result, (), mut all) = tokio::join!(self.run(receiver, out, &lost), feed, collect);
        result?;
        let lost = lost.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.extend(lost.into_iter().map(|(number, wrong)| (number, Err(wrong))));
        Ok(all.into_values().collect())
    }
}

async fn run_steps(
    steps: &[StepOf],
    mut rows: mpsc::Receiver<Chunk>,
    out: mpsc::Sender<Chunk>,
    losses: &dyn Losses,
) -> Result<(), ProgramError> {
    while let Some(chunk) = rows.recv().await {
        let mut through = Vec::with_capacity(chunk.len());
        for Numbered { number, row } in chunk {
            match apply(steps, row) {
                Ok(row) => through.push(Numbered { number, row }),
                Err(wrong) => losses.refused(number, &wrong),
            }
        }
        if !through.is_empty() && out.send(through).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn apply(steps: &[StepOf], row: Row) -> Result<Row, WrongRow> {
    steps.iter().try_fold(row, |row, step| match step {
        StepOf::Set(set) => set.apply(row),
        StepOf::Flatten(flatten) => Ok(flatten.apply(row)),
    })
}
