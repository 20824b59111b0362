//! The composition root: the only place that names concrete adapters.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CliError;
use super::options::{Common, Deltastream};
use crate::domain::natural_key::WorkspaceId;
use crate::emulator::{self, Attached, Simulation};
use crate::engine::planner::Limits;
use crate::manifest::project::{self, Profile, Project, Service, Target};
use crate::platform::env;
use crate::platform::http::{Deadlines, Proxy, ProxyError};
use crate::providers::Router;
use crate::providers::alicloud::AlicloudProvider;
use crate::providers::alicloud::credentials::{
    CredentialSource, Credentials, Environment, ProcessEnvironment,
};
use crate::providers::alicloud::settings::{Network, Settings, SignatureVersion, WorkspaceSettings};
use crate::providers::deltastream::{self, DeltastreamProvider};
use crate::state::StateFolder;

/// The profile in use and where everything of it lies.
pub(crate) struct Wired {
    /// The project.
    pub(crate) project: Project,
    /// The profile's name.
    pub(crate) profile: String,
    /// The state.
    pub(crate) state: StateFolder,
    /// Budgets of the profile.
    pub(crate) limits: Limits,
    target: Target,
    endpoint: Option<String>,
    deltastream: Deltastream,
}

/// A provider, and the emulator behind it if that runs in this process.
pub(crate) struct Services {
    /// The provider.
    pub(crate) provider: Router,
    /// Whether this is the built-in emulator.
    pub(crate) emulated: bool,
    _emulator: Option<Attached>,
}

/// Finds the project, the profile and the state folder. Opens no socket and takes no lock.
pub(crate) fn wire(common: &Common, start: &Path) -> Result<Wired, CliError> {
    let project = project::load(start).map_err(CliError::Manifest)?;
    let name = match (&common.profile, &project.default_profile) {
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) => {
            let known: Vec<&str> = project.profiles.keys().map(String::as_str).collect();
            return Err(CliError::Usage(format!(
                "which profile? pass --profile NAME, or set defaultProfile in reconcile.yaml; there are {}",
                known.join(", ")
            )));
        }
    };
    let Some(profile) = project.profiles.get(&name) else {
        let known: Vec<&str> = project.profiles.keys().map(String::as_str).collect();
        return Err(CliError::Usage(format!("there is no profile `{name}`; there are {}", known.join(", "))));
    };
    let Profile { target, state, limits } = profile.clone();
    let folder = match (&common.state, state) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => project.folder.join(folder),
        (None, None) => project.folder.join("state").join(&name),
    };
    Ok(Wired {
        state: StateFolder::open(folder),
        limits: Limits { delete: limits.delete, replace: limits.replace },
        profile: name,
        target,
        endpoint: common.endpoint.clone(),
        deltastream: common.deltastream.clone(),
        project,
    })
}

impl Wired {
    /// The folder whose manifests are meant when none are named.
    pub(crate) fn default_paths(&self, given: Vec<PathBuf>) -> Vec<PathBuf> {
        if given.is_empty() { vec![self.project.folder.clone()] } else { given }
    }

    /// The provider of the profile; starts or finds the embedded emulator if that is what the profile talks to.
    pub(crate) fn services(&self) -> Result<Services, CliError> {
        let environment: Arc<dyn Environment> = Arc::new(ProcessEnvironment);
        let build = |settings: &Settings, workspaces: &BTreeMap<WorkspaceId, WorkspaceSettings>| {
            AlicloudProvider::new(settings, workspaces, &environment)
                .map_err(|error| CliError::Settings(error.to_string()))
        };
        match (&self.target, &self.endpoint) {
            (Target::Emulator, None) => {
                let folder = self.state.path().join("emulator");
                let attached = emulator::attach_or_start(&folder, &Simulation::default())
                    .map_err(|error| CliError::Emulator(error.to_string()))?;
                let settings = emulated(&attached.base_url)?;
                let provider = self.router(build(&settings, &BTreeMap::new())?)?;
                Ok(Services { provider, emulated: true, _emulator: Some(attached) })
            }
            (Target::Emulator, Some(endpoint)) => {
                let settings = Settings {
                    endpoint: Some(endpoint.clone()),
                    send_definition: true,
                    ..Settings::default()
                };
                let provider = self.router(build(&settings, &BTreeMap::new())?)?;
                Ok(Services { provider, emulated: false, _emulator: None })
            }
            (Target::Ververica { settings, workspaces }, endpoint) => {
                let mut settings = settings_of(settings)?;
                let mut own: BTreeMap<WorkspaceId, WorkspaceSettings> = workspaces
                    .iter()
                    .map(|(id, service)| (id.clone(), workspace_settings(service)))
                    .collect();
                if let Some(endpoint) = endpoint {
                    settings.endpoint = Some(endpoint.clone());
                    for own in own.values_mut() {
                        (own.region, own.endpoint) = (None, None);
                    }
                }
                let provider = self.router(build(&settings, &own)?)?;
                Ok(Services { provider, emulated: false, _emulator: None })
            }
        }
    }

    /// With the stores of DeltaStream beside the connectors. A profile for the emulator never reaches the real service
    /// by default.
    fn router(&self, alicloud: AlicloudProvider) -> Result<Router, CliError> {
        let Deltastream { url, organization, role } = self.deltastream.clone();
        let deltastream = match (&self.target, &url) {
            (Target::Emulator, None) => None,
            (Target::Emulator, Some(_)) | (Target::Ververica { .. }, _) => {
                let settings =
                    deltastream::settings::Settings { url, organization, role, ..Default::default() };
                let provider = DeltastreamProvider::new(settings, env::var);
                Some(provider.map_err(|error| CliError::Settings(error.to_string()))?)
            }
        };
        Ok(Router { alicloud: Some(alicloud), deltastream })
    }
}

/// Settings for the emulator in this process: its own key, no proxy, definitions taken.
fn emulated(base_url: &str) -> Result<Settings, CliError> {
    let (id, secret) = emulator::access_key();
    let key =
        Credentials::new(id, secret, None, None).map_err(|error| CliError::Emulator(error.to_string()))?;
    Ok(Settings {
        endpoint: Some(base_url.to_owned()),
        send_definition: true,
        proxy: Proxy::None,
        credentials: CredentialSource::Static(key),
        ..Settings::default()
    })
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
        proxy: match proxy {
            None => defaults.proxy,
            Some(project::Proxy::System) => Proxy::System,
            Some(project::Proxy::None) => Proxy::None,
            Some(project::Proxy::Url(url)) => {
                url.parse().map_err(|error: ProxyError| CliError::Settings(error.to_string()))?
            }
        },
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

fn credentials(source: project::CredentialSource) -> CredentialSource {
    match source {
        project::CredentialSource::Env => CredentialSource::Environment,
        project::CredentialSource::Uri => CredentialSource::Uri,
        project::CredentialSource::Profile(name) => CredentialSource::Profile(name),
    }
}
