//! What the connections of a proxy share: the disturbances, and how many connections are open.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use super::effect::{Effect, Says};
use super::trouble::Trouble;

/// What the connections share.
#[derive(Debug)]
pub(super) struct Path {
    book: Mutex<Book>,
    /// Counts up when every connection is to be closed.
    cuts: watch::Sender<u64>,
    /// Counts up when a disturbance begins or is ended.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Book {
    /// By number.
    effects: BTreeMap<u64, Arc<Effect>>,
    begun: u64,
    open: u64,
}

/// An open connection, in the book as long as it is one.
#[derive(Debug)]
pub(super) struct Open {
    path: Arc<Path>,
    cuts: watch::Receiver<u64>,
}

/// Bytes that came, or what is left of them.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    pub(super) came: Instant,
    /// The effects that have held it up, by number: each counts it once.
    held_by: Vec<u64>,
}

impl Chunk {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, came: Instant::now(), held_by: Vec::new() }
    }
}

/// What a chunk may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing before then.
    Wait(Instant),
    /// So many bytes go on, and then perhaps every connection is closed.
    Pass { bytes: usize, then_cut: bool },
}

impl Path {
    pub(super) fn new() -> Self {
        Self { book: Mutex::default(), cuts: watch::channel(0).0, changes: watch::channel(0).0 }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a disturbance.
    pub(super) fn begin(&self, what: Trouble) -> Arc<Effect> {
        let effect = Arc::new(Effect::begin(what));
        let mut book = self.book();
        book.effects.retain(|_, effect| effect.matters(Instant::now()));
        book.begun += 1;
        let number = book.begun;
        book.effects.insert(number, Arc::clone(&effect));
        match what {
            Trouble::Drop if book.open > 0 => effect.end(self.cut(&book)),
            Trouble::ServerDown { .. } => effect.closed(self.cut(&book)),
            // A drop that finds no connection waits for one.
            _ => {}
        }
        drop(book);
        self.changes.send_modify(|changes| *changes += 1);
        effect
    }

    /// Ends every disturbance.
    pub(super) fn calm(&self) {
        for effect in self.book().effects.values() {
            if effect.until.is_some() {
                effect.end(0);
            }
        }
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Closes all connections, and says how many they were.
    fn cut(&self, book: &Book) -> u64 {
        self.cuts.send_modify(|cuts| *cuts += 1);
        book.open
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Until when connections are refused.
    pub(super) fn down_until(&self) -> Option<Instant> {
        let (book, now) = (self.book(), Instant::now());
        let down = book.effects.values().filter(|effect| matches!(effect.what, Trouble::ServerDown { .. }));
        down.filter(|effect| effect.holds(now)).filter_map(|effect| effect.until).max()
    }

    /// Enters a connection.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        let mut book = self.book();
        book.open += 1;
        let cuts = self.cuts.subscribe();
        drop(book);
        Open { path: Arc::clone(self), cuts }
    }

    /// What the chunk may do now, on its way to the database (`up`) or back. What may go is counted as gone.
    pub(super) fn step(&self, up: bool, chunk: &mut Chunk) -> Step {
        let (book, now) = (self.book(), Instant::now());
        let (mut bytes, mut wait) = (chunk.bytes.len(), None);
        for (number, effect) in &book.effects {
            match effect.says(up, chunk.came, bytes, now) {
                Says::AtMost(most) => bytes = bytes.min(most),
                Says::Wait(until) => {
                    wait = wait.max(Some(until));
                    let is_throttled = matches!(effect.what, Trouble::Throttle { .. });
                    if !is_throttled && !chunk.held_by.contains(number) {
                        chunk.held_by.push(*number);
                        effect.held(bytes);
                    }
                }
            }
        }
        if let Some(until) = wait {
            return Step::Wait(until);
        }
        let mut then_cut = false;
        for effect in book.effects.values() {
            if effect.passing(up, bytes, now) {
                then_cut = true;
                effect.end(book.open);
            }
        }
        Step::Pass { bytes, then_cut }
    }

    /// Closes every connection, for those who have seen [`Step::Pass::then_cut`] and let the bytes go.
    pub(super) fn cut_now(&self) {
        self.cut(&self.book());
    }
}

impl Open {
    /// Comes back when the connection is to be closed.
    pub(super) async fn is_cut(&mut self) {
        if self.cuts.changed().await.is_err() {
            unreachable!("the path lives as long as its connections");
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.path.book().open -= 1;
    }
}
