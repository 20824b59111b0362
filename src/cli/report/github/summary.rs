//! The Markdown of a job summary or a comment: what is to happen in a table, and below it each object in a part that
//! unfolds. What comes from manifests or services stands in fences and as escaped HTML, never as Markdown.

use crate::cli::exit::Exit;
use crate::cli::render::plan::Changed;
use crate::cli::render::summary::count;
use crate::cli::render::verification::{Finding, Proof};
use crate::cli::report::facts::{Facts, Failed, Stand, severity, words};
use crate::domain::desired::Origin;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::plan::Counts;

/// Characters of a text; a comment takes 65,536.
pub(in crate::cli::report) const LIMIT: usize = 65_000;
/// Characters of what ended the command: a service may say more than anybody reads.
const SAID: usize = 8_000;
/// Lines of what failed or was not started.
const UNDONE: usize = 50;
/// Room for the line that says that something was left out.
const LAST_LINE: usize = 120;

/// The text. Parts that do not fit are left out from the end on; what stands above them always stays.
pub(in crate::cli::report) fn render(facts: &Facts, exit: Exit) -> String {
    let changes = facts.plan.iter().flat_map(|plan| &plan.changes).map(|change| changed(facts, change));
    let standings =
        facts.standings.iter().flatten().filter(|standing| standing.moved || standing.unknown.is_some());
    let parts = facts.diagnostics.iter().map(|diagnostic| diagnosed(facts, diagnostic));
    let proofs = facts.proofs.iter().flat_map(|proofs| &proofs.suites);
    let parts = parts.chain(changes).chain(standings.map(|standing| stood(facts, standing)));
    cut(head(facts, exit), parts.chain(proofs.map(|suite| proven(facts, suite))))
}

/// Joins as many parts as fit.
fn cut(head: String, parts: impl Iterator<Item = String>) -> String {
    let mut text = head;
    let mut length = text.chars().count();
    let mut left_out = 0;
    for part in parts {
        let longer = length + part.chars().count();
        if left_out > 0 || longer + LAST_LINE > LIMIT {
            left_out += 1;
            continue;
        }
        length = longer;
        text.push_str(&part);
    }
    if left_out > 0 {
        text.push_str(&format!("… and {left_out} more that do not fit here.\n"));
    }
    text
}

/// The hidden mark, by which a comment is found again; what came out; the table.
fn head(facts: &Facts, exit: Exit) -> String {
    let mut text = format!("<!-- reconcile:{} -->\n", name(facts));
    text.push_str(&format!("### reconcile {}: {}\n\n", facts.command, outcome(facts, exit)));
    if let Some(plan) = &facts.plan {
        let Counts { add, change, replace, destroy, forget, blocked, unchanged, not_selected } = plan.counts;
        let destroy = destroy + plan.strays;
        text.push_str("| to add | to change | to replace | to destroy | to forget | blocked | unchanged | not selected |\n");
        text.push_str("|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        text.push_str(&format!(
            "| {add} | {change} | {replace} | {destroy} | {forget} | {blocked} | {unchanged} | {not_selected} |\n\n"
        ));
        for refusal in &plan.refusals {
            text.push_str(&fenced("text", &format!("refused: {refusal}")));
        }
    }
    if let Some(standings) = &facts.standings {
        let of = |is: fn(&&Stand) -> bool| standings.iter().filter(is).count();
        let (moved, unknown) = (of(|standing| standing.moved), of(|standing| standing.unknown.is_some()));
        let rest = standings.len().saturating_sub(moved + unknown);
        text.push_str(&format!(
            "| drifted | out of sight | as applied |\n|--:|--:|--:|\n| {moved} | {unknown} | {rest} |\n\n"
        ));
    }
    if let Some(proofs) = &facts.proofs {
        let all = || proofs.suites.iter().flat_map(|(_, _, proofs)| proofs);
        let of = |word: &str| all().filter(|proof| proof.finding.word() == word).count();
        text.push_str("| proven | refuted | not run | not judged |\n|--:|--:|--:|--:|\n");
        let [proven, refuted, not_run, not_judged] = Finding::WORDS.map(of);
        text.push_str(&format!("| {proven} | {refuted} | {not_run} | {not_judged} |\n\n"));
        text.push_str(&fenced("text", &proofs.summary));
    }
    if let Some(run) = &facts.run {
        text.push_str(&fenced("text", &run.line));
        if !run.undone.is_empty() {
            let mut lines: Vec<String> = run.undone.iter().take(UNDONE).cloned().collect();
            lines.extend(
                run.undone.len().checked_sub(UNDONE + 1).map(|more| format!("… and {} more", more + 1)),
            );
            text.push_str(&fenced("text", &shortened(&lines.join("\n"))));
        }
    }
    if let Some(failure) = &facts.failure {
        text.push_str(&fenced("text", &shortened(&said(failure))));
    }
    text
}

/// Which comment it is: one for each project and profile of a repository.
fn name(facts: &Facts) -> String {
    let folder = facts.repository.folder();
    let parts = [folder.as_str(), facts.profile.as_deref().unwrap_or_default()];
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    // Nothing in it may end the HTML comment.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._/".contains(c) { c } else { '-' };
    name.chars().map(plain).collect::<String>().replace("--", "-_")
}

