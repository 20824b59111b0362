//! Arithmetic with decimal numbers, digit by digit.

use num_bigint::{BigInt, Sign};

use super::error::Failure;
use super::node::Operator;
use crate::verify::row::Decimal;

/// Whole and scale: the number is whole × 10^−scale.
struct Parts {
    whole: BigInt,
    scale: usize,
}

impl Parts {
    fn of(number: &Decimal) -> Self {
        let text = number.as_str();
        let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
        // A decimal number has digits only.
        let whole = BigInt::parse_bytes(format!("{integer}{fraction}").as_bytes(), 10).unwrap_or_default();
        Self { whole, scale: fraction.len() }
    }

    fn at(self, scale: usize) -> BigInt {
        self.whole * ten_to(scale.saturating_sub(self.scale))
    }
}

fn ten_to(power: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

fn made(whole: &BigInt, scale: usize) -> Result<Decimal, Failure> {
    Decimal::parse(&format!("{whole}e-{scale}")).ok_or(Failure::TooManyDigits)
}

/// `a operator b`; a quotient has `scale` digits behind the point, or it is refused.
pub(super) fn calculate(operator: Operator, a: &Decimal, b: &Decimal, scale: u8) -> Result<Decimal, Failure> {
    let (a, b) = (Parts::of(a), Parts::of(b));
    let common = a.scale.max(b.scale);
    match operator {
        Operator::Add => made(&(a.at(common) + b.at(common)), common),
        Operator::Subtract => made(&(a.at(common) - b.at(common)), common),
        Operator::Multiply => made(&(&a.whole * &b.whole), a.scale + b.scale),
        Operator::Remainder => {
            let (a, b) = (a.at(common), b.at(common));
            if b.sign() == Sign::NoSign { Err(Failure::DivisionByZero) } else { made(&(a % b), common) }
        }
        Operator::Divide => {
            let (quotient, rest) = quotient(a, b, scale)?;
            if rest.sign() == Sign::NoSign {
                made(&quotient, scale.into())
            } else {
                Err(Failure::Inexact { scale })
            }
        }
    }
}

/// The quotient in units of 10^−scale, cut off, and what is left over.
fn quotient(a: Parts, b: Parts, scale: u8) -> Result<(BigInt, BigInt), Failure> {
    if b.whole.sign() == Sign::NoSign {
        return Err(Failure::DivisionByZero);
    }
    let (above, below) = (a.whole * ten_to(usize::from(scale) + b.scale), b.whole * ten_to(a.scale));
    Ok((&above / &below, above % below))
}

/// The quotient with so many digits, half a digit rounded away from zero.
pub(super) fn divided(a: &Decimal, b: &Decimal, scale: u8) -> Result<Decimal, Failure> {
    let (a, b) = (Parts::of(a), Parts::of(b));
    if b.whole.sign() == Sign::NoSign {
        return Err(Failure::DivisionByZero);
    }
    let negative = (a.whole.sign() == Sign::Minus) != (b.whole.sign() == Sign::Minus);
    let above = BigInt::from(a.whole.magnitude().clone()) * ten_to(usize::from(scale) + b.scale);
    let below = BigInt::from(b.whole.magnitude().clone()) * ten_to(a.scale);
    let rounded: BigInt = (above * 2 + &below) / (below * 2);
    made(&if negative { -rounded } else { rounded }, scale.into())
}

/// The number with at most so many digits behind the point, half a digit rounded away from zero.
pub(super) fn rounded(number: &Decimal, scale: u8) -> Result<Decimal, Failure> {
    divided(number, &Decimal::from(1), scale)
}

/// The number below zero, or above it.
pub(super) fn negated(number: &Decimal) -> Result<Decimal, Failure> {
    let parts = Parts::of(number);
    made(&-parts.whole, parts.scale)
}
