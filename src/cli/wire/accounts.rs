//! The accounts of a profile one by one, as `doctor` looks at them: where requests go, where credentials are found, and
//! whether somebody answers there. Told from the settings that the providers are built from. No credential is kept.

use std::fmt;

use super::{Reached, Wired};
use crate::cli::error::CliError;
use crate::domain::natural_key::{Scope, WorkspaceId};
use crate::platform::env;
use crate::platform::http::{Deadlines, HttpClient, HttpError, HttpRequest, Method, Origin, Proxy};
use crate::providers::alicloud::credentials::ProcessEnvironment;
use crate::providers::alicloud::settings::{Settings, SettingsError};
use crate::providers::deltastream::settings as deltastream;

/// The largest answer to a request that asks for nothing.
const BODY_LIMIT: usize = 1024 * 1024;

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// All workspaces that have none of their own.
    Ververica,
    /// This workspace.
    Workspace(WorkspaceId),
    /// The organization of stores.
    Deltastream,
}

/// Its path in the profile.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Ververica => f.write_str("ververica"),
            Owner::Workspace(id) => write!(f, "workspaces.{id}"),
            Owner::Deltastream => f.write_str("deltastream"),
        }
    }
}

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Whose it is.
    pub(crate) owner: Owner,
    /// Where its requests go, or why they go nowhere.
    pub(crate) origin: Result<Origin, String>,
    /// Where its credentials are found now, or why there are none.
    pub(crate) credentials: Result<String, String>,
    proxy: Proxy,
    deadlines: Deadlines,
}

/// The accounts of the profile; none when it is for the emulator. Opens no socket, except for a key that is fetched by
/// URI.
pub(crate) async fn accounts(wired: &Wired) -> Result<Vec<Account>, CliError> {
    let Some(Reached { alicloud, deltastream }) = wired.reached()? else { return Ok(Vec::new()) };
    let mut accounts = Vec::new();
    if let Some(super::alicloud::Accounts { settings, workspaces }) = alicloud {
        // Who names every workspace needs no account for the others.
        if workspaces.is_empty() || settings.origin() != Err(SettingsError::NoEndpoint) {
            accounts.push(Account::signed(Owner::Ververica, &settings).await);
        }
        for (id, own) in workspaces {
            accounts.push(Account::signed(Owner::Workspace(id), &settings.with(&own)).await);
        }
    }
    accounts.extend(deltastream.map(Account::with_token));
    Ok(accounts)
}

/// The account that is asked about a scope.
pub(crate) fn serving<'a>(accounts: &'a [Account], scope: &Scope) -> Option<&'a Account> {
    let of = |owner: &Owner| accounts.iter().find(|account| account.owner == *owner);
    match scope {
        Scope::FlinkNamespace { workspace, namespace: _ } => {
            of(&Owner::Workspace(workspace.clone())).or_else(|| of(&Owner::Ververica))
        }
        Scope::Stores => of(&Owner::Deltastream),
    }
}

impl Account {
    async fn signed(owner: Owner, settings: &Settings) -> Self {
        let located = settings.credentials.locate(&ProcessEnvironment).await;
        Self {
            owner,
            origin: settings.origin().map_err(|error| error.to_string()),
            credentials: located.map(str::to_owned).map_err(|error| error.to_string()),
            proxy: settings.proxy.clone(),
            deadlines: settings.deadlines,
        }
    }

    fn with_token(settings: deltastream::Settings) -> Self {
        let variable = settings.token.variable();
        Self {
            owner: Owner::Deltastream,
            origin: settings.base().map(|base| base.origin().clone()).map_err(|error| error.to_string()),
            credentials: env::value(variable)
                .map(|_| format!("variable {variable}"))
                .map_err(|why| format!("{variable} {why}")),
            proxy: settings.proxy,
            deadlines: settings.deadlines.call,
        }
    }

    /// Whether its requests are signed, so that they need a clock that is right.
    pub(crate) fn is_signed(&self) -> bool {
        self.owner != Owner::Deltastream
    }

    /// Asks for nothing, without credentials: the time that the answer carries, if it carries one. Any answer will do.
    ///
    /// # Errors
    /// [`HttpError`]: nobody answers there, or not in HTTP.
    pub(crate) async fn knock(&self, origin: &Origin) -> Result<Option<String>, HttpError> {
        let client = HttpClient::new(origin.clone(), &self.proxy, self.deadlines, BODY_LIMIT)?;
        let request = HttpRequest {
            operation: "doctor",
            method: Method::Get,
            target: "/".to_owned(),
            headers: Vec::new(),
            body: None,
        };
        match client.send(&request).await {
            Ok(answer) => Ok(answer.header("date").map(str::to_owned)),
            Err(HttpError::Redirect { .. } | HttpError::TooLarge { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
