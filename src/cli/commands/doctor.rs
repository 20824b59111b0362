//! `doctor`: everything that a run needs, looked at one by one. Changes nothing; opens a socket only when told to, or for a
//! key that is fetched by URI.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::cli::args::Manifests;
use crate::cli::doctor::{self, Check};
use crate::cli::error::CliError;
use crate::cli::events::Fanout;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::options::{self, Common};
use crate::cli::render::style::Style;
use crate::cli::render::{checks, json};
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::wire::accounts::{Owner, accounts};
use crate::domain::natural_key::{NaturalKey, Scope};

pub(super) async fn doctor(
    (common, terminal, interrupt, events): (Common, Terminal, Rc<Interrupt>, Rc<Fanout>),
    manifests: &Manifests,
    live: bool,
) -> Result<Exit, CliError> {
    let json = common.json;
    let looked = match Session::open(common, terminal, interrupt, events) {
        Ok(session) => look(&session, manifests, live).await,
        // Without a project there is nothing to ask a service about.
        Err(error) => [doctor::unopened(&error), doctor::place(terminal)].concat(),
    };
    terminal.data(&if json {
        json::document("doctor", checks::document(&looked))
    } else {
        checks::text(&looked, Style::new(terminal.stdout_colour))
    });
    Ok(doctor::exit(&looked))
}

async fn look(session: &Session, manifests: &Manifests, live: bool) -> Vec<Check> {
    let accounts = accounts(&session.wired).await;
    let (mut looked, declared, recorded) = doctor::project(session, options::paths(manifests), &accounts);
    looked.extend(doctor::place(session.terminal));
    // What is wrong with the accounts is among the checks already.
    let (true, Ok(accounts)) = (live, accounts) else { return looked };
    let declared = declared.declared().values().map(|desired| desired.spec.key().scope());
    let recorded = recorded.iter().flat_map(|recorded| recorded.snapshot.resources.keys());
    let mut scopes: BTreeSet<Scope> = declared.chain(recorded.map(NaturalKey::scope)).collect();
    if accounts.is_empty() || accounts.iter().any(|account| account.owner == Owner::Deltastream) {
        scopes.insert(Scope::Stores);
    }
    match session.services() {
        Ok(services) => looked.extend(doctor::live(&services.provider, &accounts, &scopes).await),
        Err(error) => looked.push(Check::error("services", &error, "mend what failed above")),
    }
    looked
}
