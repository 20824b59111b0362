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
pub(super) fn seed() -> u64 {
    std::env::var("RECONCILE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED)
}

fn name(cell: &Cell) -> String {
    format!("{:?} × {}", cell.operation, cell.fault)
}

/// Plays the wanted cells of one seed; those that were not met as required.
fn red(seed: u64, defect: Option<Defect>, wanted: impl Fn(&str) -> bool) -> (usize, Vec<String>) {
    let elsewhere = Service::holding(None);
    let mut chance = Chance::new(seed);
    let all: Vec<Cell> = Operation::ALL
        .into_iter()
        .flat_map(|operation| cells(operation, &elsewhere.authority(), &mut chance))
        .filter(|cell| !matches!(cell.how, How::Never(_)) && wanted(&name(cell)))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let red = runtime.block_on(async {
        let results = stream::iter(&all).map(|cell| {
            let elsewhere = &elsewhere;
            async move {
                let wrong = played(cell, elsewhere, defect).await.err()?;
                Some(format!("seed {seed}: {}, required {:?}: {wrong}", name(cell), cell.required))
            }
        });
        results.buffer_unordered(BESIDE).filter_map(|red| async { red }).collect::<Vec<_>>().await
    });
    (all.len(), red)
}

#[test]
fn every_fault_of_every_operation_is_met_as_required() {
    let rounds = if is_long() { 100 } else { 1 };
    let (first, mut played) = (seed(), 0);
    for seed in (0..rounds).map(|round| first.wrapping_add(round)) {
        let (count, red) = red(seed, None, |_| true);
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

/// Each defect is seen, by the cells that are there for it.
#[test]
fn clients_with_a_defect_are_red() {
    for (defect, cell) in [
        (Defect::RepeatsLostCreate, "Create × closed, carried out"),
        (Defect::TakesNotFoundForAbsence, "ConfirmAbsence × 404"),
        (Defect::TakesNotFoundForAbsence, "Delete × 404"),
        (Defect::DefaultsWhatIsMissing, "List × success without a listing"),
        (Defect::DefaultsWhatIsMissing, "Query × success without a listing"),
        (Defect::FollowsRedirects, "List × redirect to another host"),
        (Defect::FollowsRedirects, "Register × redirect to another host"),
        (Defect::RepeatsSecrets, "Create × 401"),
    ] {
        let (_, red) = red(SEED, Some(defect), |shown| shown == cell);
        assert_eq!(red.len(), 1, "{defect:?} is not seen by {cell}");
    }
}
