//! The whole matrix at the clients.

use std::sync::PoisonError;

use futures_util::stream::{self, StreamExt as _};

use super::TURN;
use super::fault::{Cell, How, Operation, cells};
use super::play::{Defect, played};
use super::server::{Service, Wire};
use crate::support::chance::Chance;
use crate::support::reliability::{Report, is_long};

/// How many cells are under way at once.
const BESIDE: usize = 96;

/// What a run without `RECONCILE_SEED` draws from.
const SEED: u64 = 20_261_122;

#[expect(clippy::disallowed_methods, reason = "whoever runs a test chooses its seed by a variable")]
pub(super) fn seed() -> u64 {
    std::env::var("RECONCILE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED)
}

fn name(cell: &Cell) -> String {
    format!("{:?} × {}", cell.operation, cell.fault)
}

/// The cells of so many seeds, this one first, that can be played. What has no end is the same for
/// every seed, and costs most.
fn drawn(first: u64, rounds: u64, elsewhere: &Service) -> Vec<(u64, Cell)> {
    let of_seed = |round| {
        let seed = first.wrapping_add(round);
        let mut chance = Chance::new(seed);
        let authority = elsewhere.authority();
        let of = |operation| cells(operation, &authority, &mut chance);
        let all: Vec<Cell> = Operation::ALL.into_iter().flat_map(of).collect();
        let is_played = move |cell: &Cell| match cell.how {
            How::Never(_) => false,
            How::CarriedOut(Wire::Flood(..)) => round == 0 && (is_long() || creates_or_lists(cell.operation)),
            _ => true,
        };
        all.into_iter().filter(is_played).map(move |cell| (seed, cell))
    };
    (0..rounds).flat_map(of_seed).collect()
}

fn creates_or_lists(operation: Operation) -> bool {
    matches!(operation, Operation::List | Operation::Register | Operation::Query | Operation::Create)
}

/// Those that are not met as required.
fn red(all: &[(u64, Cell)], elsewhere: &Service, defect: Option<Defect>) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let results = stream::iter(all).map(|(seed, cell)| async move {
            let wrong = played(cell, elsewhere, defect).await.err()?;
            Some(format!("seed {seed}: {}, required {:?}: {wrong}", name(cell), cell.required))
        });
        results.buffer_unordered(BESIDE).filter_map(|red| async { red }).collect().await
    })
}

#[test]
fn every_fault_of_every_operation_is_met_as_required() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (first, rounds) = (seed(), if is_long() { 100 } else { 1 });
    let elsewhere = Service::holding(None);
    let all = drawn(first, rounds, &elsewhere);
    let (red, played) = (red(&all, &elsewhere, None), all.len());
    assert!(red.is_empty(), "{} of {played}:\n{}", red.len(), red.join("\n"));
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
        let elsewhere = Service::holding(None);
        let mut all = drawn(SEED, 1, &elsewhere);
        all.retain(|(_, drawn)| name(drawn) == cell);
        let red = red(&all, &elsewhere, Some(defect));
        assert_eq!(red.len(), 1, "{defect:?} is not seen by {cell}");
    }
}
