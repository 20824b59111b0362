//! What is asked for: a selection, or one case again.

use std::collections::BTreeSet;

use super::reader::fault;
use crate::cli::args::Verify;
use crate::cli::error::CliError;
use crate::domain::suite::fault::Fault;
use crate::domain::suite::scenario::{Category, Property};
use crate::domain::suite::{SuiteName, Suites};
use crate::platform::entropy;
use crate::verify::property::Trial;
use crate::verify::run::{Chosen, SelectError, Selection, select};

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) what: What,
    pub(super) trial: Trial,
    /// What else goes wrong in each scenario.
    pub(super) faults: Vec<Fault>,
}

/// Which.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Suites, scenarios and properties.
    Selected(Selection),
    /// One property of one suite, without scenarios.
    Again(SuiteName, Property),
}

/// Reads the options.
///
/// # Errors
/// [`CliError::Usage`]
pub(super) fn wish(args: &Verify) -> Result<Wish, CliError> {
    if let Some(text) = &args.replay {
        return replay(text).ok_or_else(|| {
            CliError::Usage(format!("--replay {text}: write it as the report does, SUITE:PROPERTY:SEED:CASE"))
        });
    }
    let set = |names: &[String]| names.iter().cloned().collect();
    let categories = args.category.iter().map(|word| category(word)).collect::<Result<_, _>>()?;
    let properties: Result<Vec<BTreeSet<Property>>, CliError> =
        args.property.iter().map(|text| properties(text)).collect();
    let selection = Selection {
        suites: set(&args.suite),
        scenarios: set(&args.scenario),
        categories,
        properties: properties?.into_iter().flatten().collect(),
    };
    let faults: Result<Vec<Fault>, CliError> = args.fault.iter().map(|text| fault(text)).collect();
    let seed = args.seed.map_or_else(random, Ok)?;
    Ok(Wish { what: What::Selected(selection), trial: Trial { cases: args.cases, seed }, faults: faults? })
}

/// Short enough to be typed: the cases of four billion seeds are enough.
fn random() -> Result<u64, CliError> {
    let bytes = entropy::bytes_256().map_err(crate::cli::session::no_randomness)?;
    let [one, two, three, four, ..] = bytes;
    Ok(u32::from_le_bytes([one, two, three, four]).into())
}

fn category(word: &str) -> Result<Category, CliError> {
    let known = || Category::ALL.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", ");
    let found = Category::ALL.iter().find(|category| category.as_str() == word);
    found.copied().ok_or_else(|| CliError::Usage(format!("--category {word}: there are {}", known())))
}

/// `5` or `6-10`.
fn properties(text: &str) -> Result<BTreeSet<Property>, CliError> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| Property::new(text.trim().parse().ok()?);
    let range = number(first).zip(number(last)).filter(|(first, last)| first <= last);
    let (first, last) = range.ok_or_else(|| {
        let last = Property::LAST;
        CliError::Usage(format!(
            "--property {text}: write a number from 1 to {last}, or a range such as 6-10"
        ))
    })?;
    Ok((first.number()..=last.number()).filter_map(Property::new).collect())
}

fn replay(text: &str) -> Option<Wish> {
    let [suite, property, seed, case] = text.split(':').collect::<Vec<_>>().try_into().ok()?;
    let trial = Trial { cases: case.parse().ok().filter(|case| *case > 0)?, seed: seed.parse().ok()? };
    let suite = SuiteName::new(suite).ok()?;
    let property = Property::new(property.parse().ok()?)?;
    Some(Wish { what: What::Again(suite, property), trial, faults: Vec::new() })
}

impl Wish {
    /// What is meant of the suites that there are.
    ///
    /// # Errors
    /// [`CliError::Usage`]: nothing is, or something that was named is not there.
    pub(super) fn chosen(&self, suites: &Suites) -> Result<Vec<Chosen>, CliError> {
        let chosen = match &self.what {
            What::Selected(selection) => select(suites, selection),
            What::Again(suite, property) => match suites.get(suite) {
                Some(_) => Ok(vec![Chosen {
                    suite: suite.clone(),
                    scenarios: Vec::new(),
                    properties: BTreeSet::from([*property]),
                }]),
                None => Err(SelectError::Unknown {
                    what: "suite",
                    name: suite.as_str().to_owned(),
                    known: suites.keys().map(|name| name.as_str().to_owned()).collect(),
                }),
            },
        };
        chosen.map_err(|error| match error {
            SelectError::NoSuite => CliError::Refused {
                message: error.to_string(),
                hint: "declare one, as in `reconcile explain SinkVerification`, or name the folder in which it is".to_owned(),
            },
            SelectError::Unknown { .. } | SelectError::Nothing => CliError::Usage(error.to_string()),
        })
    }

    /// Whether one case is tried again.
    pub(super) fn is_replay(&self) -> bool {
        matches!(self.what, What::Again(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_numbers_and_ranges() {
        let numbers = |text: &str| {
            properties(text).map(|all| all.into_iter().map(Property::number).collect::<Vec<_>>()).ok()
        };
        assert_eq!(numbers("5"), Some(vec![5]));
        assert_eq!(numbers("6-8"), Some(vec![6, 7, 8]));
        for wrong in ["", "0", "36", "8-6", "1-", "-3", "x", "1-2-3"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_case_is_read_as_a_report_writes_it() {
        let wish = replay("orders:5:123:7").unwrap();
        assert_eq!(wish.trial, Trial { cases: 7, seed: 123 });
        let What::Again(suite, property) = wish.what else { panic!() };
        assert_eq!((suite.as_str(), property.number()), ("orders", 5));
        for wrong in ["orders", "orders:5:1", "orders:36:1:1", "orders:5:1:0", "orders:5:1:1:1", ":5:1:1"] {
            assert_eq!(replay(wrong), None, "{wrong}");
        }
    }
}
