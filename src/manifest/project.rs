//! The project file `reconcile.yaml`: profiles and their settings (design.md 3.5).
//!
//! Read as strictly as manifests. Pure data out: no variable is looked up here, no credential is ever in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::find::PROJECT_FILE;
use super::object::{Field, Object, join};
use super::report::{Findings, Report};
use super::source::Source;
use super::values::Scalar;
use super::yaml::{Node, Value};
use super::{codes, decode, find, profile, suggest, yaml};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::natural_key::WorkspaceId;
use crate::domain::suite::SuiteOverrides;
use crate::platform::fs;
use crate::platform::http::HttpUrl;

/// The profile that exists without a project file.
pub const BUILT_IN_PROFILE: &str = "local";

/// What the project file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder of the project file; the start folder when there is none.
    pub folder: PathBuf,
    /// The project file, when there is one.
    pub file: Option<PathBuf>,
    /// The profile that is used when none is named; `None` when the file leaves it open.
    pub default_profile: Option<String>,
    /// The profiles, by name.
    pub profiles: BTreeMap<String, Profile>,
    /// The line of each setting in the file, by its path: `profiles.prod.ververica.region`.
    pub lines: BTreeMap<String, u32>,
}

/// One profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What it talks to.
    pub target: Target,
    /// Its state folder, relative to the project's folder; `None` for the default.
    pub state: Option<PathBuf>,
    /// Its budgets.
    pub limits: Limits,
    /// What `${values.NAME}` stands for in manifests.
    pub values: BTreeMap<String, Scalar>,
    /// What it says about every suite.
    pub verification: Box<SuiteOverrides>,
    /// Where `watch` tells that something changed.
    pub notify: Option<Notify>,
}

impl Profile {
    fn emulator() -> Self {
        Self {
            target: Target::Emulator,
            state: None,
            limits: Limits::default(),
            values: BTreeMap::new(),
            verification: Box::default(),
            notify: None,
        }
    }
}

/// What a profile talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The emulator in our own process.
    Emulator,
    /// The services themselves: at least one of them.
    Cloud {
        /// Realtime Compute for Apache Flink.
        ververica: Option<Box<Ververica>>,
        /// DeltaStream.
        deltastream: Option<Box<Deltastream>>,
    },
}

/// The accounts of Realtime Compute for Apache Flink.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ververica {
    /// The settings of the profile.
    pub settings: Service,
    /// Settings of single workspaces, which win over those of the profile.
    pub workspaces: BTreeMap<WorkspaceId, Service>,
}

/// How DeltaStream is reached; what is `None` is left to the next origin. The token itself is never in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deltastream {
    /// The URL of the API, such as `https://api.deltastream.io/v2`.
    pub url: Option<String>,
    /// The organization, by name or id.
    pub organization: Option<String>,
    /// The role in which statements are sent.
    pub role: Option<String>,
    /// The variable that holds the token; `None` for the vendor's own one.
    pub token_variable: Option<String>,
    /// The HTTP proxy.
    pub proxy: Option<Proxy>,
    /// Limits of one call.
    pub timeouts: CallTimeouts,
}

/// How an account is reached; what is `None` is left to the next origin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// The region, such as `eu-central-1`.
    pub region: Option<String>,
    /// A host or URL in place of the region's.
    pub endpoint: Option<String>,
    /// Which of the region's endpoints.
    pub network: Option<Network>,
    /// The signature.
    pub signature: Option<Signature>,
    /// Whether a registration also carries the declared definition.
    pub send_definition: Option<bool>,
    /// The HTTP proxy.
    pub proxy: Option<Proxy>,
    /// Where credentials come from.
    pub credentials: Option<CredentialSource>,
    /// Limits of one call.
    pub timeouts: CallTimeouts,
}

/// The region's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// From anywhere.
    Public,
    /// From within the cloud's own network.
    Vpc,
}

/// The signatures of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// The current one.
    Acs3,
    /// The classic one.
    Roa,
}

/// Which HTTP proxy is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// That of the environment.
    System,
    /// None, whatever the environment says.
    None,
    /// This one. Never with a user name or password.
    Url(String),
}

/// Where credentials come from; `None` of the setting means the vendor's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// The environment only.
    Env,
    /// The credentials URI only.
    Uri,
    /// A profile of the vendor's command-line tool.
    Profile(String),
}

/// Limits of one call; a missing one means the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallTimeouts {
    /// For connecting.
    pub connect: Option<Duration>,
    /// Between two reads.
    pub read: Option<Duration>,
    /// For the call as a whole.
    pub total: Option<Duration>,
}

