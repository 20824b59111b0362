//! Builds the provider of stores.

use crate::cli::error::CliError;
use crate::cli::options;
use crate::emulator;
use crate::manifest::project;
use crate::platform::env;
use crate::platform::http::{Deadlines, Proxy};
use crate::providers::deltastream::DeltastreamProvider;
use crate::providers::deltastream::settings::{Settings, StatementDeadlines, TokenSource};

/// The organization of a profile; what is said on the command line wins.
pub(super) fn cloud(own: &project::Deltastream, flags: &options::Deltastream) -> Result<Settings, CliError> {
    let defaults = Settings::default();
    let project::Deltastream { url, organization, role, token_variable, proxy, timeouts } = own.clone();
    let calls = defaults.deadlines.call;
    Ok(Settings {
        url: flags.url.clone().or(url),
        organization: flags.organization.clone().or(organization),
        role: flags.role.clone().or(role),
        proxy: super::proxy(proxy, defaults.proxy)?,
        deadlines: StatementDeadlines {
            call: Deadlines {
                connect: timeouts.connect.unwrap_or(calls.connect),
                read: timeouts.read.unwrap_or(calls.read),
                total: timeouts.total.unwrap_or(calls.total),
            },
            ..defaults.deadlines
        },
        token: token_variable.map_or(defaults.token, TokenSource::Variable),
    })
}

/// The emulator in this process: its own token and organization, no proxy.
pub(super) fn emulated(url: &str, flags: &options::Deltastream) -> Result<DeltastreamProvider, CliError> {
    let (token, organization) = emulator::api_token();
    build(Settings {
        url: Some(url.to_owned()),
        organization: Some(flags.organization.clone().unwrap_or_else(|| organization.to_owned())),
        role: flags.role.clone(),
        proxy: Proxy::None,
        token: TokenSource::Static(token.into()),
        ..Settings::default()
    })
}

/// The provider of this organization.
pub(super) fn build(settings: Settings) -> Result<DeltastreamProvider, CliError> {
    DeltastreamProvider::new(settings, env::var).map_err(|error| CliError::Settings(error.to_string()))
}
