//! Finds the rows that a table refuses, inside one transaction.
//!
//! Promises: the rows that fit are in the transaction afterwards, in their order; those that do not are named. A run of `n`
//! rows with one bad row takes about 2·log₂ n statements.

use super::super::class::Class;
use super::super::error::MysqlError;
use super::super::session::Session;
use super::rows::{Batch, Refused, Row};
use super::statement::Target;

/// Inserts the rows at these positions, in order; those that are refused come back. `positions` says where each row stands
/// in the batch.
pub(super) async fn insert_what_fits(
    session: &mut Session,
    target: &Target,
    batch: &Batch,
    positions: &[usize],
) -> Result<Vec<Refused>, MysqlError> {
    let mut refused = Vec::new();
    // The parts that are still to be inserted, the next one last.
    let mut parts = vec![positions];
    while let Some(part) = parts.pop() {
        session.run("SAVEPOINT part").await?;
        let Err(reason) = insert(session, target, batch, part).await else { continue };
        if !is_refusal(&reason) {
            return Err(reason);
        }
        session.run("ROLLBACK TO SAVEPOINT part").await?;
        match (reason.class(), part) {
            // Every row alike: looking for the bad one would find all of them, one statement each.
            (Class::RefusedStatement, _) | (_, [_] | []) => {
                refused.extend(part.iter().filter_map(|at| left_out(batch, *at, &reason)));
            }
            _ => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.push(second);
                parts.push(first);
            }
        }
    }
    Ok(refused)
}

/// Inserts rows as they are, in one statement.
pub(super) async fn insert(
    session: &mut Session,
    target: &Target,
    batch: &Batch,
    positions: &[usize],
) -> Result<(), MysqlError> {
    let rows: Vec<&Row> = positions.iter().filter_map(|at| batch.rows.get(*at)).collect();
    let values = rows.iter().flat_map(|row| row.values.iter().cloned()).collect();
    session.execute(&target.statement(rows.len()), values).await?;
    Ok(())
}

/// Whether the server refused what was sent, and the transaction goes on.
pub(super) fn is_refusal(error: &MysqlError) -> bool {
    matches!(error.class(), Class::RefusedRow | Class::RefusedStatement)
}

/// A row with the reason why it is left out.
pub(super) fn left_out(batch: &Batch, position: usize, reason: &MysqlError) -> Option<Refused> {
    let key = batch.rows.get(position)?.key.clone();
    Some(Refused { position, key, reason: reason.clone() })
}
