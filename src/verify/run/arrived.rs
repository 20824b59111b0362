//! The rows that must be in the table: those of the source, transformed, without those that were refused.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use super::rows::SourceRows;
use crate::verify::check::Expected;
use crate::verify::row::Row;
use crate::verify::transform::{Chunk, Losses, Numbered, Transforms, WrongRow};

/// So many rows travel together.
const CHUNK: usize = 256;

/// Reads the source again.
pub(super) struct Arrived<'a> {
    pub(super) rows: &'a SourceRows,
    pub(super) transforms: &'a Transforms,
    /// The numbers of the rows that were refused, from 1.
    pub(super) refused: &'a BTreeSet<u64>,
}

/// What is lost a second time was counted the first time.
struct Known;

impl Losses for Known {
    fn refused(&self, _number: u64, _wrong: &WrongRow) {}
}

impl Expected for Arrived<'_> {
    async fn walk(&self, each: &mut dyn FnMut(&Row)) -> Result<(), String> {
        let mut rows = self.rows.open().map_err(|error| error.to_string())?.zip(1_u64..);
        let (read, to_transform) = mpsc::channel::<Chunk>(2);
        let (transformed, mut arrived) = mpsc::channel::<Chunk>(2);
        let reading = async move {
            loop {
                // A record that cannot be read has a number as well.
                let part: Vec<_> = rows.by_ref().take(CHUNK).collect();
                if part.is_empty() {
                    break;
                }
                let chunk =
                    part.into_iter().filter_map(|(row, number)| Some(Numbered { number, row: row.ok()? }));
                if read.send(chunk.collect()).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        let handing_out = async {
            while let Some(chunk) = arrived.recv().await {
                for row in chunk.iter().filter(|row| !self.refused.contains(&row.number)) {
                    each(&row.row);
                }
            }
        };
        let transforming = self.transforms.run(to_transform, transformed, &Known);
        let ((), transformed, ()) = tokio::join!(reading, transforming, handing_out);
        transformed.map_err(|error| error.to_string())
    }
}
