//! A row as two numbers: one that its key has, one that all of its values have.
//!
//! Two rows of one schema with the same canonical text have the same numbers; two with different texts do not, but for
//! collisions of SHA-256 cut to 128 bits.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::verify::row::{Row, Value};
use crate::verify::types::Codec;

/// The numbers of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint {
    /// Of the key; of the whole row when there is none.
    pub(super) key: u128,
    /// Of the whole row.
    pub(super) row: u128,
}

/// Makes fingerprints of the rows of one table.
#[derive(Debug)]
pub(super) struct Fingerprints<'a> {
    codecs: Vec<&'a Codec>,
    key: &'a [usize],
    text: String,
}

impl<'a> Fingerprints<'a> {
    pub(super) fn new(codecs: Vec<&'a Codec>, key: &'a [usize]) -> Self {
        Self { codecs, key, text: String::new() }
    }

    pub(super) fn of(&mut self, row: &Row) -> Fingerprint {
        self.text.clear();
        for (value, codec) in row.values().iter().zip(&self.codecs) {
            codec.comparable(value).write_canonical(&mut self.text);
            self.text.push(',');
        }
        let whole = number(&self.text);
        if self.key.is_empty() {
            return Fingerprint { key: whole, row: whole };
        }
        self.text.clear();
        for value in self.key.iter().filter_map(|place| row.get(*place)) {
            value.write_canonical(&mut self.text);
            self.text.push(',');
        }
        Fingerprint { key: number(&self.text), row: whole }
    }

    /// The values as they are compared.
    pub(super) fn comparable(&self, row: &Row) -> Row {
        let values = row.values().iter().zip(&self.codecs);
        values
            .map(|(value, codec)| codec.comparable(value))
            .map(Cow::into_owned)
            .collect::<Vec<Value>>()
            .into()
    }
}

fn number(text: &str) -> u128 {
    let mut number = [0; 16];
    number.iter_mut().zip(Sha256::digest(text.as_bytes())).for_each(|(to, from)| *to = from);
    u128::from_be_bytes(number)
}
