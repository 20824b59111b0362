//! What the services say: connections, clocks, and one listing of each scope. Reads only; a failed call is not repeated.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::Check;
use crate::cli::exit::Exit;
use crate::cli::render::summary::count;
use crate::cli::wire::accounts::{Account, serving};
use crate::domain::live::Census;
use crate::domain::natural_key::Scope;
use crate::platform::http::{HttpError, Origin};
use crate::platform::time;
use crate::ports::provider::{Provider, ProviderError};

/// A clock that is wrong by more than this many seconds deserves a look.
const SKEW_WARNS: i64 = 60;
/// A signature is not accepted when its time is further away than this many seconds (ververica-api section 2).
const SKEW_KILLS: i64 = 15 * 60;

/// Asks every account once whether somebody answers, and lists the scopes of those that do.
pub(crate) async fn live<P: Provider>(
    provider: &P,
    accounts: &[Account],
    scopes: &BTreeSet<Scope>,
) -> Vec<Check> {
    let (mut checks, mut answers) = (Vec::new(), BTreeMap::new());
    for account in accounts {
        let Ok(origin) = &account.origin else { continue };
        // Workspaces often share an endpoint: it is asked once.
        if !answers.contains_key(origin) {
            let heard = account.knock(origin).await;
            answers.insert(origin, heard.is_ok());
            checks.extend(connection(account, origin, heard));
        }
    }
    for scope in scopes {
        let origin = serving(accounts, scope).and_then(|account| account.origin.as_ref().ok());
        let silent = origin.is_some_and(|origin| answers.get(origin) == Some(&false));
        let check = if silent {
            Check::warn(LISTING, "not asked: nobody answers there", "mend the connection first")
        } else {
            listing(provider.observe(scope).await)
        };
        checks.push(check.about(scope));
    }
    checks
}

const LISTING: &str = "listing";

fn connection(account: &Account, origin: &Origin, heard: Result<Option<String>, HttpError>) -> Vec<Check> {
    let checks = match heard {
        Ok(date) => {
            let clock = account.is_signed().then(|| clock(date.as_deref(), time::wall()));
            std::iter::once(Check::ok("connection", format!("{origin} answers"))).chain(clock).collect()
        }
        Err(error) => vec![Check::fail(
            "connection",
            error.to_string(),
            "check the address, the network, and the proxy and certificates above",
            Exit::Unavailable,
        )],
    };
    checks.into_iter().map(|check| check.about(&account.owner)).collect()
}

fn clock(theirs: Option<&str>, ours: Timestamp) -> Check {
    const REMEDY: &str = "set this machine's clock: a signature is accepted for 15 minutes only";
    let theirs = theirs.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
    let Some(theirs) = theirs else {
        return Check::warn("clock", "the service did not say its time", REMEDY);
    };
    let skew = ours.as_second() - theirs.as_second();
    let word = if skew < 0 { "behind" } else { "ahead of" };
    let fact = format!("{} s {word} the service's", skew.abs());
    match skew.abs() {
        away if away > SKEW_KILLS => Check::fail("clock", fact, REMEDY, Exit::Error),
        away if away > SKEW_WARNS => Check::warn("clock", fact, REMEDY),
        _ => Check::ok("clock", "agrees with the service's"),
    }
}

fn listing(answer: Result<Census, ProviderError>) -> Check {
    match answer {
        Ok(census) => {
            let fact = count(census.len(), "object");
            Check::ok(
                LISTING,
                match census.observer() {
                    None => fact,
                    Some(observer) => {
                        format!("{fact}, as role {} of organization {}", observer.role, observer.organization)
                    }
                },
            )
        }
        Err(error) => {
            Check::error(LISTING, &error.into(), "check the identifier, and that the account may read there")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;

    #[test]
    fn a_clock_is_judged_by_how_long_signatures_live() {
        let ours = "2026-01-02T03:00:00Z".parse().unwrap();
        let verdict = |date| match clock(Some(date), ours).verdict {
            Verdict::Ok => "ok",
            Verdict::Warn { .. } => "warn",
            Verdict::Fail { .. } => "fail",
        };
        for (date, wanted) in [
            ("Fri, 02 Jan 2026 03:01:00 GMT", "ok"),
            ("Fri, 02 Jan 2026 03:01:01 GMT", "warn"),
            ("Fri, 02 Jan 2026 02:58:59 GMT", "warn"),
            ("Fri, 02 Jan 2026 03:15:00 GMT", "warn"),
            ("Fri, 02 Jan 2026 03:15:01 GMT", "fail"),
            ("Fri, 02 Jan 2026 02:44:59 GMT", "fail"),
            ("yesterday", "warn"),
        ] {
            assert_eq!(verdict(date), wanted, "{date}");
        }
        assert!(clock(Some("Fri, 02 Jan 2026 03:20:00 GMT"), ours).fact.contains("1200 s behind"));
    }
}
