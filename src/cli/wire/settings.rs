//! The settings in force and where each comes from (features 3.10): told from the same project, options and defaults
//! that the providers are built from. No secret is among them: of a key and a token it is said where they were found.

use std::fmt;
use std::time::Duration;

use super::Wired;
use crate::cli::args::{Given, How};
use crate::manifest::project::{self, CallTimeouts, Deltastream, Notify, Service, Target, Ververica};
use crate::platform::env;
use crate::platform::http::Deadlines;
use crate::providers::alicloud::credentials::ProcessEnvironment;
use crate::providers::deltastream::settings::DEFAULT_URL;

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name: a path in the profile, or the long form of a flag.
    pub(crate) name: String,
    /// Its value; `None` when it has none.
    pub(crate) value: Option<String>,
    /// Where the value comes from.
    pub(crate) origin: Origin,
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This flag, without dashes.
    Flag(String),
    /// This variable.
    Variable(String),
    /// This line of the project file.
    File(u32),
    /// This source of the vendor's chain.
    Chain(String),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "flag --{name}"),
            Origin::Variable(name) => write!(f, "variable {name}"),
            Origin::File(line) => write!(f, "reconcile.yaml:{line}"),
            Origin::Chain(source) => write!(f, "the vendor's chain: {source}"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// The settings of the profile: `own` are the options of this command line, `running` those that `apply` would have.
pub(crate) async fn settings(wired: &Wired, own: &[Given], running: &[Given]) -> Vec<Setting> {
    let mut told = Told { wired, own, settings: Vec::new() };
    told.profile();
    told.services().await;
    for (limit, flag, value) in [
        ("limits.delete", "max-delete", wired.limits.delete),
        ("limits.replace", "max-replace", wired.limits.replace),
    ] {
        told.of(limit, find(running, flag), value.map(|value| value.to_string()), None);
    }
    told.webhook();
    for (name, scalar) in wired.values.iter() {
        let path = format!("values.{name}");
        // What `--set` says wins, so a value that the file does not have as well comes from there.
        let declared = told.declared().and_then(|profile| profile.values.get(name)) == Some(scalar);
        let origin = if declared { told.line(&path) } else { None };
        let origin = origin.unwrap_or_else(|| Origin::Flag("set".to_owned()));
        told.add(&path, Some(scalar.to_string()), origin);
    }
    let overrides = told.declared().map(|profile| super::verification::settings(&profile.verification));
    for (path, value) in overrides.unwrap_or_default() {
        let origin = told.line(&path).unwrap_or(Origin::Default);
        told.add(&path, Some(value), origin);
    }
    let shared = running.iter().filter(|given| !matches!(&*given.name, "max-delete" | "max-replace"));
    for given in
        shared.filter(|given| !given.global).chain(own.iter().filter(|given| is_display(&given.name)))
    {
        told.of(&given.name, Some(given), None, given.value.clone());
    }
    for name in
        ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"]
    {
        // The address of a proxy may hold a password.
        if env::var(name).is_some() {
            told.add(name, Some("set".to_owned()), Origin::Variable(name.to_owned()));
        }
    }
    told.settings
}

fn is_display(name: &str) -> bool {
    matches!(name, "output" | "color" | "quiet" | "verbose")
}

fn find<'g>(given: &'g [Given], name: &str) -> Option<&'g Given> {
    given.iter().find(|given| given.name == name)
}

struct Told<'a> {
    wired: &'a Wired,
    own: &'a [Given],
    settings: Vec<Setting>,
}

