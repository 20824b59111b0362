//! Reads one profile of the project file: no credential is ever in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::object::{Field, Object};
use super::project::{
    CallTimeouts, CredentialSource, Deltastream, Limits, Network, Profile, Proxy, Service, Signature, Target,
    Ververica,
};
use super::report::Report;
use super::yaml::{Mark, Value};
use super::{codes, decode, sealed, values, verification, webhook};
use crate::domain::address::ObjectName;
use crate::domain::natural_key::WorkspaceId;

/// A profile names its state folder, so its name obeys the rule of object names.
pub(super) fn check_name(name: &str, mark: Mark, report: &mut Report<'_>) -> Option<()> {
    if ObjectName::new(name).is_ok() {
        return Some(());
    }
    let name = report.key(mark, name);
    let message = format!(
        "`{name}` is not a profile name: use letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
    );
    report.error(codes::BAD_NAME, mark, message, "refused", None)
}

/// Reads the profile.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Profile> {
    let mark = field.key;
    let mut object = Object::open(field, "a profile", report)?;
    let emulator = object.optional("emulator").and_then(|field| decode::flag(&field, report));
    let ververica = object.optional("ververica").map(|field| service(field, report).unwrap_or_default());
    let workspaces = object.optional("workspaces").map(|field| workspaces(field, report));
    let deltastream =
        object.optional("deltastream").map(|field| deltastream(field, report).unwrap_or_default());
    let state = object.optional("state").and_then(|field| decode::line(field, report)).map(PathBuf::from);
    let limits = object.optional("limits").and_then(|field| limits(field, report)).unwrap_or_default();
    let values = object.optional("values").map(|field| values::declared(field, report)).unwrap_or_default();
    let verification = object
        .optional("verification")
        .and_then(|field| verification::overrides(field, report))
        .unwrap_or_default();
    let notify = object.optional("notify").and_then(|field| webhook::read(field, report));
    object.finish(report);
    let ververica = match (ververica, workspaces) {
        (Some(settings), workspaces) => {
            Some(Box::new(Ververica { settings, workspaces: workspaces.unwrap_or_default() }))
        }
        (None, None) => None,
        (None, Some(_)) => {
            let message = "the profile has settings of workspaces, but not of their service".to_owned();
            let help = "add `ververica: {}`".to_owned();
            return report.error(codes::PROFILE_TARGET, mark, message, "no `ververica`", Some(help));
        }
    };
    let target = match (emulator.unwrap_or_default(), ververica, deltastream.map(Box::new)) {
        (true, None, None) => Target::Emulator,
        (false, None, None) => {
            let message = "the profile does not say what it talks to".to_owned();
            let help = "add `emulator: true`, `ververica: {region: …}` or `deltastream: {organization: …}`"
                .to_owned();
            return report.error(codes::PROFILE_TARGET, mark, message, "none of them", Some(help));
        }
        (false, ververica, deltastream) => Target::Cloud { ververica, deltastream },
        (true, _, _) => {
            let message = "the profile has `emulator: true` and settings of a service".to_owned();
            let help = "remove one of them".to_owned();
            return report.error(codes::PROFILE_TARGET, mark, message, "one or the other", Some(help));
        }
    };
    Some(Profile { target, state, limits, values, verification: Box::new(verification), notify })
}

fn workspaces(field: Field, report: &mut Report<'_>) -> BTreeMap<WorkspaceId, Service> {
    let mut read = BTreeMap::new();
    for (id, field) in decode::map(field, report).unwrap_or_default() {
        match WorkspaceId::new(&*id) {
            Ok(id) => {
                read.insert(id, service(field, report).unwrap_or_default());
            }
            Err(error) => {
                let message = report.about(field.key, &id, &error);
                report.error::<()>(codes::BAD_KEY, field.key, message, "refused", None);
            }
        }
    }
    read
}

fn service(field: Field, report: &mut Report<'_>) -> Option<Service> {
    let mut object = Object::open(field, "ververica", report)?;
    let networks = [("public", Network::Public), ("vpc", Network::Vpc)];
    let signatures = [("acs3", Signature::Acs3), ("roa", Signature::Roa)];
    let region = object.optional("region").and_then(|field| decode::line(field, report));
    let endpoint = object.optional("endpoint").and_then(|field| url(field, report));
    let network = object.optional("network").and_then(|field| decode::choice(field, &networks, report));
    let signature = object.optional("signature").and_then(|field| decode::choice(field, &signatures, report));
    let send_definition = object.optional("sendDefinition").and_then(|field| decode::flag(&field, report));
    let proxy = object.optional("proxy").and_then(|field| proxy(field, report));
    let credentials = object.optional("credentials").and_then(|field| credentials(field, report));
    let timeouts = object.optional("timeouts").and_then(|field| timeouts(field, report)).unwrap_or_default();
    object.finish(report);
    Some(Service { region, endpoint, network, signature, send_definition, proxy, credentials, timeouts })
}

