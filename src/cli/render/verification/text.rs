//! For people: what each scenario showed of each property, what contradicts it, and five lines at the end.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Verified;
use super::lines::{differences, fault, reason_groups, replay};
use crate::cli::render::style::Style;
use crate::cli::render::summary::{count, time};
use crate::cli::render::table;
use crate::domain::suite::scenario::Property;
use crate::domain::suite::verdict::Verdict;
use crate::verify::run::{Ran, ScenarioEnd, ScenarioOutcome, SuiteOutcome};

/// Everything.
pub(crate) fn text(verified: &Verified, style: Style) -> String {
    let mut text = String::new();
    for suite in &verified.suites {
        text.push_str(&of_suite(suite, verified, style));
        text.push('\n');
    }
    text.push_str(&summary(verified, style));
    text
}

fn of_suite(suite: &SuiteOutcome, verified: &Verified, style: Style) -> String {
    let server = suite.server.as_ref().map(|version| format!(" ({version})")).unwrap_or_default();
    let mut text = format!("{} on {}{server}\n", style.strong(&suite.suite.to_string()), suite.database);
    if let Some(why) = &suite.not_begun {
        put(&mut text, &format!("  {} {why}", style.error("not run:")));
        return text;
    }
    if !suite.scenarios.is_empty() {
        text.push_str(&indented(&matrix(suite)));
    }
    for (property, verdict) in suite.verdicts.iter().filter(|_| suite.scenarios.is_empty()) {
        put(&mut text, &format!("  {property} {}: {}", property.title(), verdict.as_str()));
    }
    for scenario in &suite.scenarios {
        text.push_str(&of_scenario(scenario, style));
    }
    for (property, verdict) in &suite.verdicts {
        if let Verdict::Refuted(evidence, found) = verdict {
            let title = property.title();
            put(&mut text, &format!("  {} property {property}, {title}", style.error("refuted:")));
            put(&mut text, &format!("    case {}: {}", found.number, found.case));
            put(&mut text, &format!("    finding: {}", found.finding.replace('\n', "\n             ")));
            let again = replay(&suite.suite, *property, evidence, found.number);
            put(&mut text, &format!("    again: {} {again}", verified.command));
        }
    }
    if let Some(left) = &suite.left_behind {
        put(&mut text, &format!("  {} {left}", style.error("left behind:")));
    }
    text
}

fn put(text: &mut String, line: &str) {
    if writeln!(text, "{line}").is_err() {
        unreachable!("writing to a String cannot fail");
    }
}

fn indented(text: &str) -> String {
    let mut further = String::new();
    text.lines().for_each(|line| put(&mut further, &format!("  {line}")));
    further
}

/// Scenarios, and for each the properties that it names. What another scenario names is left free.
fn matrix(suite: &SuiteOutcome) -> String {
    let columns: BTreeSet<Property> =
        suite.scenarios.iter().flat_map(|scenario| scenario.properties.iter().copied()).collect();
    let mut heading = vec!["SCENARIO".to_owned(), String::new(), "ROWS".to_owned(), "TIME".to_owned()];
    heading.extend(columns.iter().map(|property| format!("P{property}")));
    let row = |scenario: &ScenarioOutcome| {
        let rows = scenario.end.ran().map(|ran| ran.comparison.found.to_string());
        let mut cells = vec![
            scenario.name.as_str().to_owned(),
            word(&scenario.end).to_owned(),
            rows.unwrap_or_else(|| "-".to_owned()),
            time(scenario.took),
        ];
        cells.extend(columns.iter().map(|property| mark(suite, scenario, *property).to_owned()));
        cells
    };
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    table::render(&heading, suite.scenarios.iter().map(row).collect())
}

fn word(end: &ScenarioEnd) -> &'static str {
    match end.as_str() {
        "notRun" => "not run",
        other => other,
    }
}

fn mark(suite: &SuiteOutcome, scenario: &ScenarioOutcome, property: Property) -> &'static str {
    if !scenario.properties.contains(&property) {
        return "";
    }
    match suite.verdicts.get(&property) {
        Some(Verdict::Holds(_)) => "holds",
        Some(Verdict::Refuted(..)) => "REFUTED",
        Some(Verdict::NotApplicable { .. }) => "n/a",
        None => "?",
    }
}

/// What the line of the table has no room for.
fn of_scenario(scenario: &ScenarioOutcome, style: Style) -> String {
    let name = scenario.name.as_str();
    let mut text = String::new();
    match &scenario.end {
        ScenarioEnd::Failed(why) => put(&mut text, &format!("  {} {name}: {why}", style.error("failed:"))),
        ScenarioEnd::NotRun(why) => put(&mut text, &format!("  {} {name}: {why}", style.change("not run:"))),
        ScenarioEnd::Stopped => {}
        ScenarioEnd::Ran(ran) => {
            for miss in &ran.misses {
                put(&mut text, &format!("  {} {name}: {miss}", style.error("failed:")));
            }
            for line in differences(&ran.comparison) {
                put(&mut text, &format!("    {line}"));
            }
            for note in &ran.notes {
                put(&mut text, &format!("  {} {name}: {note}", style.change("note:")));
            }
            for outcome in &ran.faults {
                put(&mut text, &format!("  {name}: {}", fault(outcome)));
            }
            if let Some(line) = refused(ran) {
                put(&mut text, &format!("  {name}: {line}"));
            }
        }
    }
    text
}

