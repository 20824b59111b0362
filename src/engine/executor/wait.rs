//! Waiting: one list call per scope and poll serves every wait in that scope, each with its own deadline.
//!
//! A scope is looked at as soon as something waits in it and nothing there is still being sent, and then once per
//! interval: two hundred registrations cost one look when the last of them was accepted, not two hundred.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{Notify, watch};

use crate::domain::live::Census;
use crate::domain::natural_key::Scope;
use crate::engine::retry::RetryPolicy;
use crate::ports::clock::Clock;
use crate::ports::provider::{ErrorClass, Provider, ProviderError};

/// Why a wait ended without what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WaitError {
    /// The deadline passed.
    Timeout {
        /// How long we waited.
        elapsed: Duration,
        /// The last listing that failed, if the last one did.
        last_error: Option<ProviderError>,
    },
    /// Newer manifests are there: readiness is no longer waited for.
    Left {
        /// How long we waited.
        elapsed: Duration,
    },
    /// Listing failed in a way that waiting does not mend.
    Read(ProviderError),
}

/// Whether a wait ends when the run leaves its waits behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// It waits for readiness: the next run looks again.
    Allowed,
    /// It decides what an answer meant, or guards a way back.
    Never,
}

/// A listing that was started at a known moment.
#[derive(Debug, Clone)]
struct Look {
    started: Duration,
    result: Rc<Result<Census, ProviderError>>,
}

/// The waits of one scope.
#[derive(Debug)]
struct Post {
    /// The pause between two looks.
    interval: Duration,
    /// Requests of this scope that were not answered yet.
    sending: Cell<usize>,
    /// Waits.
    waiting: Cell<usize>,
    /// Waits that saw no listing yet.
    fresh: Cell<usize>,
    changed: Notify,
    looks: watch::Sender<Option<Look>>,
}

/// All waits of a run.
#[derive(Debug)]
pub(super) struct Lookout {
    posts: BTreeMap<Scope, Post>,
    retry: RetryPolicy,
    left: watch::Sender<bool>,
}

impl Lookout {
    pub(super) fn new(
        scopes: impl IntoIterator<Item = Scope>,
        interval: impl Fn(&Scope) -> Duration,
        retry: RetryPolicy,
    ) -> Self {
        let post = |scope: &Scope| Post {
            interval: interval(scope),
            sending: Cell::new(0),
            waiting: Cell::new(0),
            fresh: Cell::new(0),
            changed: Notify::new(),
            looks: watch::Sender::new(None),
        };
        let posts = scopes.into_iter().map(|scope| (scope.clone(), post(&scope))).collect();
        Self { posts, retry, left: watch::Sender::new(false) }
    }

    /// Ends every wait for readiness, those that come included.
    pub(super) fn leave(&self) {
        self.left.send_replace(true);
    }

