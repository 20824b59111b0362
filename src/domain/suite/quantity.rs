//! Shares and amounts as suites spell them: `30%`, `0.5%`, `512MiB`. Exact: no float.

use std::fmt;
use std::str::FromStr;

/// A share in hundredths of a percent, so that `0.01%` is the smallest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    hundredths: u32,
}

/// Why a text is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// Not a number with at most two digits behind the point, and `%`.
    #[error("`{0}` is not a share: write a number with %, such as 30% or 0.5%")]
    Shape(String),
    /// More than [`Percent::MOST`].
    #[error("`{0}` is more than {most}", most = Percent::MOST)]
    TooMuch(String),
}

impl Percent {
    /// None.
    pub const NONE: Self = Self::whole(0);
    /// All.
    pub const ALL: Self = Self::whole(100);
    /// The largest one: a thousand cores, each in full use.
    pub const MOST: Self = Self::whole(100_000);

    /// So many percent.
    pub const fn whole(percent: u32) -> Self {
        Self { hundredths: percent * 100 }
    }

    /// The share in hundredths of a percent.
    pub fn hundredths(self) -> u32 {
        self.hundredths
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.hundredths / 100, self.hundredths % 100);
        match (part, part % 10) {
            (0, _) => write!(f, "{whole}%"),
            (_, 0) => write!(f, "{whole}.{}%", part / 10),
            _ => write!(f, "{whole}.{part:02}%"),
        }
    }
}

impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        let shape = || PercentError::Shape(text.to_owned());
        let too_much = || PercentError::TooMuch(text.to_owned());
        let number = text.strip_suffix('%').ok_or_else(shape)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        if !are_digits(whole) || !are_digits(part) || part.len() > 2 {
            return Err(shape());
        }
        let whole: u32 = whole.parse().ok().ok_or_else(too_much)?;
        let part: u32 = format!("{part:0<2}").parse().ok().ok_or_else(shape)?;
        let hundredths = whole.checked_mul(100).and_then(|whole| whole.checked_add(part));
        let share = hundredths.map(|hundredths| Self { hundredths }).ok_or_else(too_much)?;
        if share <= Self::MOST { Ok(share) } else { Err(too_much()) }
    }
}

/// An amount of bytes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// Not a whole number with a unit.
    #[error(
        "`{0}` is not an amount of bytes: write a whole number with B, KiB, MiB, GiB or TiB, such as 512MiB"
    )]
    Shape(String),
    /// A unit of ten, where one of two is meant.
    #[error("`{text}` has a unit that means two things: write {unit}")]
    Ambiguous {
        /// What was written.
        text: String,
        /// The unit of two.
        unit: &'static str,
    },
    /// Nothing at all.
    #[error("`{0}` is nothing at all")]
    Zero(String),
    /// More than a tebibyte times 1,024.
    #[error("`{0}` is more than 1024TiB")]
    TooMuch(String),
}

const UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const AMBIGUOUS: [(&str, &str); 8] = [
    ("TB", "TiB"),
    ("GB", "GiB"),
    ("MB", "MiB"),
    ("KB", "KiB"),
    ("kB", "KiB"),
    ("G", "GiB"),
    ("M", "MiB"),
    ("K", "KiB"),
];

impl Bytes {
    const MOST: u64 = 1 << 50;

    /// So many mebibytes; none are one.
    pub const fn mebibytes(number: u32) -> Self {
        Self(if number == 0 { 1 << 20 } else { (number as u64) << 20 })
    }

    /// The amount.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (unit, factor) = unit.copied().unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl FromStr for Bytes {
    type Err = BytesError;

    fn from_str(text: &str) -> Result<Self, BytesError> {
        let shape = || BytesError::Shape(text.to_owned());
        let digits =
            text.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0).ok_or_else(shape)?;
        let (number, unit) = text.split_at(digits);
        if let Some((_, unit)) = AMBIGUOUS.iter().find(|(name, _)| *name == unit) {
            return Err(BytesError::Ambiguous { text: text.to_owned(), unit });
        }
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(shape)?;
        let amount = number.parse().ok().and_then(|number: u64| number.checked_mul(*factor));
        match amount {
            Some(0) => Err(BytesError::Zero(text.to_owned())),
            Some(amount) if amount <= Self::MOST => Ok(Self(amount)),
            _ => Err(BytesError::TooMuch(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_exact_to_a_hundredth_of_a_percent() {
        for (text, hundredths) in [("0%", 0), ("30%", 3_000), ("0.5%", 50), ("0.05%", 5), ("99.99%", 9_999)] {
            assert_eq!(text.parse::<Percent>().unwrap().hundredths(), hundredths, "{text}");
        }
        for text in ["", "%", "30", "-1%", "1e2%", "0.001%", "1.%", ".5%", "30 %", "٣%"] {
            assert_eq!(text.parse::<Percent>(), Err(PercentError::Shape(text.into())));
        }
        assert!(matches!("99999999999%".parse::<Percent>(), Err(PercentError::TooMuch(_))));
    }

    #[test]
    fn amounts_have_a_unit_that_means_one_thing() {
        for (text, bytes) in [("1B", 1), ("64KiB", 65_536), ("512MiB", 536_870_912), ("1TiB", 1 << 40)] {
            assert_eq!(text.parse::<Bytes>().unwrap().get(), bytes, "{text}");
        }
        for text in ["", "512", "MiB", "1.5GiB", "-1B", "1 MiB", "1mib"] {
            assert_eq!(text.parse::<Bytes>(), Err(BytesError::Shape(text.into())));
        }
        assert!(matches!("512MB".parse::<Bytes>(), Err(BytesError::Ambiguous { unit: "MiB", .. })));
        assert!(matches!("0MiB".parse::<Bytes>(), Err(BytesError::Zero(_))));
        assert!(matches!("99999999TiB".parse::<Bytes>(), Err(BytesError::TooMuch(_))));
        assert!(matches!("99999999999999999999B".parse::<Bytes>(), Err(BytesError::TooMuch(_))));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(hundredths in 0..=Percent::MOST.hundredths, bytes in 1..=Bytes::MOST) {
            prop_assert_eq!(Percent { hundredths }.to_string().parse(), Ok(Percent { hundredths }));
            prop_assert_eq!(Bytes(bytes).to_string().parse(), Ok(Bytes(bytes)));
        }
    }
}
