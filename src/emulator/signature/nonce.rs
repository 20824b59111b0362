//! The memory of used nonces.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// A nonce belongs to the key it was signed with.
type Nonce = (String, String);

/// Remembers each nonce for as long as its request would still pass the date check, and not longer.
#[derive(Default)]
pub(super) struct NonceMemory {
    used: BTreeSet<Nonce>,
    by_expiry: BTreeSet<(Timestamp, Nonce)>,
}

impl NonceMemory {
    /// Takes note of a nonce that can be replayed until `until`. False if it was used before.
    pub(super) fn record(&mut self, key_id: &str, nonce: &str, until: Timestamp, now: Timestamp) -> bool {
        while self.by_expiry.first().is_some_and(|(expiry, _)| *expiry < now) {
            if let Some((_, nonce)) = self.by_expiry.pop_first() {
                self.used.remove(&nonce);
            }
        }
        let nonce = (key_id.to_owned(), nonce.to_owned());
        let new = self.used.insert(nonce.clone());
        if new {
            self.by_expiry.insert((until, nonce));
        }
        new
    }

    /// How many nonces are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.used.len(), self.by_expiry.len());
        self.used.len()
    }
}
