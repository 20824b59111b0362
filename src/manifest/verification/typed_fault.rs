//! A fault as it is typed: `at=40%,do=stall,for=2s`. The same words and limits as in `faults` of a manifest.

use std::collections::BTreeMap;
use std::num::NonZero;

use super::fault::{Beside, disturbance};
use crate::domain::suite::fault::{Disturbance, Fault, Moment};
use crate::domain::suite::quantity::{Bytes, Percent};
use crate::manifest::duration;

/// Why a text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Not `NAME=VALUE`, or a name twice.
    #[error("`{0}` is not one NAME=VALUE of several: write it like at=40%,do=stall,for=2s")]
    Shape(String),
    /// `do` is missing, or not one of its words.
    #[error("`do` is one of {}", words())]
    Word,
    /// Something that belongs to the word is not there, or something else is.
    #[error("`do={word}` goes with {}", goes_with(.word))]
    Fields {
        /// The word.
        word: &'static str,
    },
    /// A value is not one of its kind.
    #[error("`{name}={value}`: {why}")]
    Value {
        /// Of what.
        name: &'static str,
        /// As it was typed.
        value: String,
        /// Why not.
        why: String,
    },
}

fn words() -> String {
    Disturbance::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}

fn goes_with(word: &str) -> String {
    let fields =
        Disturbance::WORDS.iter().find(|(known, _)| *known == word).map_or(&[][..], |(_, fields)| fields);
    ["at"].iter().chain(fields).map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
}

/// Reads it.
///
/// # Errors
/// [`FaultError`]
pub fn fault(text: &str) -> Result<Fault, FaultError> {
    let mut given = BTreeMap::new();
    for part in text.split(',') {
        let shape = || FaultError::Shape(part.to_owned());
        let (name, value) = part.split_once('=').ok_or_else(shape)?;
        if given.insert(name.trim(), value.trim()).is_some() {
            return Err(shape());
        }
    }
    let word = given.remove("do").ok_or(FaultError::Word)?;
    let known = Disturbance::WORDS.iter().find(|(known, _)| *known == word);
    let (word, needs) = known.copied().ok_or(FaultError::Word)?;
    let fields = FaultError::Fields { word };
    let fits = given.len() == needs.len() + 1 && needs.iter().all(|need| given.contains_key(need));
    let at = given.get("at").copied().filter(|_| fits).ok_or_else(|| fields.clone())?;
    let beside = Beside {
        lasting: value(&given, "for", duration::parse)?,
        by: value(&given, "by", duration::parse)?,
        rate: value(&given, "rate", str::parse::<Bytes>)?,
        after: value(&given, "after", |text| whole(text, Disturbance::MOST_BYTES))?.and_then(NonZero::new),
        rows: value(&given, "rows", |text| whole(text, Disturbance::MOST_ROWS.into()))?
            .and_then(|rows| NonZero::new(u32::try_from(rows).ok()?)),
    };
    Ok(Fault { at: moment(at)?, what: disturbance(word, &beside).ok_or(fields)? })
}

fn value<T, E: ToString>(
    given: &BTreeMap<&str, &str>,
    name: &'static str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, FaultError> {
    let read = |value: &&str| read(value).map_err(|error| wrong(name, value, error.to_string()));
    given.get(name).map(read).transpose()
}

fn wrong(name: &'static str, value: &str, why: String) -> FaultError {
    FaultError::Value { name, value: value.to_owned(), why }
}

fn whole(text: &str, most: u64) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("write a whole number from 1 to {most}"))
}

fn moment(text: &str) -> Result<Moment, FaultError> {
    if !text.ends_with('%') {
        let time = duration::parse(text).map_err(|error| wrong("at", text, error.to_string()))?;
        return Ok(Moment::After(time));
    }
    match text.parse::<Percent>() {
        Ok(share) if share <= Percent::ALL => Ok(Moment::Share(share)),
        Ok(_) => Err(wrong("at", text, format!("at most {} is possible", Percent::ALL))),
        Err(error) => Err(wrong("at", text, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_typed_as_it_is_told() {
        for text in [
            "at=40%,do=stall,for=2s",
            "at=0.5%,do=drop",
            "at=1500ms,do=delay,for=2s,by=50ms",
            "at=3s,do=throttle,for=250ms,rate=256KiB",
            "at=70%,do=cut,after=1000",
            "at=85%,do=serverDown,for=3s",
            "at=20%,do=duplicateKeys,rows=3",
            "at=20%,do=oversizedText,rows=2",
            "at=20%,do=badStatement",
        ] {
            assert_eq!(fault(text).unwrap().to_string(), text);
        }
        assert_eq!(fault("do=drop, at=10%"), fault("at=10%,do=drop"));
    }

    #[test]
    fn what_is_no_fault_is_told_with_what_would_be() {
        for (text, told) in [
            ("", "write it like at=40%,do=stall,for=2s"),
            ("at=1%,at=2%,do=drop", "`at=2%` is not one"),
            ("at=40%", "`do` is one of drop, stall"),
            ("at=40%,do=explode", "`do` is one of drop, stall"),
            ("do=drop", "`do=drop` goes with `at`"),
            ("at=40%,do=stall", "`do=stall` goes with `at` and `for`"),
            ("at=40%,do=drop,for=2s", "`do=drop` goes with `at`"),
            ("at=101%,do=drop", "at most 100% is possible"),
            ("at=soon,do=drop", "`at=soon`: "),
            ("at=1s,do=cut,after=0", "a whole number from 1 to "),
            ("at=1s,do=throttle,for=1s,rate=1MB", "write MiB"),
            ("at=1s,do=stall,for=2", "`for=2`: "),
        ] {
            let error = fault(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
