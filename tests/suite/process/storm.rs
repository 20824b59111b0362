//! All kinds of edits in an order that a seed decides: what is declared in the end is live, a fresh plan is empty, and no
//! object was deleted more often than its declaration was touched.
//!
//! `RECONCILE_LONG=1` (see `tests/long`) makes more steps; `RECONCILE_SEED` chooses others.

use super::emulator::Emulator;
use super::site::Site;
use super::storms::overflow;
use super::tree::{Edit, Tree};
use super::watching::Watching;
use crate::support::chance::Chance;

/// Steps, and in the long form.
const STEPS: usize = 60;
const MORE_STEPS: usize = 1_500;
/// After so many the storm rests until everything has come true.
const BREATH: usize = 12;

/// The seed that is asked for in `RECONCILE_SEED`, or this one.
pub(super) fn seed(otherwise: u64) -> u64 {
    std::env::var("RECONCILE_SEED").map_or(otherwise, |seed| seed.parse().unwrap())
}

#[test]
fn whatever_happens_to_the_files_the_end_is_what_a_fresh_plan_says() {
    let long = std::env::var_os("RECONCILE_LONG").is_some();
    let seed = seed(20_261_121);
    println!("RECONCILE_SEED={seed}");
    let mut chance = Chance::new(seed);
    let site = Site::new();
    let mut tree = Tree::new(&site.path().join("manifests"));
    let emulator = Emulator::start(site.path(), &[]);
    let watching = Watching::over(site, emulator, &["--prune", "--resync", "1m"]);
    for step in 1..=if long { MORE_STEPS } else { STEPS } {
        let edit = *chance.one_of(&Edit::ALL);
        let is_unheard = chance.below(20) == 0;
        println!("step {step}: {edit:?}{}", if is_unheard { ", unheard" } else { "" });
        if is_unheard {
            watching.signal("STOP");
            overflow(&watching.folder());
        }
        tree.edit(edit, &mut chance);
        if is_unheard {
            watching.signal("CONT");
        }
        // Sometimes the next edit comes at once, sometimes when somebody may be looking at this one.
        std::thread::sleep(std::time::Duration::from_millis(*chance.one_of(&[0, 0, 20, 90, 110, 150, 300])));
        if step % BREATH == 0 {
            tree.repair(&mut chance);
            watching.until_agreed(&tree.declared());
            let deletes = watching.deletes();
            assert!(deletes <= tree.disturbed, "{deletes} deletes, {} allowed", tree.disturbed);
        }
    }
    watching.stop().exits(0);
}
