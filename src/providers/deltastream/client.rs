//! The provider: one organization, seen by one role.

use std::sync::OnceLock;

use secrecy::{ExposeSecret, SecretString};

use super::errors::Judge;
use super::redact::Redactor;
use super::request::Asker;
use super::settings::{BaseUrl, Settings, SettingsError, StatementDeadlines, TokenSource};
use super::sql::{self, Statement, Unwritable, Verb};
use super::statement::{Outcome, Run};
use super::{description, sqlstate, store};
use crate::domain::field::Fields;
use crate::domain::live::{Census, Live, Observer};
use crate::domain::natural_key::{NaturalKey, RoleName, Scope, StoreName};
use crate::platform::entropy;
use crate::platform::http::{HttpClient, Proxy};
use crate::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

/// The largest answer: a listing of well over 100,000 stores.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

const ORGANIZATION: &str = "DELTASTREAM_ORGANIZATION";
const ROLE: &str = "DELTASTREAM_ROLE";

/// What an observer is called that neither the service nor the settings name.
const UNNAMED: &str = "(default)";

/// Reads an environment variable; tests pass their own.
pub type Variables = fn(&str) -> Option<String>;

/// What is made with the first call and kept.
struct Connection {
    http: HttpClient,
    token: SecretString,
    session: String,
}

/// External stores on DeltaStream.
///
/// Concurrency is the caller's to bound. The token is fetched with the first call and kept.
pub struct DeltastreamProvider {
    base: BaseUrl,
    organization: Option<String>,
    role: Option<String>,
    proxy: Proxy,
    deadlines: StatementDeadlines,
    token: TokenSource,
    variables: Variables,
    connection: OnceLock<Connection>,
}

impl DeltastreamProvider {
    /// A provider. Sends nothing and needs no token yet.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub fn new(settings: Settings, variables: Variables) -> Result<Self, SettingsError> {
        let base = settings.base()?;
        let Settings { url: _, organization, role, proxy, deadlines, token } = settings;
        Ok(Self {
            base,
            organization: organization.or_else(|| variables(ORGANIZATION)),
            role: role.or_else(|| variables(ROLE)),
            proxy,
            deadlines,
            token,
            variables,
            connection: OnceLock::new(),
        })
    }

    fn connection(&self, operation: Verb) -> Result<&Connection, ProviderError> {
        if let Some(made) = self.connection.get() {
            return Ok(made);
        }
        let made = self.connect(operation)?;
        Ok(self.connection.get_or_init(|| made))
    }

    fn connect(&self, operation: Verb) -> Result<Connection, ProviderError> {
        let fail = |class, message: String| unsent(operation, class, message);
        let variable = self.token.variable();
        let token = match &self.token {
            TokenSource::Static(token) => Some(token.clone()),
            TokenSource::Environment | TokenSource::Variable(_) => {
                (self.variables)(variable).map(SecretString::from)
            }
        };
        let Some(token) = token else {
            let mut error = fail(ErrorClass::Auth, format!("there is no API token: {variable} is not set"));
            error.hint =
                Some(format!("make one in DeltaStream (CREATE API_TOKEN) and put it into {variable}"));
            return Err(error);
        };
        if !token.expose_secret().bytes().all(|byte| byte.is_ascii_graphic())
            || token.expose_secret().is_empty()
        {
            let text =
                "the API token is empty or has characters that no HTTP header carries (a line end, a space?)";
            return Err(fail(ErrorClass::Auth, text.to_owned()));
        }
        let session = entropy::hex_128().map_err(|error| fail(ErrorClass::Unavailable, error.to_string()))?;
        let http = HttpClient::new(self.base.origin().clone(), &self.proxy, self.deadlines.call, BODY_LIMIT)
            .map_err(|error| fail(ErrorClass::Unavailable, error.to_string()))?;
        Ok(Connection { http, token, session })
    }

    /// Sends one statement in the name of a role; the configured one when there is none.
    async fn run(
        &self,
        statement: Result<Statement, Unwritable>,
        verb: Verb,
        role: Option<&str>,
    ) -> Result<(Outcome, Judge), ProviderError> {
        let statement = statement.map_err(|error| unsent(verb, ErrorClass::Invalid, error.to_string()))?;
        let Connection { http, token, session } = self.connection(verb)?;
        let boundary =
            entropy::hex_128().map_err(|error| unsent(verb, ErrorClass::Unavailable, error.to_string()))?;
        let role = role.or(self.role.as_deref());
        let redactor = Redactor::new(Some(token), &statement);
        let judge = Judge::new(verb, redactor, role, self.role.as_deref());
        let asker =
            Asker { base: &self.base, token, session, organization: self.organization.as_deref(), role };
        let limit = self.deadlines.statement;
        let run = Run { transport: http, asker, statement: &statement, judge: &judge, limit };
        let outcome = run.complete(&boundary).await?;
        Ok((outcome, judge))
    }

    async fn list(&self) -> Result<Census, ProviderError> {
        let (Outcome { id, context, table }, judge) =
            self.run(Ok(sql::list()), Verb::SelectStores, None).await?;
        let contradictory = |text: String| judge.contradictory(&text, Some(&id));
        let named = |shown: Option<String>, configured: Option<&String>| {
            let shown = shown.filter(|text| !text.is_empty()).map(|text| judge.clean(&text));
            shown.or_else(|| configured.cloned()).unwrap_or_else(|| UNNAMED.to_owned())
        };
        let observer = Observer {
            organization: named(context.organization_id, self.organization.as_ref()),
            role: named(context.role_name, self.role.as_ref()),
        };
        let lives = store::lives(&table, |text| judge.clean(text))
            .map_err(|error| contradictory(error.to_string()))?;
        let census =
            Census::complete(Scope::Stores, lives).map_err(|error| contradictory(error.to_string()))?;
        Ok(census.seen_by(observer))
    }

    async fn write(
        &self,
        statement: Result<Statement, Unwritable>,
        verb: Verb,
        role: Option<&str>,
    ) -> Result<Accepted, ProviderError> {
        let (outcome, _) = self.run(statement, verb, role).await?;
        Ok(Accepted { request_id: outcome.id, created: Vec::new(), tables: Vec::new() })
    }

    async fn read(&self, name: &StoreName, live: &Live) -> Result<Option<Fields>, ProviderError> {
        // A description does not say of what type the store is, and the names of the fields depend on that.
        let Some(subtype) = store::subtype(live) else { return Ok(Some(Fields::new())) };
        let described = match self.run(sql::describe(name), Verb::DescribeStore, None).await {
            Err(error) if error.code.as_deref().is_some_and(sqlstate::is_absence) => return Ok(None),
            described => described?.0,
        };
        Ok(Some(description::fields(subtype, &described.table)))
    }
}

