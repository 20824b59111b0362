//! One request in, one answer out: the order of the checks and the statements. No socket and no clock: time and what came
//! of a login are arguments.

use jiff::Timestamp;

use super::answer::{Executed, Failure, refusal, version};
use super::call::{Call, CallError, Submission};
use super::context::Context;
use super::kind::Kind;
use super::ledger::Ledger;
use super::login::Login;
use super::parameters::{self, Given, ParameterError, Parameters};
use super::postgres::PostgresLogin;
use super::results::Results;
use super::sql::{Scope, SqlError, Statement};
use super::stores::{Outlook, Refusal, Store};
use super::table::{NoSuchColumn, Table};
use crate::emulator::answer::Answer;
use crate::emulator::change_file::NotRecorded;
use crate::emulator::fault::Effect;
use crate::emulator::served::{Served, Subject};
use crate::emulator::simulation::{Faults, LoginCheck, StoreSimulation};
use crate::platform::entropy;

/// Why a statement fails.
#[derive(Debug, thiserror::Error)]
enum StatementError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error(transparent)]
    Store(#[from] Refusal),
    #[error(transparent)]
    Column(#[from] NoSuchColumn),
    /// The organization of the request is not the one of the account.
    #[error("organization does not exist")]
    Organization,
    /// A role that may do nothing.
    #[error("role \"{0}\" has insufficient privileges")]
    Denied(String),
    /// The backend of a store refused the login, and the statement waited for it.
    #[error("{0}")]
    Login(String),
    /// The emulator's own disk.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// The emulator's own machine.
    #[error("the operating system has no randomness to give")]
    NoRandomness(#[source] std::io::Error),
}

impl StatementError {
    fn state(&self) -> &'static str {
        match self {
            Self::Sql(error) => error.state(),
            Self::Parameter(error) => error.state(),
            Self::Store(refusal) => refusal.state(),
            Self::Column(_) => "42601",
            Self::Organization => "3D004",
            Self::Denied(_) => "42501",
            Self::Login(_) => "57015",
            Self::NotRecorded(_) | Self::NoRandomness(_) => "XX000",
        }
    }
}

/// How the login of a statement is decided.
enum Trial {
    /// By the rule for backends that do not exist.
    ByRule,
    /// A database was asked.
    Tried(Login),
    /// A fault wants the store errored, whenever logins are checked.
    Forced,
}

/// The statement API behind one address.
pub(in crate::emulator) struct Service {
    /// The endpoint, as a dataplane answer names it.
    host: String,
    /// 32 hexadecimal digits, new for each start: the first part of every statement id.
    instance: String,
    /// How many requests arrived.
    arrived: u64,
    ledger: Ledger,
    results: Results,
    simulation: StoreSimulation,
}

impl Service {
    /// A service that has not seen a request.
    pub(in crate::emulator) fn new(
        host: String,
        instance: String,
        ledger: Ledger,
        simulation: StoreSimulation,
    ) -> Self {
        Self { host, instance, arrived: 0, ledger, results: Results::default(), simulation }
    }

    /// The login that has to be tried before this call is served, if its store has a database.
    pub(in crate::emulator) fn login(&self, call: &Call, now: Timestamp) -> Option<PostgresLogin> {
        let Call::Submit(submission) = call else { return None };
        let (stores, role) = (self.ledger.stores(), submission.context.role.as_str());
        match submission.statement.as_ref().ok()? {
            Statement::CreateStore { with, .. } => {
                let (kind, given) = parameters::of_create(with, &submission.attachments).ok()?;
                postgres_login(kind, None, &given)
            }
            Statement::UpdateStore { name, with } => {
                let store = stores.find(role, name, now).ok()?;
                let given = parameters::of_update(store.kind, with, &submission.attachments).ok()?;
                postgres_login(store.kind, Some(store), &given)
            }
            _ => None,
        }
    }

    /// Serves one request, or says with an HTTP status why it could not even be read. `tried` is what came of
    /// [`Service::login`].
    pub(in crate::emulator) fn serve(
        &mut self,
        call: Result<Call, CallError>,
        tried: Option<Login>,
        faults: &mut Faults,
        now: Timestamp,
    ) -> Served {
        self.arrived += 1;
        let request_id = uuid(&self.instance, self.arrived);
        let (mut role, mut operation, mut withheld) = (None, None, false);
        let answer = match call {
            Err(error) => Answer::from(&error),
            Ok(call) => {
                let effect = faults.strike(call.operation().into());
                operation = Some(call.operation().name());
                withheld = matches!(effect, Some(Effect::Drop | Effect::DropBefore));
                if let Call::Submit(submission) = &call {
                    role = Some(submission.context.role.clone());
                }
                self.perform(call, tried, effect.as_ref(), &request_id, now)
            }
        };
        Served { request_id, operation, subject: Subject::Role { role }, answer, withheld }
    }

    fn perform(
        &mut self,
        call: Call,
        tried: Option<Login>,
        effect: Option<&Effect>,
        request_id: &str,
        now: Timestamp,
    ) -> Answer {
        match effect {
            Some(Effect::Throttled) => return refusal(429, "too many requests"),
            Some(Effect::Status(status)) => return refusal(*status, "simulated refusal"),
            // Never sent, but logged.
            Some(Effect::DropBefore) => return refusal(500, "simulated loss of the request"),
            _ => {}
        }
        match call {
            Call::Version => version(),
            Call::Poll { id, partition } => self.poll(&id, partition, effect),
            Call::Submit(submission) => self.submit(*submission, tried, effect, request_id, now),
        }
    }

    fn poll(&mut self, id: &str, partition: usize, effect: Option<&Effect>) -> Answer {
        let rows = self.simulation.partition_rows.get();
        let Some((executed, complete)) = self.results.ask(id) else {
            return refusal(404, "there is no statement with this id");
        };
        let answer = match effect {
            Some(Effect::SqlState(state)) => {
                let end = Err(simulated(state));
                Executed { end, ..executed.clone() }.answer(partition, rows, &self.host)
            }
            _ if complete => executed.answer(partition, rows, &self.host),
            _ => Some(executed.not_complete()),
        };
        answer.unwrap_or_else(|| refusal(400, "the statement has no such partition"))
    }

    fn submit(
        &mut self,
        submission: Submission,
        tried: Option<Login>,
        effect: Option<&Effect>,
        request_id: &str,
        now: Timestamp,
    ) -> Answer {
        let mut context = submission.context.clone();
        let end = match effect {
            Some(Effect::SqlState(state)) => Err(simulated(state)),
            Some(Effect::Echo) => {
                let message = format!("internal error in statement: {}", submission.text.text());
                Err(Failure { state: "XX000".to_owned(), message })
            }
            _ => {
                let trial = match (effect, tried) {
                    (Some(Effect::Errored), _) => Trial::Forced,
                    (_, Some(login)) => Trial::Tried(login),
                    (_, None) => Trial::ByRule,
                };
                match self.execute(submission, trial, &mut context, now) {
                    Err(error @ (StatementError::NotRecorded(_) | StatementError::NoRandomness(_))) => {
                        return refusal(500, &error.to_string());
                    }
                    other => other.map_err(|error| Failure {
                        state: error.state().to_owned(),
                        message: error.to_string(),
                    }),
                }
            }
        };
        let on_dataplane = matches!(effect, Some(Effect::Dataplane)) && end.is_ok();
        let id = request_id.to_owned();
        let executed = Executed { id, created_on: now, context, end, on_dataplane };
        let rows = self.simulation.partition_rows.get();
        let answer = match self.simulation.pending {
            Some(_) => executed.not_complete(),
            None => executed.answer(0, rows, &self.host).unwrap_or_else(|| executed.not_complete()),
        };
        self.results.keep(executed, self.simulation.pending.unwrap_or_default());
        answer
    }

    fn execute(
        &mut self,
        submission: Submission,
        trial: Trial,
        context: &mut Context,
        now: Timestamp,
    ) -> Result<Table, StatementError> {
        let Submission { text: _, statement, context: _, at_home, attachments } = submission;
        if !at_home {
            return Err(StatementError::Organization);
        }
        let role = context.role.clone();
        if self.simulation.denied_roles.contains(&role) {
            return Err(StatementError::Denied(role));
        }
        let stores = self.ledger.stores();
        match statement? {
            Statement::ListOrganizations => Ok(Table::organizations()),
            Statement::ListStores => {
                Ok(Table::listed(stores.visible(&role, now), context.store.as_deref(), now))
            }
            Statement::Select(query) => Ok(Table::selected(&query, stores.visible(&role, now), now)?),
            Statement::DescribeStore(name) => Ok(Table::described(&name, stores.find(&role, &name, now)?)),
            Statement::Use(scope, name) => {
                if scope == Scope::Store {
                    stores.find(&role, &name, now)?;
                }
                context.enter(scope, name);
                Ok(Table::default())
            }
            Statement::CreateStore { name, with } => {
                let (kind, given) = parameters::of_create(&with, &attachments)?;
                stores.vacant(&name, now)?;
                let store = Store::new(role, kind, &given, self.outlook(trial, kind, &given)?, now);
                self.ledger.set(&name, Some(store))?;
                Ok(Table::changed("create_store", &name))
            }
            Statement::UpdateStore { name, with } => {
                let store = stores.present(&role, &name, now)?;
                let given = parameters::of_update(store.kind, &with, &attachments)?;
                let updated = store.updated(&given, self.outlook(trial, store.kind, &given)?, now);
                self.ledger.set(&name, Some(updated))?;
                Ok(Table::changed("update_store", &name))
            }
            Statement::DropStore(name) => {
                let rest = stores.present(&role, &name, now)?.dropped(self.simulation.dropping_for, now);
                self.ledger.set(&name, rest)?;
                Ok(Table::changed("drop_store", &name))
            }
        }
    }

    /// How a store goes on with what was given.
    fn outlook(&self, trial: Trial, kind: Kind, given: &Parameters) -> Result<Outlook, StatementError> {
        let waits = self.simulation.login_check == LoginCheck::Create && !matches!(trial, Trial::Forced);
        let login = match trial {
            Trial::ByRule => Login::by_rule(kind, given),
            Trial::Tried(login) => login,
            Trial::Forced => Login::Refused("simulated error of the backend".to_owned()),
        };
        match login {
            Login::Refused(message) if waits => Err(StatementError::Login(message)),
            login => Ok(Outlook {
                login,
                provisioning_for: self.simulation.provisioning_for,
                salt: entropy::hex_128().map_err(StatementError::NoRandomness)?,
            }),
        }
    }
}

/// A login with what was given; what is not secret may be stored. A password is not stored: without it there is none.
fn postgres_login(kind: Kind, stored: Option<&Store>, given: &Parameters) -> Option<PostgresLogin> {
    let plain = |name: &str| match given.get(name) {
        Some(Given::Plain(value)) => Some(value.as_str()),
        _ => stored.and_then(|store| store.shown(name)),
    };
    match (kind, given.get("postgres.password")) {
        (Kind::Postgresql, Some(Given::Secret(password))) => {
            PostgresLogin::new(plain("uris")?, plain("postgres.username")?, password)
        }
        _ => None,
    }
}

fn simulated(state: &str) -> Failure {
    Failure { state: state.to_owned(), message: format!("simulated error {state}") }
}

/// A UUID: 18 digits of this start, then the number of the request.
fn uuid(instance: &str, number: u64) -> String {
    let part = |from: usize, to: usize| instance.get(from..to).unwrap_or_default();
    let number = number & 0xffff_ffff_ffff;
    format!("{}-{}-4{}-8{}-{number:012x}", part(0, 8), part(8, 12), part(12, 15), part(15, 18))
}