/// Where the webhook is; its URL is often a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notify {
    /// Here.
    Url(HttpUrl),
    /// Where this variable says.
    Variable(String),
}

/// Budgets of a run; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Deletes.
    pub delete: Option<usize>,
    /// Replacements and re-registrations.
    pub replace: Option<usize>,
}

/// Reads the nearest project file at or above the given folder. The search ends at the root of a Git repository.
/// Without a file there is one profile, `local`, with the emulator.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn load(start: &Path) -> Result<Project, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let project = match nearest(start) {
        Ok(Some(file)) => read(&file, &mut findings),
        Ok(None) => Some(built_in(start)),
        Err(error) => {
            find::unreadable(&error, &mut findings);
            None
        }
    };
    findings.into_warnings()?;
    Ok(project.unwrap_or_else(|| built_in(start)))
}

fn built_in(folder: &Path) -> Project {
    Project {
        folder: folder.to_owned(),
        file: None,
        default_profile: Some(BUILT_IN_PROFILE.to_owned()),
        profiles: BTreeMap::from([(BUILT_IN_PROFILE.to_owned(), Profile::emulator())]),
        lines: BTreeMap::new(),
    }
}

fn nearest(start: &Path) -> Result<Option<PathBuf>, fs::FsError> {
    let start = fs::entry(start)?.real;
    for folder in start.ancestors() {
        let file = folder.join(PROJECT_FILE);
        match fs::entry(&file) {
            Ok(_) => return Ok(Some(file)),
            Err(error) if !error.is_not_found() => return Err(error),
            Err(_) if fs::entry(&folder.join(".git")).is_ok() => return Ok(None),
            Err(_) => {}
        }
    }
    Ok(None)
}

/// `None` when the file could not even be read.
fn read(file: &Path, findings: &mut Findings) -> Option<Project> {
    let source = find::source(file, findings)?;
    let mut report = Report::new(&source, findings);
    let folder = fs::parent(file);
    let mut project = Project { file: Some(file.to_owned()), ..built_in(folder) };
    if let Some(root) = root(&source, &mut project.lines, &mut report) {
        profiles(root, &mut project, &mut report);
    }
    Some(project)
}

/// The one document of the file; `None` when the file says nothing, or what it says was reported.
fn root(source: &Source, lines: &mut BTreeMap<String, u32>, report: &mut Report<'_>) -> Option<Object> {
    let mut text = source.text().as_bytes();
    let mut documents = yaml::documents(&mut text);
    let first = documents.next()?;
    match documents.next() {
        None => {}
        Some(Ok(second)) => {
            let message = "the project file has more than one document".to_owned();
            report.error::<()>(codes::PROJECT_DOCUMENTS, second.mark, message, "the second one", None);
        }
        Some(Err(unreadable)) => report.unreadable(unreadable),
    }
    match first {
        Ok(node) => {
            locate(&node, "", lines);
            Object::root(node, "the project file", report)
        }
        Err(unreadable) => {
            report.unreadable(unreadable);
            None
        }
    }
}

/// Remembers the line of every setting.
fn locate(node: &Node, path: &str, lines: &mut BTreeMap<String, u32>) {
    let Value::Map(entries) = &node.value else { return };
    for (key, node) in entries {
        let Value::Text(name) = &key.value else { continue };
        let path = join(path, name);
        locate(node, &path, lines);
        lines.insert(path, key.mark.line);
    }
}

fn profiles(mut root: Object, project: &mut Project, report: &mut Report<'_>) {
    let mut names = vec![BUILT_IN_PROFILE.to_owned()];
    let default = root.optional("defaultProfile");
    let mark = default.as_ref().map(|field| field.node.mark);
    let default = default.and_then(|field| decode::line(field, report));
    if let Some(field) = root.optional("profiles") {
        let entries = decode::map(field, report).unwrap_or_default();
        names = entries.iter().map(|(name, _)| name.clone()).collect();
        project.profiles =
            entries.into_iter().filter_map(|(name, field)| profile_of(name, field, report)).collect();
        project.default_profile = names.first().filter(|_| names.len() == 1).cloned();
    }
    root.finish(report);
    let (Some(name), Some(mark)) = (default, mark) else { return };
    if !names.contains(&name) {
        let help = suggest::help(&name, names.iter().map(String::as_str));
        let message = format!("`defaultProfile` names `{name}`, which is not a profile");
        report.error::<()>(codes::UNKNOWN_PROFILE, mark, message, "not a profile", Some(help));
    }
    project.default_profile = Some(name);
}

fn profile_of(name: String, field: Field, report: &mut Report<'_>) -> Option<(String, Profile)> {
    profile::check_name(&name, field.key, report)?;
    Some((name, profile::read(field, report)?))
}