/// The outcome in a few words.
fn outcome(facts: &Facts, exit: Exit) -> String {
    if facts.failure.is_some() {
        return format!("failed (exit code {})", exit.code());
    }
    if facts.run.is_some() {
        return if exit == Exit::Success {
            "done".to_owned()
        } else {
            format!("incomplete (exit code {})", exit.code())
        };
    }
    if facts.proofs.is_some() {
        return match exit {
            Exit::Success => "proven".to_owned(),
            Exit::Unproven => "refuted".to_owned(),
            other => format!("not all of it was run (exit code {})", other.code()),
        };
    }
    match (&facts.plan, facts.changes(), facts.drifted()) {
        (Some(plan), Some(changes), _) => {
            let blocked = plan.counts.blocked;
            let what = if changes == 0 { "no changes".to_owned() } else { count(changes, "change") };
            if blocked == 0 { what } else { format!("{what}, {blocked} blocked") }
        }
        (_, _, Some(0)) => "no drift".to_owned(),
        (_, _, Some(drifted)) => format!("{} drifted", count(drifted, "object")),
        _ => format!("{} valid", count(facts.files.len(), "file")),
    }
}

fn said(failure: &Failed) -> String {
    let causes = failure.causes.iter().map(|cause| format!("  because: {cause}"));
    let hint = failure.hint.iter().map(|hint| format!("help: {hint}"));
    std::iter::once(format!("error: {}", failure.message))
        .chain(causes)
        .chain(hint)
        .collect::<Vec<_>>()
        .join("\n")
}

fn changed(facts: &Facts, change: &Changed) -> String {
    let Changed { address, symbol, action, origin, diff, .. } = change;
    let heading = format!(
        "<code>{symbol}</code> <code>{}</code> {action}{}",
        html(address),
        place(facts, origin.as_ref())
    );
    unfolding(&heading, "diff", diff)
}

fn stood(facts: &Facts, standing: &Stand) -> String {
    let Stand { address, origin, state, unknown, diff, .. } = standing;
    let word = if *state == "present" { "drifted" } else { state };
    let heading = format!("<code>{}</code> {word}{}", html(address), place(facts, origin.as_ref()));
    let body = unknown.as_ref().map_or_else(|| diff.clone(), |why| format!("! {why}\n"));
    unfolding(&heading, "diff", &body)
}

/// A suite: its proofs, one on each line; what contradicts one stands below them.
fn proven(facts: &Facts, (name, origin, proofs): &(String, Option<Origin>, Vec<Proof>)) -> String {
    let lines = proofs.iter().map(|proof| {
        let sign = if matches!(proof.finding, Finding::Refuted { .. }) { '-' } else { ' ' };
        format!("{sign} {:<10}  {}\n", proof.finding.word(), proof.name)
    });
    let bodies = proofs.iter().filter_map(|proof| match &proof.finding {
        Finding::Refuted { message, body } => Some(format!("\n{}: {message}\n{body}\n", proof.name)),
        Finding::NotRun { code: _, message } => Some(format!("\n{}: {message}\n", proof.name)),
        Finding::Proven | Finding::NotJudged { .. } => None,
    });
    let body: String = lines.chain(bodies).collect();
    let heading = format!("<code>{}</code>{}", html(name), place(facts, origin.as_ref()));
    unfolding(&heading, "diff", &shortened(&body))
}

fn diagnosed(facts: &Facts, diagnostic: &Diagnostic) -> String {
    let (at, code) = (facts.place(diagnostic), diagnostic.code);
    let heading = format!("{} <code>{code}</code> {}:{}", severity(diagnostic), html(&at.file), at.line);
    unfolding(&heading, "text", &shortened(&words(diagnostic)))
}

fn place(facts: &Facts, origin: Option<&Origin>) -> String {
    let named = |origin: &Origin| format!(", {}:{}", html(&facts.repository.name(&origin.file)), origin.line);
    origin.map(named).unwrap_or_default()
}

fn unfolding(heading: &str, language: &str, body: &str) -> String {
    format!("<details><summary>{heading}</summary>\n\n{}</details>\n\n", fenced(language, body))
}

/// A block that its body cannot end: the fence is longer than every run of backticks in it.
fn fenced(language: &str, body: &str) -> String {
    let runs = body.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).saturating_add(1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n\n", body.trim_end())
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SAID).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn details_are_left_out_from_the_end_and_the_head_stays() {
        let part = |n: usize| format!("{n:04}{}\n", "ü".repeat(995));
        let text = cut("head\n".to_owned(), (0..100).map(part));
        assert!(text.starts_with("head\n0000ü"), "{text}");
        assert!(text.contains("\n0063ü") && !text.contains("0065ü"), "{}", text.chars().count());
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        assert!(text.trim_end().ends_with("more that do not fit here."), "it says that it was cut");
        // One that is too long by itself takes what is behind it along: nobody thinks that the list is whole.
        let text = cut("head\n".to_owned(), ["x".repeat(LIMIT), "short".to_owned()].into_iter());
        assert!(text.starts_with("head\n… and 2 more"), "{text}");
        assert_eq!(cut("head\n".to_owned(), std::iter::once("part\n".to_owned())), "head\npart\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_ends_its_fence(body in "[`a\n]{0,40}") {
            let block = fenced("diff", &body);
            let fence: String = block.chars().take_while(|c| *c == '`').collect();
            let inner: Vec<&str> = block.trim_end().lines().skip(1).collect();
            let (last, lines) = inner.split_last().unwrap();
            prop_assert_eq!(*last, fence.as_str());
            prop_assert!(lines.iter().all(|line| !line.contains(&fence)), "{block}");
        }
    }
}
