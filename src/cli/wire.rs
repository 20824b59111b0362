//! The composition root: here, and nowhere else, concrete adapters are named.

pub(crate) mod accounts;
mod alicloud;
mod deltastream;
pub(crate) mod settings;
mod verification;

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::options::Common;
use crate::domain::suite::SuiteOverrides;
use crate::emulator::{self, Attached, Simulation};
use crate::engine::planner::Limits;
use crate::manifest::project::{self, Notify, Profile, Project, Target};
use crate::manifest::values::Values;
use crate::platform::env;
use crate::platform::http::{HttpUrl, Proxy, ProxyError};
use crate::providers::Router;
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
    /// What `${values.NAME}` stands for in manifests.
    pub(crate) values: Values,
    notify: Option<Notify>,
    overrides: Box<SuiteOverrides>,
    target: Target,
    endpoint: Option<String>,
    flags: super::options::Deltastream,
}

/// The settings of the services themselves, with what the command line says of them.
struct Reached {
    alicloud: Option<alicloud::Accounts>,
    deltastream: Option<crate::providers::deltastream::settings::Settings>,
}

/// The providers, and the emulator behind them if that runs in this process.
pub(crate) struct Services {
    /// Whoever is responsible for an object.
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
    let Profile { target, state, limits, values, verification, notify } = profile.clone();
    let folder = match (&common.state, state) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => project.folder.join(folder),
        (None, None) => project.folder.join("state").join(&name),
    };
    let file =
        project.file.as_ref().map_or_else(|| "reconcile.yaml".into(), |file| file.display().to_string());
    let mut values = Values::new(values, format!("`profiles.{name}.values` in {file}"));
    for assignment in &common.set {
        values.set(assignment).map_err(|error| CliError::Usage(error.to_string()))?;
    }
    Ok(Wired {
        values,
        notify,
        overrides: verification,
        state: StateFolder::open(folder),
        limits: Limits { delete: limits.delete, replace: limits.replace },
        profile: name,
        target,
        endpoint: common.endpoint.clone(),
        flags: common.deltastream.clone(),
        project,
    })
}

impl Wired {
    /// The folder whose manifests are meant when none are named.
    pub(crate) fn default_paths(&self, given: Vec<PathBuf>) -> Vec<PathBuf> {
        if !given.is_empty() {
            return given;
        }
        // Places in messages are then as short as if the folder had been named.
        let is_here = std::env::current_dir().is_ok_and(|here| here == self.project.folder);
        vec![if is_here { PathBuf::from(".") } else { self.project.folder.clone() }]
    }

    /// What the profile says about every suite (Property 22).
    pub(crate) fn suite_overrides(&self) -> &SuiteOverrides {
        &self.overrides
    }

    /// The providers of the profile; starts or finds the embedded emulator if that is what the profile talks to.
    pub(crate) fn services(&self) -> Result<Services, CliError> {
        let Some(Reached { alicloud, deltastream }) = self.reached()? else { return self.emulated() };
        let alicloud = alicloud.as_ref().map(alicloud::build).transpose()?;
        let deltastream = deltastream.map(deltastream::build).transpose()?;
        Ok(Services { provider: Router { alicloud, deltastream }, emulated: false, _emulator: None })
    }

    /// The URL of the webhook, if the profile has one. No error repeats it.
    pub(crate) fn webhook(&self) -> Result<Option<HttpUrl>, CliError> {
        Ok(match &self.notify {
            None => None,
            Some(Notify::Url(url)) => Some(url.clone()),
            Some(Notify::Variable(name)) => {
                let unusable = |why: String| {
                    CliError::Settings(format!("notify.urlVariable: the variable {name} {why}"))
                };
                let text = env::value(name).map_err(|error| unusable(error.to_string()))?;
                Some(HttpUrl::parse(&text).map_err(|error| unusable(error.to_string()))?)
            }
        })
    }

    /// The settings of the services; `None` for the emulator.
    ///
    /// An address on the command line takes the emulator's place whole: a profile for the emulator reaches no service
    /// that was not named, and starts no emulator for what is asked elsewhere.
    fn reached(&self) -> Result<Option<Reached>, CliError> {
        let named = self.endpoint.is_some() || self.flags.url.is_some();
        let (ververica, deltastream) = match &self.target {
            Target::Emulator if !named => return Ok(None),
            Target::Emulator => (None, None),
            Target::Cloud { ververica, deltastream } => (ververica.as_ref(), deltastream.as_ref()),
        };
        let alicloud = match ververica {
            Some(own) => Some(alicloud::cloud(own, self.endpoint.as_deref())?),
            None => self.endpoint.as_deref().map(alicloud::elsewhere),
        };
        // The address on the command line is enough: the token comes from its variable in any case.
        let deltastream = match deltastream {
            Some(own) => Some(deltastream::cloud(own, &self.flags)?),
            None if self.flags.url.is_some() => {
                Some(deltastream::cloud(&project::Deltastream::default(), &self.flags)?)
            }
            None => None,
        };
        Ok(Some(Reached { alicloud, deltastream }))
    }

    /// The emulator, in this process or in the one that has its world.
    fn emulated(&self) -> Result<Services, CliError> {
        let folder = self.state.path().join("emulator");
        let attached = emulator::attach_or_start(&folder, &Simulation::default())
            .map_err(|error| CliError::Emulator(error.to_string()))?;
        let alicloud = Some(alicloud::emulated(&attached.base_url)?);
        let deltastream = Some(deltastream::emulated(&attached.deltastream_url, &self.flags)?);
        Ok(Services { provider: Router { alicloud, deltastream }, emulated: true, _emulator: Some(attached) })
    }
}

fn proxy(declared: Option<project::Proxy>, default: Proxy) -> Result<Proxy, CliError> {
    Ok(match declared {
        None => default,
        Some(project::Proxy::System) => Proxy::System,
        Some(project::Proxy::None) => Proxy::None,
        Some(project::Proxy::Url(url)) => {
            url.parse().map_err(|error: ProxyError| CliError::Settings(error.to_string()))?
        }
    })
}