fn deltastream(field: Field, report: &mut Report<'_>) -> Option<Deltastream> {
    let mut object = Object::open(field, "deltastream", report)?;
    let url = object.optional("url").and_then(|field| url(field, report));
    let organization = object.optional("organization").and_then(|field| decode::line(field, report));
    let role = object.optional("role").and_then(|field| decode::line(field, report));
    let token_variable = object.optional("token").and_then(|field| token(field, report));
    let proxy = object.optional("proxy").and_then(|field| proxy(field, report));
    let timeouts = object.optional("timeouts").and_then(|field| timeouts(field, report)).unwrap_or_default();
    object.finish(report);
    Some(Deltastream { url, organization, role, token_variable, proxy, timeouts })
}

/// Where the token is: `env` for the vendor's variable, or `{fromEnv: NAME}` for another one. Never the token.
fn token(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    match &field.node.value {
        Value::Text(text) if text == "env" => None,
        Value::Map(_) => {
            let mut object = Object::open(field, "token", report)?;
            let variable =
                object.required("fromEnv", report).and_then(|field| sealed::variable(field, report));
            object.finish(report);
            variable
        }
        Value::Null | Value::Tagged(_) | Value::List(_) => {
            decode::mismatch(&field, "`env` or a mapping", report)
        }
        Value::Text(_) | Value::Flag(_) | Value::Whole(_) | Value::Number => {
            let message = format!("`{path}` is not the place for a token");
            let help = "write `token: env` or `token: {fromEnv: NAME}`".to_owned();
            report.error(codes::TOKEN_IN_FILE, mark, message, "refused", Some(help))
        }
    }
}

fn proxy(field: Field, report: &mut Report<'_>) -> Option<Proxy> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    match url(field, report)?.as_str() {
        "system" => Some(Proxy::System),
        "none" => Some(Proxy::None),
        address if address.starts_with("http://") || address.starts_with("https://") => {
            Some(Proxy::Url(address.to_owned()))
        }
        other => {
            let shown = report.value(mark, other, ["system", "none"]);
            let message = format!("`{path}` cannot be `{shown}`: allowed are `system`, `none` and a URL");
            let help = format!("write `http://{shown}`");
            report.error(codes::BAD_URL, mark, message, "not a URL", Some(help))
        }
    }
}

/// A host or URL without a user name or password; a line with one is not even shown.
fn url(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    if matches!(&field.node.value, Value::Text(text) if text.contains('@')) {
        let message = format!("`{path}` holds a user name or password");
        let help = "put it into HTTPS_PROXY and write `proxy: system`".to_owned();
        return report.error_unseen(codes::BAD_URL, mark, message, Some(help));
    }
    decode::line(field, report)
}

fn credentials(field: Field, report: &mut Report<'_>) -> Option<CredentialSource> {
    if let Value::Map(_) = field.node.value {
        let mut object = Object::open(field, "credentials", report)?;
        let name = object.required("profile", report).and_then(|field| decode::line(field, report));
        object.finish(report);
        return name.map(CredentialSource::Profile);
    }
    let choices = [("env", false), ("uri", true)];
    let from_uri = decode::choice(field, &choices, report)?;
    Some(if from_uri { CredentialSource::Uri } else { CredentialSource::Env })
}

fn timeouts(field: Field, report: &mut Report<'_>) -> Option<CallTimeouts> {
    let mut object = Object::open(field, "timeouts", report)?;
    let mut duration = |name, report: &mut Report<'_>| {
        object.optional(name).and_then(|field| decode::duration(field, report))
    };
    let connect = duration("connect", report);
    let read = duration("read", report);
    let total = duration("total", report);
    object.finish(report);
    Some(CallTimeouts { connect, read, total })
}

fn limits(field: Field, report: &mut Report<'_>) -> Option<Limits> {
    let mut object = Object::open(field, "limits", report)?;
    let mut count =
        |name, report: &mut Report<'_>| object.optional(name).and_then(|field| decode::count(&field, report));
    let delete = count("delete", report);
    let replace = count("replace", report);
    object.finish(report);
    Some(Limits { delete, replace })
}
