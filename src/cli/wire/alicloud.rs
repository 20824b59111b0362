//! Builds the provider of Flink connectors.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::error::CliError;
use crate::domain::natural_key::WorkspaceId;
use crate::emulator;
use crate::manifest::project::{self, Service, Ververica};
use crate::platform::http::{Deadlines, Proxy};
use crate::providers::alicloud::AlicloudProvider;
use crate::providers::alicloud::credentials::{
    CredentialSource, Credentials, Environment, ProcessEnvironment,
};
use crate::providers::alicloud::settings::{Network, Settings, SignatureVersion, WorkspaceSettings};

/// The settings of the profile's account, and what workspaces have of their own.
pub(super) struct Accounts {
    pub(super) settings: Settings,
    pub(super) workspaces: BTreeMap<WorkspaceId, WorkspaceSettings>,
}

/// The accounts of a profile; an endpoint of the command line is meant for all of them.
pub(super) fn cloud(own: &Ververica, endpoint: Option<&str>) -> Result<Accounts, CliError> {
    let Ververica { settings, workspaces } = own;
    let mut settings = settings_of(settings)?;
    let mut own: BTreeMap<WorkspaceId, WorkspaceSettings> =
        workspaces.iter().map(|(id, service)| (id.clone(), workspace_settings(service))).collect();
    if let Some(endpoint) = endpoint {
        settings.endpoint = Some(endpoint.to_owned());
        for own in own.values_mut() {
            (own.region, own.endpoint) = (None, None);
        }
    }
    Ok(Accounts { settings, workspaces: own })
}

/// An endpoint of the command line, and no settings of a profile.
pub(super) fn elsewhere(endpoint: &str) -> Accounts {
    let settings =
        Settings { endpoint: Some(endpoint.to_owned()), send_definition: true, ..Settings::default() };
    Accounts { settings, workspaces: BTreeMap::new() }
}

/// The emulator in this process: its own key, no proxy, definitions taken.
pub(super) fn emulated(base_url: &str) -> Result<AlicloudProvider, CliError> {
    let (id, secret) = emulator::access_key();
    let key =
        Credentials::new(id, secret, None, None).map_err(|error| CliError::Emulator(error.to_string()))?;
    let settings = Settings {
        endpoint: Some(base_url.to_owned()),
        send_definition: true,
        proxy: Proxy::None,
        credentials: CredentialSource::Static(key),
        ..Settings::default()
    };
    build(&Accounts { settings, workspaces: BTreeMap::new() })
}

/// The provider of these accounts.
pub(super) fn build(Accounts { settings, workspaces }: &Accounts) -> Result<AlicloudProvider, CliError> {
    let environment: Arc<dyn Environment> = Arc::new(ProcessEnvironment);
    AlicloudProvider::new(settings, workspaces, &environment)
        .map_err(|error| CliError::Settings(error.to_string()))
}

fn settings_of(service: &Service) -> Result<Settings, CliError> {
    let defaults = Settings::default();
    let Service {
        region,
        endpoint,
        network,
        signature,
        send_definition,
        proxy,
        credentials: source,
        timeouts,
    } = service.clone();
    Ok(Settings {
        region,
        endpoint,
        network: match network {
            Some(project::Network::Vpc) => Network::Vpc,
            Some(project::Network::Public) | None => Network::Public,
        },
        signature: match signature {
            Some(project::Signature::Roa) => SignatureVersion::Roa,
            Some(project::Signature::Acs3) | None => SignatureVersion::Acs3,
        },
        send_definition: send_definition.unwrap_or(defaults.send_definition),
        proxy: super::proxy(proxy, defaults.proxy)?,
        deadlines: Deadlines {
            connect: timeouts.connect.unwrap_or(defaults.deadlines.connect),
            read: timeouts.read.unwrap_or(defaults.deadlines.read),
            total: timeouts.total.unwrap_or(defaults.deadlines.total),
        },
        credentials: source.map_or(defaults.credentials, credentials),
    })
}

fn workspace_settings(service: &Service) -> WorkspaceSettings {
    WorkspaceSettings {
        region: service.region.clone(),
        endpoint: service.endpoint.clone(),
        credentials: service.credentials.clone().map(credentials),
    }
}

pub(super) fn credentials(source: project::CredentialSource) -> CredentialSource {
    match source {
        project::CredentialSource::Env => CredentialSource::Environment,
        project::CredentialSource::Uri => CredentialSource::Uri,
        project::CredentialSource::Profile(name) => CredentialSource::Profile(name),
    }
}
