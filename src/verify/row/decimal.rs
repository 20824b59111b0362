//! Exact decimal numbers of any length.

use std::cmp::Ordering;
use std::fmt;

use compact_str::{CompactString, format_compact};

/// An exact decimal number with the digits behind the point that it was given.
///
/// Its text is `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, and zero has no sign. `1.5` and `1.50` are equal and print differently; in a
/// column or a field all values have the scale of the type.
#[derive(Debug, Clone)]
pub struct Decimal(CompactString);

/// More digits than any type has; a number with more, or with an exponent that makes more, is not read.
const MOST_DIGITS: usize = 400;

impl Decimal {
    /// Reads `-12.50`, `+3`, `.5`, `1e-3`, `12E+4`; `None` for anything else and for numbers of more than 400 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (integer.is_empty() && fraction.is_empty()) || !are_digits(integer) || !are_digits(fraction) {
            return None;
        }
        let beyond = usize::try_from(exponent.unsigned_abs()).ok()?;
        if integer.len() + fraction.len() + beyond > MOST_DIGITS {
            return None;
        }
        if exponent == 0 {
            return Some(Self::assemble(negative, integer, fraction));
        }
        // The point moves; zeros come in where there are no digits.
        let zeros = "0".repeat(beyond);
        let digits = if exponent < 0 {
            format!("{zeros}{integer}{fraction}")
        } else {
            format!("{integer}{fraction}{zeros}")
        };
        let behind = match exponent {
            ..0 => fraction.len() + beyond,
            _ => fraction.len().saturating_sub(beyond),
        };
        // Zeros that only the exponent asked for are not part of the number.
        let end = if exponent > 0 { digits.len() - beyond.min(fraction.len()) } else { digits.len() };
        let digits = digits.get(..end)?;
        let (integer, fraction) = digits.split_at_checked(digits.len().checked_sub(behind)?)?;
        Some(Self::assemble(negative, integer, fraction))
    }

    fn assemble(negative: bool, integer: &str, fraction: &str) -> Self {
        let integer = match integer.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        let zero = integer == "0" && fraction.bytes().all(|digit| digit == b'0');
        let mut text = CompactString::with_capacity(0);
        if negative && !zero {
            text.push('-');
        }
        text.push_str(integer);
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(fraction);
        }
        Self(text)
    }

    /// `unscaled` × 10^−`scale`.
    pub fn scaled(unscaled: i128, scale: u8) -> Self {
        let places = usize::from(scale);
        let mut text = format_compact!("{:0width$}", unscaled.unsigned_abs(), width = places + 1);
        if places > 0 {
            text.insert(text.len() - places, '.');
        }
        if unscaled < 0 {
            text.insert(0, '-');
        }
        Self(text)
    }

    fn parts(&self) -> (bool, &str, &str) {
        let (negative, unsigned) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, self.0.as_str()),
        };
        let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        (negative, integer, fraction)
    }

    /// The number with so many digits behind the point; `None` when that would lose one that is not 0.
    pub fn rescale(&self, scale: u8) -> Option<Self> {
        let (negative, integer, fraction) = self.parts();
        let wanted = usize::from(scale);
        if fraction.len() == wanted {
            return Some(self.clone());
        }
        match fraction.split_at_checked(wanted) {
            Some((kept, lost)) => {
                lost.bytes().all(|digit| digit == b'0').then(|| Self::assemble(negative, integer, kept))
            }
            None => Some(Self::assemble(negative, integer, &format!("{fraction:0<wanted$}"))),
        }
    }

    /// The digits before the point; none for a number below one.
    pub fn integer_digits(&self) -> usize {
        match self.parts().1 {
            "0" => 0,
            digits => digits.len(),
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    /// The number when it is a whole one that fits.
    pub fn to_integer(&self) -> Option<i128> {
        self.rescale(0)?.0.parse().ok()
    }

    /// Its digits, as they are sent to a server.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the zeros at its end that say nothing.
    pub(super) fn canonical(&self) -> &str {
        if self.0.contains('.') { self.0.trim_end_matches('0').trim_end_matches('.') } else { &self.0 }
    }

    pub(super) fn owned_bytes(&self) -> usize {
        if self.0.is_heap_allocated() { self.0.capacity() } else { 0 }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(format_compact!("{number}"))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (negative, integer, fraction) = self.parts();
        let (other_negative, other_integer, other_fraction) = other.parts();
        let magnitude = integer
            .len()
            .cmp(&other_integer.len())
            .then_with(|| integer.cmp(other_integer))
            .then_with(|| fraction.trim_end_matches('0').cmp(other_fraction.trim_end_matches('0')));
        match (negative, other_negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}
