//! SC-002: a thousand registrations while one request in a hundred goes wrong.

use reconcile::engine::executor::RowResult;

use crate::support::apply::Site;
use crate::support::builders::desired;
use crate::support::memory::{Fault, Processed};

#[tokio::test(start_paused = true)]
async fn a_thousand_registrations_survive_one_percent_of_lost_answers() {
    for seed in 1..=3 {
        let mut site = Site::declaring((0..1_000).map(|n| desired(&format!("c{n:04}"))));
        let lost = [Fault::Ambiguous(Processed::Yes), Fault::Ambiguous(Processed::No), Fault::Unavailable];
        site.service.shake(seed, 10, &lost);
        let applied = site.apply_once().await;
        let rows = &applied.report.rows;
        let available = rows.iter().filter(|row| row.result == RowResult::Done).count();
        assert!(available >= 950, "{available} of 1000 are available after the first apply");
        let again = site.apply_once().await;
        assert!(again.report.is_complete() && again.after.is_empty());
        assert!(site.tape.creations().values().all(|created| *created == 1), "something was doubled");
        assert_eq!(site.service.everything().len(), 1_000);
    }
}
