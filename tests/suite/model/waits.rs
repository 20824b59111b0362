//! Waiting: presence is noticed within one poll, and all waits of a namespace share their looks.

use std::time::Duration;

use proptest::prelude::*;
use reconcile::domain::recorded::Condition;
use reconcile::ports::event_sink::Visible;

use crate::support::apply::{Site, in_virtual_time};
use crate::support::builders::{Declared, address, desired};

const SECOND: Duration = Duration::from_secs(1);
/// A list request takes 40 ms on the way there and back.
const LOOK: Duration = Duration::from_millis(40);

fn many(count: usize) -> Vec<Declared> {
    (0..count).map(|n| desired(&format!("c{n:04}"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// SC-001, over random moments of appearance and random intervals.
    #[test]
    fn a_registered_connector_is_available_at_most_one_poll_after_it_appears(
        lags in prop::collection::vec(0_u64..120_000, 1..6),
        interval in 500_u64..10_000,
    ) {
        in_virtual_time(async {
            let declared = many(lags.len());
            let mut site = Site::declaring(declared.clone());
            site.settings.connectors.interval = Duration::from_millis(interval);
            for (connector, lag) in declared.iter().zip(&lags) {
                site.service.lag_of(connector.key(), Duration::from_millis(*lag));
            }
            let applied = site.apply_once().await;
            prop_assert!(applied.report.is_complete() && applied.after.is_empty());
            for (index, lag) in lags.iter().enumerate() {
                let seen = site.events.first(&address(&format!("c{index:04}")), Visible::Available).unwrap();
                // All registrations are carried out in the first tenth of a second.
                let appeared = Duration::from_millis(*lag) + LOOK + LOOK / 2;
                let late = seen.saturating_sub(appeared);
                prop_assert!(seen >= appeared, "seen at {seen:?} before it appeared at {appeared:?}");
                prop_assert!(late <= Duration::from_millis(interval) + 2 * LOOK, "{late:?} late");
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_two_hundred_connectors_makes_one_list_per_poll() {
    let mut site = Site::declaring(many(200));
    site.service.lag(30 * SECOND, Duration::ZERO);
    site.settings.parallelism = 200;
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    // One for the plan, one at once, then one every 3 s until the 30 s have passed.
    assert_eq!(applied.lists(), 1 + 1 + 10, "took {:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn an_apply_of_two_hundred_connectors_without_lag_takes_a_handful_of_looks() {
    let mut site = Site::declaring(many(200));
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    assert_eq!(applied.report.writes, 200);
    assert!(applied.lists() <= 5, "{} looks", applied.lists());
    assert_eq!(site.service.most_writes_at_once(), 8, "parallelism is used and kept");
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_never_appears_times_out_and_is_settled_without_a_request() {
    let mut site = Site::declaring([desired("a")]);
    site.service.lag(700 * SECOND, Duration::ZERO);
    let applied = site.apply_once().await;
    let waited = applied.took;
    assert!(waited >= 600 * SECOND && waited <= 603 * SECOND, "{waited:?}");
    let message = &applied.failure("a").unwrap().message;
    assert_eq!(message, "timed out after 600 s waiting for FlinkConnector/a; last state: Creating");
    let unconfirmed = Condition::Unconfirmed { message: message.clone() };
    assert_eq!(applied.record("a").unwrap().condition, unconfirmed);
    site.pass(200 * SECOND).await;
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
    assert_eq!(again.record("a").unwrap(), desired("a").recorded());
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_resource_beats_the_limit_of_the_run() {
    let mut site = Site::declaring([desired("a").limit(20 * SECOND)]);
    site.service.lag(60 * SECOND, Duration::ZERO);
    let applied = site.apply_once().await;
    assert!(applied.took <= 24 * SECOND, "{:?}", applied.took);
    assert!(
        applied
            .failure("a")
            .unwrap()
            .message
            .starts_with("timed out after 20 s waiting for FlinkConnector/a")
    );
}
