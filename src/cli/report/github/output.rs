//! Outputs of a step, for the conditions and steps behind it.

use crate::cli::exit::Exit;
use crate::cli::report::facts::Facts;

/// The lines for `$GITHUB_OUTPUT`: `changes`, `drift`, `exitcode`, `plan_digest`, `summary`. What is not known is left out.
/// Each value stands between two lines with the delimiter, which nobody can guess: no value ends early.
pub(in crate::cli::report) fn lines(facts: &Facts, exit: Exit, summary: &str, delimiter: &str) -> String {
    let values = [
        ("changes", facts.changes().map(|changes| changes.to_string())),
        ("drift", facts.drifted().map(|drifted| drifted.to_string())),
        ("exitcode", Some(exit.code().to_string())),
        ("plan_digest", facts.plan_digest.clone()),
        ("summary", Some(summary.trim_end().to_owned())),
    ];
    let known = values
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}<<{delimiter}\n{}\n{delimiter}\n", value?)));
    known.collect()
}
