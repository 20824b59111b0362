//! The checks of `doctor`, for people and for machines.

use serde_json::{Value, json};

use super::style::Style;
use super::{fit, table};
use crate::cli::doctor::{Check, Verdict};

/// One line for each check, its remedy below it, and a summary.
pub(crate) fn text(checks: &[Check], style: Style) -> String {
    let rows = checks.iter().map(|check| {
        let subject = check.subject.as_deref().unwrap_or_default();
        vec![word(&check.verdict).to_owned(), format!("{} {subject}", check.name), check.fact.clone()]
    });
    let table = table::render(&[], rows.collect());
    let mut text = String::new();
    // The first line is the heading, which is empty.
    for (line, check) in table.lines().skip(1).zip(checks) {
        let word = word(&check.verdict);
        let painted = match &check.verdict {
            Verdict::Ok => style.add(word),
            Verdict::Warn { .. } => style.change(word),
            Verdict::Fail { .. } => style.error(word),
        };
        text.push_str(&line.replacen(word, &painted, 1));
        text.push('\n');
        if let Some(remedy) = remedy(&check.verdict) {
            text.push_str(&format!("      {}: {}\n", style.help("help"), fit::clean(remedy)));
        }
    }
    let (ok, warnings, failures) = counts(checks);
    text.push_str(&format!("\n{ok} ok, {warnings} to look at, {failures} failed\n"));
    text
}

/// The same as data.
pub(crate) fn document(checks: &[Check]) -> Value {
    let facts = checks.iter().map(|Check { name, subject, fact, verdict }| {
        json!({
            "check": name, "subject": subject, "verdict": word(verdict), "fact": fact, "remedy": remedy(verdict),
        })
    });
    let (ok, warnings, failures) = counts(checks);
    json!({
        "checks": facts.collect::<Vec<_>>(),
        "summary": {"ok": ok, "warn": warnings, "fail": failures},
    })
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Warn { .. } => "warn",
        Verdict::Fail { .. } => "fail",
    }
}

fn remedy(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Ok => None,
        Verdict::Warn { remedy } | Verdict::Fail { remedy, exit: _ } => Some(remedy),
    }
}

fn counts(checks: &[Check]) -> (usize, usize, usize) {
    let of = |wanted| checks.iter().filter(|check| word(&check.verdict) == wanted).count();
    (of("ok"), of("warn"), of("fail"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::Exit;

    #[test]
    fn a_check_is_one_line_and_its_remedy_another_whatever_a_service_says() {
        let checks = [
            Check::ok("state", "ok\nso far"),
            Check::warn("locale", "odd", "set it"),
            Check::fail("listing", "no", "ask", Exit::Auth).about("w:n"),
        ];
        let wanted = "\
ok    state        ok\u{FFFD}so far
warn  locale       odd
      help: set it
fail  listing w:n  no
      help: ask

1 ok, 1 to look at, 1 failed
";
        assert_eq!(text(&checks, Style::new(false)), wanted);
        assert!(text(&checks, Style::new(true)).contains("\u{1b}["));
        assert_eq!(document(&checks)["checks"][2]["subject"], "w:n");
    }
}