impl Told<'_> {
    fn add(&mut self, name: &str, value: Option<String>, origin: Origin) {
        self.settings.push(Setting { name: name.to_owned(), value, origin });
    }

    /// The place of a setting of the profile in the project file.
    fn line(&self, path: &str) -> Option<Origin> {
        self.wired
            .project
            .lines
            .get(&format!("profiles.{}.{path}", self.wired.profile))
            .copied()
            .map(Origin::File)
    }

    fn declared(&self) -> Option<&project::Profile> {
        self.wired.project.profiles.get(&self.wired.profile)
    }

    /// A setting by precedence: flag, variable, project file, default.
    fn of(&mut self, path: &str, given: Option<&Given>, declared: Option<String>, default: Option<String>) {
        let origin = |given: &Given| match given.how {
            How::Flag => Some(Origin::Flag(given.name.clone())),
            How::Variable => Some(Origin::Variable(given.variable.clone())),
            How::Default => None,
        };
        if let Some((given, origin)) = given.and_then(|given| Some((given, origin(given)?))) {
            return self.add(path, given.value.clone(), origin);
        }
        match (declared, self.line(path)) {
            (Some(declared), Some(line)) => self.add(path, Some(declared), line),
            _ => self.add(path, default, Origin::Default),
        }
    }

    fn profile(&mut self) {
        let Wired { project, profile, state, .. } = self.wired;
        let default =
            project.lines.get("defaultProfile").or_else(|| project.lines.get(&format!("profiles.{profile}")));
        let given = find(self.own, "profile").filter(|given| given.how != How::Default);
        if given.is_some() {
            self.of("profile", given, None, None);
        } else {
            self.add(
                "profile",
                Some(profile.clone()),
                default.copied().map_or(Origin::Default, Origin::File),
            );
        }
        let file = project.file.as_ref().map(|file| file.display().to_string());
        self.add("project", file, Origin::Default);
        let folder = state.path().display().to_string();
        self.of("state", find(self.own, "state"), Some(folder.clone()), Some(folder));
    }

    /// Of the webhook's URL only the host is shown: who knows the rest can send messages to it.
    fn webhook(&mut self) {
        match self.declared().and_then(|profile| profile.notify.clone()) {
            None => {}
            Some(Notify::Url(url)) => {
                self.of("notify.url", None, Some(format!("{}/…", url.origin())), None);
            }
            Some(Notify::Variable(name)) => self.of("notify.urlVariable", None, Some(name), None),
        }
    }

    async fn services(&mut self) {
        let endpoint = find(self.own, "ververica-endpoint").filter(|given| given.how != How::Default);
        let url = find(self.own, "deltastream-url").filter(|given| given.how != How::Default);
        let (ververica, deltastream) = match self.declared().map(|profile| profile.target.clone()) {
            Some(Target::Cloud { ververica, deltastream }) => (ververica, deltastream),
            Some(Target::Emulator) | None => {
                if endpoint.is_none() && url.is_none() {
                    return self.of("emulator", None, Some("true".to_owned()), Some("true".to_owned()));
                }
                (None, None)
            }
        };
        if ververica.is_some() || endpoint.is_some() {
            self.ververica(ververica.as_deref(), endpoint).await;
        }
        if deltastream.is_some() || url.is_some() {
            self.deltastream(&deltastream.unwrap_or_default(), url);
        }
    }

    async fn ververica(&mut self, own: Option<&Ververica>, endpoint: Option<&Given>) {
        let Ververica { settings, workspaces } = own.cloned().unwrap_or_default();
        let Service {
            region,
            endpoint: declared,
            network,
            signature,
            send_definition,
            proxy,
            credentials,
            timeouts,
        } = &settings;
        self.of("ververica.endpoint", endpoint, declared.clone(), None);
        self.of("ververica.region", None, region.clone(), None);
        let network = network.map(|network| match network {
            project::Network::Public => "public",
            project::Network::Vpc => "vpc",
        });
        self.of("ververica.network", None, network.map(str::to_owned), Some("public".to_owned()));
        let signature = signature.map(|signature| match signature {
            project::Signature::Acs3 => "acs3",
            project::Signature::Roa => "roa",
        });
        self.of("ververica.signature", None, signature.map(str::to_owned), Some("acs3".to_owned()));
        let send = send_definition.map(|send| send.to_string());
        // An address that was named without a profile behind it is taken for an emulator.
        self.of("ververica.sendDefinition", None, send, Some(own.is_none().to_string()));
        self.proxy("ververica.proxy", proxy.as_ref());
        self.timeouts("ververica.timeouts", *timeouts);
        self.key("ververica.credentials", credentials.as_ref()).await;
        for (id, service) in &workspaces {
            let path = |name: &str| format!("workspaces.{id}.{name}");
            if endpoint.is_none() {
                for (name, value) in [("endpoint", &service.endpoint), ("region", &service.region)] {
                    if value.is_some() {
                        self.of(&path(name), None, value.clone(), None);
                    }
                }
            }
            if service.credentials.is_some() {
                self.key(&path("credentials"), service.credentials.as_ref()).await;
            }
        }
    }

    /// Where the access key is found now.
    async fn key(&mut self, path: &str, declared: Option<&project::CredentialSource>) {
        let source = declared.cloned().map(super::alicloud::credentials).unwrap_or_default();
        match (source.locate(&ProcessEnvironment).await, self.line(path)) {
            (Ok(found), None) => self.add(path, Some("set".to_owned()), Origin::Chain(found.to_owned())),
            (Ok(_), Some(line)) => self.add(path, Some("set".to_owned()), line),
            (Err(_), line) => self.add(path, None, line.unwrap_or(Origin::Default)),
        }
    }

    fn deltastream(&mut self, own: &Deltastream, url: Option<&Given>) {
        let Deltastream { url: declared, organization, role, token_variable, proxy, timeouts } = own;
        self.of("deltastream.url", url, declared.clone(), Some(DEFAULT_URL.to_owned()));
        for (name, declared, flag, variable) in [
            ("organization", organization, "deltastream-organization", "DELTASTREAM_ORGANIZATION"),
            ("role", role, "deltastream-role", "DELTASTREAM_ROLE"),
        ] {
            let given = find(self.own, flag).filter(|given| given.how != How::Default);
            let path = format!("deltastream.{name}");
            match env::var(variable) {
                Some(value) if given.is_none() && declared.is_none() => {
                    self.add(&path, Some(value), Origin::Variable(variable.to_owned()));
                }
                _ => self.of(&path, given, declared.clone(), None),
            }
        }
        self.proxy("deltastream.proxy", proxy.as_ref());
        self.timeouts("deltastream.timeouts", *timeouts);
        let variable = token_variable.as_deref().unwrap_or("DELTASTREAM_API_TOKEN");
        let is_set = env::var(variable).map(|_| "set".to_owned());
        self.add("deltastream.token", is_set, Origin::Variable(variable.to_owned()));
    }

    fn proxy(&mut self, path: &str, declared: Option<&project::Proxy>) {
        let shown = declared.map(|proxy| match proxy {
            project::Proxy::System => "system".to_owned(),
            project::Proxy::None => "none".to_owned(),
            project::Proxy::Url(url) => url.clone(),
        });
        self.of(path, None, shown, Some("system".to_owned()));
    }

    fn timeouts(&mut self, path: &str, declared: CallTimeouts) {
        let defaults = Deadlines::default();
        let shown = |time: Duration| format!("{}ms", time.as_millis());
        for (name, declared, default) in [
            ("connect", declared.connect, defaults.connect),
            ("read", declared.read, defaults.read),
            ("total", declared.total, defaults.total),
        ] {
            self.of(&format!("{path}.{name}"), None, declared.map(shown), Some(shown(default)));
        }
    }
}