/// `5 rows refused (3 database: error 1062, …), row 7: …`
fn refused(ran: &Ran) -> Option<String> {
    let reasons = ran.reasons.iter().map(|(reason, rows)| format!("{rows} by {reason}"));
    let reasons: Vec<String> = reasons.collect();
    let warned = (ran.warned > 0).then(|| format!("{} told by rules of severity warning", ran.warned));
    let refused = (ran.refused > 0).then(|| {
        let first = ran.first_refused.first().map(|row| format!("; first: {row}")).unwrap_or_default();
        format!("{} refused: {}{first}", rows(ran.refused), reasons.join(", "))
    });
    let said: Vec<String> = refused.into_iter().chain(warned).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Five lines: what was proven, what contradicts it, what nobody knows, what was moved, and how to do it again.
pub(crate) fn summary(verified: &Verified, style: Style) -> String {
    let all = || verified.suites.iter();
    let holds: Vec<_> = all().flat_map(|suite| suite.with("holds")).collect();
    let cases: u64 = holds.iter().filter_map(|(_, verdict)| Some(u64::from(verdict.evidence()?.cases))).sum();
    let scenarios = || all().flat_map(|suite| &suite.scenarios);
    let ended = |word: &str| scenarios().filter(|scenario| scenario.end.as_str() == word).count();
    let sum =
        |of: fn(&Ran) -> u64| scenarios().filter_map(|scenario| scenario.end.ran()).map(of).sum::<u64>();
    let mut proven = vec![match holds.len() {
        0 => "no property".to_owned(),
        1 => format!("1 property holds, over {cases} cases"),
        many => format!("{many} properties hold, over {cases} cases"),
    }];
    if scenarios().next().is_some() {
        let exact = sum(|ran| if ran.misses.is_empty() { ran.comparison.found } else { 0 });
        let (good, of) = (ended("holds"), count(scenarios().count(), "scenario"));
        proven.push(format!("{good} of {of}: {} arrived exactly", rows(exact)));
    }
    let refuted: Vec<String> = all()
        .flat_map(|suite| suite.with("refuted").map(move |(property, _)| (suite, property)))
        .map(|(suite, property)| format!("{property} {} ({})", property.title(), suite.suite.as_str()))
        .chain(failed(verified, "failed").map(|name| format!("scenario {name}")))
        .collect();
    let refuted = if refuted.is_empty() { "nothing".to_owned() } else { style.error(&refuted.join("; ")) };
    let not_judged = not_judged(verified);
    let not_judged = if not_judged.is_empty() { "nothing".to_owned() } else { not_judged.join("; ") };
    let moved = format!(
        "{} written, {} refused, {} compared with the tables",
        sum(|ran| ran.written),
        sum(|ran| ran.refused),
        sum(|ran| ran.comparison.found)
    );
    let again = verified.again();
    let line = |name: &str, said: &str| format!("{} {said}\n", style.strong(&format!("{name:<11}")));
    [
        line("Proven:", &proven.join("; ")),
        line("Refuted:", &refuted),
        line("Not judged:", &not_judged),
        line("Rows:", &moved),
        line("Run:", &format!("{}; again: {again}", time(verified.took))),
    ]
    .concat()
}

fn failed<'a>(verified: &'a Verified, word: &'a str) -> impl Iterator<Item = String> + 'a {
    verified.suites.iter().flat_map(move |suite| {
        let named = suite.scenarios.iter().filter(move |scenario| scenario.end.as_str() == word);
        named.map(|scenario| format!("{}/{}", suite.suite.as_str(), scenario.name))
    })
}

fn not_judged(verified: &Verified) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for suite in verified.suites.iter().filter(|suite| suite.not_begun.is_some()) {
        parts.push(format!("{} was not run", suite.suite));
    }
    for (word, said) in [("notRun", "not run"), ("stopped", "stopped")] {
        let names: Vec<String> = failed(verified, word).collect();
        if !names.is_empty() {
            parts.push(format!("{} ({said})", names.join(", ")));
        }
    }
    let all = verified.suites.iter().flat_map(|suite| suite.with("notApplicable"));
    for (reason, properties) in reason_groups(all) {
        let numbers: BTreeSet<Property> = properties.into_iter().collect();
        let numbers: Vec<String> = numbers.iter().map(|property| format!("P{property}")).collect();
        parts.push(format!("{} ({reason})", numbers.join(", ")));
    }
    let unjudged: usize = verified.suites.iter().map(SuiteOutcome::not_tried).sum();
    if unjudged > 0 {
        parts.push(format!("{unjudged} properties (stopped)"));
    }
    if verified.suites.iter().any(|suite| suite.has_thresholds) {
        parts.push("thresholds (this version does not measure them yet)".to_owned());
    }
    parts
}