    /// The scopes that this run can wait in.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.posts.keys()
    }

    /// Tells that a request of this scope is about to be sent, until the value is dropped.
    pub(super) fn sending(&self, scope: &Scope) -> Option<Sending<'_>> {
        self.posts.get(scope).map(Sending::new)
    }

    /// Looks for as long as somebody waits; ends only by being dropped.
    pub(super) async fn watch(&self, scope: &Scope, provider: &impl Provider, clock: &impl Clock) {
        let Some(post) = self.posts.get(scope) else { return };
        let mut last: Option<Duration> = None;
        loop {
            if post.waiting.get() == 0 {
                post.changed.notified().await;
                continue;
            }
            let at_once = post.fresh.get() > 0 && post.sending.get() == 0;
            let due = last.map_or_else(|| clock.now() + post.interval, |last| last + post.interval);
            if !at_once && clock.now() < due {
                let sleep = std::pin::pin!(clock.sleep_until(due));
                let changed = std::pin::pin!(post.changed.notified());
                if let Either::Right(_) = select(sleep, changed).await {
                    // Counted from the first wait on, so that a stream of new requests does not put the look off.
                    last = last.or(Some(due.saturating_sub(post.interval)));
                    continue;
                }
            }
            let started = clock.now();
            last = Some(started);
            // Who joins from here on is not served by this look.
            post.fresh.set(0);
            let result = Rc::new(provider.observe(scope).await);
            tracing::debug!(%scope, ok = result.is_ok(), "polled");
            post.looks.send_replace(Some(Look { started, result }));
            // Lets the waits judge this look before the next one is considered.
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a listing that was started after this call satisfies the judge.
    pub(super) async fn until<T>(
        &self,
        scope: &Scope,
        clock: &impl Clock,
        limit: Duration,
        mut judge: impl FnMut(&Census) -> Option<T>,
    ) -> Result<T, WaitError> {
        self.wait(scope, clock, limit, Leaving::Never, |_, census| judge(census)).await
    }

    /// The same for what was sent and is to appear, or until the run leaves its waits.
    pub(super) async fn until_or_left<T>(
        &self,
        scope: &Scope,
        clock: &impl Clock,
        limit: Duration,
        mut judge: impl FnMut(&Census) -> Option<T>,
    ) -> Result<T, WaitError> {
        self.wait(scope, clock, limit, Leaving::Allowed, |_, census| judge(census)).await
    }

    /// Looks until the judge finds something, or finds nothing in two looks that are one poll apart, however often
    /// others look in between.
    pub(super) async fn in_two_looks<T>(
        &self,
        scope: &Scope,
        clock: &impl Clock,
        limit: Duration,
        mut judge: impl FnMut(&Census) -> Option<T>,
    ) -> Result<Option<T>, WaitError> {
        let judge = |apart: bool, census: &Census| judge(census).map(Some).or(apart.then_some(None));
        self.wait(scope, clock, limit, Leaving::Never, judge).await
    }

    /// Waits until a listing that was started after this call satisfies the judge, who is also told whether a whole poll
    /// lies between it and the first one, or until the run leaves its waits.
    pub(super) async fn looks_or_left<T>(
        &self,
        scope: &Scope,
        clock: &impl Clock,
        limit: Duration,
        judge: impl FnMut(bool, &Census) -> Option<T>,
    ) -> Result<T, WaitError> {
        self.wait(scope, clock, limit, Leaving::Allowed, judge).await
    }

    async fn wait<T>(
        &self,
        scope: &Scope,
        clock: &impl Clock,
        limit: Duration,
        leaving: Leaving,
        mut judge: impl FnMut(bool, &Census) -> Option<T>,
    ) -> Result<T, WaitError> {
        let mut first = None;
        let since = clock.now();
        let deadline = since + limit;
        let mut last_error = None;
        let Some(post) = self.posts.get(scope) else {
            return Err(WaitError::Timeout { elapsed: Duration::ZERO, last_error });
        };
        let mut looks = post.looks.subscribe();
        let _waiting = Waiting::new(post);
        let mut left = self.left.subscribe();
        loop {
            let look = looks.borrow_and_update().clone().filter(|look| look.started >= since);
            if let Some(look) = look {
                match &*look.result {
                    Ok(census) => {
                        last_error = None;
                        let first = *first.get_or_insert(look.started);
                        let apart = look.started > first && look.started >= first + post.interval;
                        if let Some(verdict) = judge(apart, census) {
                            return Ok(verdict);
                        }
                    }
                    Err(error) if self.is_passing(error) => last_error = Some(error.clone()),
                    Err(error) => return Err(WaitError::Read(error.clone())),
                }
            }
            let elapsed = || clock.now().saturating_sub(since);
            tokio::select! {
                biased;
                _ = looks.changed() => {}
                _ = left.wait_for(|left| *left), if leaving == Leaving::Allowed => {
                    return Err(WaitError::Left { elapsed: elapsed() });
                }
                () = clock.sleep_until(deadline) => {
                    return Err(WaitError::Timeout { elapsed: elapsed(), last_error });
                }
            }
        }
    }

    /// Whether the next listing may well succeed. A throttled one ends the wait at once (FR-010), unless it was asked
    /// for otherwise.
    fn is_passing(&self, error: &ProviderError) -> bool {
        match error.class {
            ErrorClass::Unavailable | ErrorClass::Ambiguous | ErrorClass::Protocol => true,
            ErrorClass::Throttled { .. } => self.retry.throttled,
            ErrorClass::Auth | ErrorClass::Conflict | ErrorClass::Invalid => false,
        }
    }
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Sending<'a>(&'a Post);

impl<'a> Sending<'a> {
    fn new(post: &'a Post) -> Self {
        post.sending.set(post.sending.get() + 1);
        Self(post)
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.0.sending.set(self.0.sending.get().saturating_sub(1));
        self.0.changed.notify_one();
    }
}

struct Waiting<'a>(&'a Post);

impl<'a> Waiting<'a> {
    fn new(post: &'a Post) -> Self {
        post.waiting.set(post.waiting.get() + 1);
        post.fresh.set(post.fresh.get() + 1);
        post.changed.notify_one();
        Self(post)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get().saturating_sub(1));
        self.0.changed.notify_one();
    }
}