/// Nothing was sent.
fn unsent(verb: Verb, class: ErrorClass, message: String) -> ProviderError {
    ProviderError { class, operation: verb.as_str(), code: None, message, request_id: None, hint: None }
}

/// One record per failed call, with the service's state, message and statement id (FR-009).
fn recorded<T>(outcome: Result<T, ProviderError>) -> Result<T, ProviderError> {
    if let Err(error) = &outcome {
        tracing::error!(
            operation = error.operation,
            class = ?error.class,
            code = error.code.as_deref().unwrap_or_default(),
            statement_id = error.request_id.as_deref().unwrap_or_default(),
            "{}",
            error.message
        );
    }
    outcome
}

impl Provider for DeltastreamProvider {
    fn abilities(&self, _: &Scope) -> Abilities {
        Abilities { sends_definition: false }
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        match scope {
            Scope::Stores => recorded(self.list().await),
            Scope::FlinkNamespace { .. } => Err(ProviderError::unsupported(Verb::SelectStores.as_str())),
        }
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        let verb = Verb::CreateStore;
        let CreateOrder::Store(store) = order else { return Err(ProviderError::unsupported(verb.as_str())) };
        let owner = store.owner().map(RoleName::as_str);
        recorded(self.write(sql::create(store), verb, owner).await)
    }

    async fn update(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        let owner = order.store.owner().map(RoleName::as_str);
        recorded(self.write(sql::update(&order.store, &order.fields), Verb::UpdateStore, owner).await)
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        let verb = Verb::DropStore;
        let NaturalKey::Store { name } = &order.key else {
            return Err(ProviderError::unsupported(verb.as_str()));
        };
        recorded(self.write(sql::drop_store(name), verb, order.owner.as_deref()).await)
    }

    async fn describe(&self, live: &Live) -> Result<Option<Fields>, ProviderError> {
        let NaturalKey::Store { name } = &live.key else {
            return Err(ProviderError::unsupported(Verb::DescribeStore.as_str()));
        };
        recorded(self.read(name, live).await)
    }
}
