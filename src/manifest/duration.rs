//! Durations as manifests spell them.

use std::time::Duration;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DurationError {
    /// Not numbers with units, largest unit first.
    #[error("`{0}` is not a duration: write whole numbers with units, such as 10m, 30s or 1h30m")]
    Shape(String),
    /// Nothing at all.
    #[error("`{0}` is no time at all")]
    Zero(String),
    /// More than a year.
    #[error("`{0}` is longer than a year")]
    TooLong(String),
}

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Longer waits are accidents, and sums above cannot overflow a clock.
const LONGEST_MS: u64 = 365 * 24 * 3_600_000;

/// Reads `1h30m`: whole numbers with the units h, m, s, ms, each at most once, largest first.
///
/// # Errors
/// [`DurationError`]
pub(crate) fn parse(text: &str) -> Result<Duration, DurationError> {
    let shape = || DurationError::Shape(text.to_owned());
    let too_long = || DurationError::TooLong(text.to_owned());
    let mut units = UNITS.iter();
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (digits, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(shape)?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let (_, factor) = units.find(|(name, _)| *name == unit).ok_or_else(shape)?;
        if digits.is_empty() {
            return Err(shape());
        }
        let number: u64 = digits.parse().ok().ok_or_else(too_long)?;
        let part = number.checked_mul(*factor).ok_or_else(too_long)?;
        total = total.checked_add(part).filter(|sum| *sum <= LONGEST_MS).ok_or_else(too_long)?;
        rest = tail;
    }
    match total {
        0 if text.is_empty() => Err(shape()),
        0 => Err(DurationError::Zero(text.to_owned())),
        _ => Ok(Duration::from_millis(total)),
    }
}

/// A duration as manifests spell it, to a millisecond; less than one is one.
pub(crate) fn spelt(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1);
    let mut text = String::new();
    for (unit, factor) in UNITS {
        if rest >= factor {
            text.push_str(&format!("{}{unit}", rest / factor));
            rest %= factor;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        for (text, seconds) in [("10m", 600), ("30s", 30), ("1h30m", 5_400), ("2h1s", 7_201), ("0h5s", 5)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1s250ms"), Ok(Duration::from_millis(1_250)));
    }

    #[test]
    fn what_is_spelt_is_read_back() {
        for (millis, text) in [(1, "1ms"), (250, "250ms"), (90_000, "1m30s"), (3_600_001, "1h1ms")] {
            assert_eq!(spelt(Duration::from_millis(millis)), text);
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "m", "10", "10 m", "-1m", "1.5h", "10M", "30s1m", "1m1m", "1d", "１m", "10m "] {
            assert_eq!(parse(text), Err(DurationError::Shape(text.into())));
        }
        assert_eq!(parse("0h0s"), Err(DurationError::Zero("0h0s".into())));
        for text in ["9000h", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(parse(text), Err(DurationError::TooLong(text.into())));
        }
    }
}
