//! What lies on this machine: project, profile, state, manifests, credentials. Opens no socket, except for a key that is
//! fetched by URI.

use std::path::PathBuf;

use super::Check;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::summary::count;
use crate::cli::session::Session;
use crate::cli::wire::Wired;
use crate::cli::wire::accounts::Account;
use crate::domain::desired::Unresolved;
use crate::domain::journal::Recovered;
use crate::platform::fs;

/// Why there is no session.
pub(crate) fn unopened(error: &CliError) -> Vec<Check> {
    match error {
        CliError::Usage(_) => vec![
            Check::ok("project-file", "valid"),
            Check::fail("profile", error.message(), "correct --profile or --set", error.exit()),
        ],
        _ => vec![Check::error("project-file", error, "mend it: `reconcile validate` shows the place")],
    }
}

/// Everything that can be seen without the service. Gives what is declared and recorded too, as far as it can be read.
pub(crate) fn project(
    session: &Session,
    paths: Vec<PathBuf>,
    accounts: &Result<Vec<Account>, CliError>,
) -> (Vec<Check>, Unresolved, Option<Recovered>) {
    let wired = &session.wired;
    let mut checks = found(wired, accounts);
    checks.push(folder(wired));
    let recorded = wired.state.read().map_err(CliError::from);
    checks.push(state(&recorded));
    checks.push(key(wired));
    let declared = session.manifests(paths).map(|loaded| (loaded.files, loaded.desired));
    checks.push(match &declared {
        Ok((_, declared)) if declared.declared().is_empty() => Check::warn(
            "manifests",
            "nothing is declared",
            "name the folder of the manifests, or write some: `reconcile explain FlinkConnector`",
        ),
        Ok((files, declared)) => {
            let (files, objects) = (count(*files, "file"), count(declared.declared().len(), "object"));
            Check::ok("manifests", format!("{objects} in {files}"))
        }
        Err(error) => Check::error("manifests", error, "`reconcile validate` shows every place"),
    });
    match accounts {
        Ok(accounts) => checks.extend(accounts.iter().flat_map(account)),
        Err(error) => checks.push(Check::error("endpoint", error, "mend the profile in reconcile.yaml")),
    }
    let declared = declared.map(|(_, declared)| declared).unwrap_or_default();
    (checks, declared, recorded.ok().flatten())
}

fn found(wired: &Wired, accounts: &Result<Vec<Account>, CliError>) -> Vec<Check> {
    let file = wired.project.file.as_ref().map_or_else(
        || "none from here up: the built-in profile is in force".to_owned(),
        |file| file.display().to_string(),
    );
    let talks_to = match accounts.as_deref() {
        Ok([]) => "the built-in emulator".to_owned(),
        Ok(accounts) => {
            accounts.iter().map(|account| account.owner.to_string()).collect::<Vec<_>>().join(", ")
        }
        Err(_) => "settings that cannot be used".to_owned(),
    };
    vec![
        Check::ok("project-file", file),
        Check::ok("profile", format!("{}, which talks to {talks_to}", wired.profile)),
    ]
}

fn folder(wired: &Wired) -> Check {
    let path = wired.state.path();
    match wired.state.probe() {
        Ok(()) if fs::entry(path).is_ok() => {
            Check::ok("state-folder", format!("{}: writable, and its locks exclude", path.display()))
        }
        Ok(()) => Check::ok("state-folder", format!("{} can be made by the first apply", path.display())),
        Err(error) => Check::error("state-folder", &error.into(), "name another folder with --state"),
    }
}

fn state(recorded: &Result<Option<Recovered>, CliError>) -> Check {
    match recorded {
        Ok(None) => Check::ok("state", "nothing was recorded yet"),
        Ok(Some(Recovered { snapshot, open, .. })) => {
            let objects = count(snapshot.resources.len(), "object");
            let fact = format!("serial {}, {objects}", snapshot.serial.0);
            if open.is_empty() {
                return Check::ok("state", fact);
            }
            let open = count(open.len(), "write");
            let fact = format!("{fact}, {open} of an interrupted run not settled");
            Check::warn("state", fact, "`reconcile apply` looks what became of it, and settles it")
        }
        Err(error) => Check::error("state", error, "bring the folder back from a copy, or make it readable"),
    }
}

/// Who reads the key can try guesses against the fingerprints of secrets.
fn key(wired: &Wired) -> Check {
    let looked = wired.state.fingerprint_key().and_then(|_| wired.state.key_mode());
    match looked {
        Ok(None) => Check::ok("key-file", "none yet: no secret was recorded"),
        Ok(Some((path, mode))) if mode & 0o077 != 0 => Check::fail(
            "key-file",
            format!(
                "{} has mode {mode:04o}: others can try guesses against recorded secrets",
                path.display()
            ),
            format!("chmod 600 {}", path.display()),
            Exit::Error,
        ),
        Ok(Some((_, mode))) => Check::ok("key-file", format!("mode {mode:04o}")),
        Err(error) => Check::error("key-file", &error.into(), "make it readable, or remove it"),
    }
}

fn account(account: &Account) -> [Check; 2] {
    let endpoint = match &account.origin {
        Ok(origin) => Check::ok("endpoint", origin.to_string()),
        Err(why) => Check::fail("endpoint", why, "mend the profile in reconcile.yaml", Exit::Error),
    };
    let credentials = match &account.credentials {
        Ok(found) => Check::ok("credentials", format!("found in {found}")),
        Err(why) => {
            let remedy = if account.is_signed() {
                "set the two variables ALIBABA_CLOUD_ACCESS_KEY_…, or run `aliyun configure`"
            } else {
                "make a token in DeltaStream (CREATE API_TOKEN) and put it into the variable"
            };
            Check::fail("credentials", why, remedy, Exit::Auth)
        }
    };
    [endpoint.about(&account.owner), credentials.about(&account.owner)]
}
