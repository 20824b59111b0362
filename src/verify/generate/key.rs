//! Which key a row has: a number by the distribution, and the values that stand for it in the key's fields.

use compact_str::format_compact;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};

use super::draw::Draws;
use super::zipf::Zipf;
use crate::domain::suite::source::Distribution;
use crate::domain::suite::types::FlinkKind;
use crate::verify::row::{Decimal, Value};

/// Zipf spreads rows over so many keys.
const ZIPF_KEYS: u64 = 65_536;
/// No more keys than this, so that numbers of keys can be added.
const MOST_KEYS: u64 = 1 << 62;

/// How rows get their keys.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    spread: Spread,
    /// How many different keys the key's fields can have.
    capacity: u64,
    /// The types of the key's fields with how many values each has; the last one changes fastest.
    fields: Vec<(FlinkKind, u64)>,
}

#[derive(Debug, Clone)]
enum Spread {
    /// One after the other.
    InOrder,
    /// Each key once, scattered over all that there are.
    Scattered(Permutation),
    /// A few keys again and again.
    Hot(Zipf),
}

impl Keys {
    pub(super) fn new(distribution: Distribution, seed: u64, fields: Vec<FlinkKind>) -> Self {
        let fields: Vec<(FlinkKind, u64)> = fields
            .into_iter()
            .map(|kind| {
                let values = values(&kind);
                (kind, values)
            })
            .collect();
        let product = fields.iter().fold(1_u64, |product, (_, values)| product.saturating_mul(*values));
        let capacity = product.min(MOST_KEYS);
        let spread = match distribution {
            Distribution::Sequential | Distribution::Bursty => Spread::InOrder,
            Distribution::Uniform => Spread::Scattered(Permutation::new(seed, capacity)),
            Distribution::Zipf => Spread::Hot(Zipf::new(capacity.min(ZIPF_KEYS))),
        };
        Self { spread, capacity, fields }
    }

    /// The number of a row's key; the first draw of the row belongs to it.
    pub(super) fn number(&self, row: u64, draws: &mut Draws) -> u64 {
        match &self.spread {
            Spread::InOrder => row % self.capacity,
            Spread::Scattered(permutation) => permutation.of(row % self.capacity),
            Spread::Hot(zipf) => zipf.draw(draws),
        }
    }

    /// After how many rows keys begin to come again, when they do so in turn.
    pub(super) fn period(&self) -> Option<u64> {
        match &self.spread {
            Spread::InOrder | Spread::Scattered(_) => Some(self.capacity),
            Spread::Hot(_) => None,
        }
    }

    /// How many different keys there are at most.
    pub(super) fn most(&self) -> u64 {
        match &self.spread {
            Spread::InOrder | Spread::Scattered(_) => self.capacity,
            Spread::Hot(zipf) => zipf.ranks(),
        }
    }

    /// The values of a key's fields, in the key's order.
    pub(super) fn values(&self, mut number: u64) -> Vec<Value> {
        let digits = self.fields.iter().rev().map(|(kind, values)| {
            let value = value(kind, number % values);
            number /= values;
            value
        });
        let mut values: Vec<Value> = digits.collect();
        values.reverse();
        values
    }
}

/// Days from 1970 to 9999.
const DAYS: u64 = 2_932_896;

/// How many different values a key's field of this type gets: at least one, at most 2⁶².
fn values(kind: &FlinkKind) -> u64 {
    let decimal = |digits: u32| 10_u64.pow(digits.min(18));
    match kind {
        FlinkKind::Boolean => 2,
        FlinkKind::TinyInt => 127,
        FlinkKind::SmallInt => 32_767,
        FlinkKind::Int => 2_147_483_647,
        FlinkKind::BigInt => MOST_KEYS,
        FlinkKind::Decimal { precision, scale } => match precision.saturating_sub(*scale) {
            0 => decimal(u32::from(*precision)) - 1,
            whole => decimal(u32::from(whole)) - 1,
        },
        FlinkKind::Float => 1 << 24,
        FlinkKind::Double => 1 << 53,
        FlinkKind::Date => DAYS,
        FlinkKind::Time(_) => 86_400,
        FlinkKind::Timestamp(_) | FlinkKind::TimestampLtz(_) => DAYS * 86_400,
        FlinkKind::Char(length) | FlinkKind::VarChar(length) => decimal(*length),
        FlinkKind::Binary(length) | FlinkKind::VarBinary(length) => 1 << (8 * (*length).min(7)),
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => 1,
    }
}

