//! Observing: one list call per scope, however many objects it holds.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::retry::RetryPolicy;
use crate::domain::live::World;
use crate::domain::natural_key::Scope;
use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink};
use crate::ports::provider::{Provider, ProviderError};

/// Lists every scope, at most `parallelism` at a time.
///
/// # Errors
/// The first listing that cannot be had: a world with a hole in it decides nothing.
pub async fn observe(
    provider: &impl Provider,
    clock: &impl Clock,
    events: &impl EventSink,
    retry: RetryPolicy,
    scopes: &BTreeSet<Scope>,
    parallelism: usize,
) -> Result<World, ProviderError> {
    let listings = scopes.iter().map(|scope| async move {
        let started = clock.now();
        events.emit(Event::ReadStarted { scope: scope.clone() });
        let mut attempts = 0;
        let listing = || {
            attempts += 1;
            provider.observe(scope)
        };
        let census = retry.run(clock, events, listing).await?;
        let took = clock.now().saturating_sub(started);
        events.emit(Event::ReadCompleted { scope: scope.clone(), objects: census.len(), attempts, took });
        Ok((scope.clone(), census))
    });
    stream::iter(listings).buffer_unordered(parallelism.max(1)).try_collect().await
}
