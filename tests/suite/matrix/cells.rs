//! The whole matrix at the clients.

use futures_util::stream::{self, StreamExt as _};

use super::fault::{Cell, How, Operation, cells};
use super::play::{Defect, played};
use super::server::Service;
use crate::support::chance::Chance;
use crate::support::reliability::{Report, is_long};

/// How many cells are under way at once.
const BESIDE: usize = 48;

/// What a run without `RECONCILE_SEED` draws from.
const SEED: u64 = 20_261_122;

#[expect(clippy::disallowed_methods, reason = "whoever runs a test chooses its seed by a variable")]
fn seed() -> u64 {
    std::env::var("RECONCILE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED)
}

/// Plays the cells of one seed; those that were not met as required.
fn red(seed: u64, defect: Option<Defect>) -> (usize, Vec<String>) {
    let elsewhere = Service::holding(None);
    let mut chance = Chance::new(seed);
    let all: Vec<Cell> = Operation::ALL
        .into_iter()
        .flat_map(|operation| cells(operation, &elsewhere.authority(), &mut chance))
        .filter(|cell| !matches!(cell.how, How::Never(_)))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let red = runtime.block_on(async {
        // A defect is met alone: what is heard elsewhere is then of the cell itself.
        let beside = if defect.is_some() { 1 } else { BESIDE };
        let results = stream::iter(&all).map(|cell| {
            let elsewhere = &elsewhere;
            async move {
                let wrong = played(cell, elsewhere, defect).await.err()?;
                let Cell { fault, operation, required, how: _ } = cell;
                Some(format!("seed {seed}: {operation:?} × {fault}, required {required:?}: {wrong}"))
            }
        });
        results.buffer_unordered(beside).filter_map(|red| async { red }).collect::<Vec<_>>().await
    });
    (all.len(), red)
}

#[test]
fn every_fault_of_every_operation_is_met_as_required() {
    let rounds = if is_long() { 100 } else { 1 };
    let (first, mut played) = (seed(), 0);
    for seed in (0..rounds).map(|round| first.wrapping_add(round)) {
        let (count, red) = red(seed, None);
        played += count;
        assert!(red.is_empty(), "{} of {count}:\n{}", red.len(), red.join("\n"));
    }
    Report {
        harness: "matrix::cells",
        what: "every operation of both services against every fault that can come over a wire",
        cases: format!("{played} cells"),
        seed: Some(first),
        result: "each as required, one request per call".to_owned(),
        planted: "`matrix::cells`: five clients with a defect each",
    }
    .hand_in();
}