/// The value of this type with this number, below how many there are; numbers begin with 1, as people number things.
fn value(kind: &FlinkKind, number: u64) -> Value {
    let one_more = number + 1;
    let civil = || {
        let day =
            Date::constant(1970, 1, 1).saturating_add(i64::try_from(number / 86_400).unwrap_or(0).days());
        let seconds = i64::try_from(number % 86_400).unwrap_or_default();
        day.to_datetime(jiff::civil::Time::midnight()).saturating_add(SignedDuration::from_secs(seconds))
    };
    match kind {
        FlinkKind::Boolean => Value::Boolean(number == 1),
        FlinkKind::TinyInt | FlinkKind::SmallInt | FlinkKind::Int | FlinkKind::BigInt => {
            Value::Integer(i64::try_from(one_more).unwrap_or(i64::MAX))
        }
        FlinkKind::Decimal { precision, scale } if precision == scale => {
            // The digits that a number may have stand at the end of the fraction.
            Value::Decimal(Decimal::scaled(i128::from(one_more), *scale))
        }
        FlinkKind::Decimal { scale, .. } => {
            let whole = Decimal::scaled(i128::from(one_more), 0);
            Value::Decimal(whole.rescale(*scale).unwrap_or(whole))
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 2^24")]
        FlinkKind::Float => Value::Float(one_more as f32),
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
        FlinkKind::Double => Value::Double(one_more as f64),
        FlinkKind::Date => {
            let days = i64::try_from(number).unwrap_or_default().days();
            Value::Date(Date::constant(1970, 1, 1).saturating_add(days))
        }
        FlinkKind::Time(_) => Value::Time(SignedDuration::from_secs(i64::try_from(number).unwrap_or(0))),
        FlinkKind::Timestamp(_) => Value::Timestamp(civil()),
        FlinkKind::TimestampLtz(_) => Value::Moment(civil()),
        FlinkKind::Char(length) => {
            let width = usize::try_from(*length).unwrap_or_default();
            Value::Text(format_compact!("{number:<width$}"))
        }
        FlinkKind::VarChar(_) => Value::Text(format_compact!("{number}")),
        FlinkKind::Binary(length) => {
            let mut bytes = vec![0; usize::try_from(*length).unwrap_or_default()];
            for (place, byte) in bytes.iter_mut().rev().zip(number.to_le_bytes()) {
                *place = byte;
            }
            Value::Bytes(bytes.into_boxed_slice())
        }
        FlinkKind::VarBinary(length) => {
            let kept = usize::try_from((*length).min(7)).unwrap_or_default();
            Value::Bytes(number.to_be_bytes().into_iter().skip(8 - kept).collect())
        }
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => Value::Null,
    }
}

/// The numbers below a limit in an order that looks like chance: a Feistel network over a power of four, walked until it
/// falls below the limit.
#[derive(Debug, Clone)]
struct Permutation {
    limit: u64,
    half: u32,
    keys: [u64; 6],
}

impl Permutation {
    fn new(seed: u64, limit: u64) -> Self {
        let bits = 64 - limit.saturating_sub(1).leading_zeros();
        // A stream of its own: no run has so many rows.
        let mut draws = Draws::of(seed, u64::MAX);
        Self { limit, half: bits.div_ceil(2).max(1), keys: std::array::from_fn(|_| draws.bits()) }
    }

    fn of(&self, number: u64) -> u64 {
        let mut number = self.once(number);
        while number >= self.limit {
            number = self.once(number);
        }
        number
    }

    fn once(&self, number: u64) -> u64 {
        let mask = (1_u64 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half & mask, number & mask);
        for key in self.keys {
            let mixed = (right ^ key).wrapping_mul(key | 1);
            (left, right) = (right, left ^ ((mixed ^ mixed >> 29).wrapping_mul(key >> 7 | 1) >> 31 & mask));
        }
        left << self.half | right
    }
}
