//! Properties 21 and 22: what stands in the files is what is used, and what a profile says wins, that and nothing else.

use std::io::Write as _;
use std::path::Path;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};

use super::trial::{Judged, Trial, judge, require};
use super::written::{Password, Written, of_profile, of_suite};
use crate::domain::suite::mysql::Mysql;
use crate::domain::suite::verdict::Verdict;
use crate::platform::fs;

/// Somebody who reads the files of a project as `verify` does.
pub trait SuiteReader: Send + Sync {
    /// The database of the only suite in this folder (`suite.yaml`), as it is used in a profile of its `reconcile.yaml`, with
    /// its password.
    ///
    /// # Errors
    /// In words: it cannot be read.
    fn read(&self, folder: &Path, profile: &str) -> Result<Mysql, String>;
}

/// A suite, and what profiles say about it.
#[derive(Debug, Clone)]
struct Project {
    suite: Written,
    profiles: Vec<(String, Written)>,
    /// Blocks on one line, or each field on a line of its own.
    on_one_line: bool,
}

/// Property 21: any valid file gives exactly these connection parameters, from wherever the password comes.
pub fn external_configuration(reader: &dyn SuiteReader, trial: Trial) -> Verdict {
    let cases = (of_suite(), any::<bool>()).prop_map(|(suite, on_one_line)| {
        let profiles = vec![("plain".to_owned(), Written::default())];
        Project { suite, profiles, on_one_line }
    });
    judge(trial, &cases, async |project| check(reader, &project))
}

/// Property 22: in each environment its own profile wins over the suite, field by field, and nothing else is changed.
pub fn environment_configuration(reader: &dyn SuiteReader, trial: Trial) -> Verdict {
    let cases = (of_suite(), of_profile("staging.password"), of_profile("prod.password"), any::<bool>());
    let cases = cases.prop_map(|(suite, staging, prod, on_one_line)| {
        let named = [("plain", Written::default()), ("staging", staging), ("prod", prod)];
        let profiles = named.map(|(name, written)| (name.to_owned(), written)).into();
        Project { suite, profiles, on_one_line }
    });
    judge(trial, &cases, async |project| check(reader, &project))
}

/// Every profile of the project gives what must come of it.
fn check(reader: &dyn SuiteReader, project: &Project) -> Judged {
    let machine = |error: &dyn std::fmt::Display| format!("the machine gives no folder: {error}");
    let folder = fs::temporary_folder(&std::env::temp_dir()).map_err(|error| machine(&error))?;
    let write = |name: &str, text: &str| {
        let mut file = fs::create_new(&folder.path().join(name)).map_err(|error| machine(&error))?;
        file.write_all(text.as_bytes()).map_err(|error| machine(&error))
    };
    write("suite.yaml", &project.manifest())?;
    write("reconcile.yaml", &project.file())?;
    for written in project.profiles.iter().map(|(_, written)| written).chain([&project.suite]) {
        if let Some(Password::File { name, text, end }) = &written.password {
            write(name, &format!("{text}{end}"))?;
        }
    }
    let (mut fields, mut passwords) = (0, 0);
    for (profile, over) in &project.profiles {
        let read = reader.read(folder.path(), profile)?;
        let expected = project.suite.expected(over, folder.path());
        let without = Mysql { password: None, ..read.clone() };
        require(without == expected, || {
            format!("in profile {profile} it is {without:#?}\nand must be {expected:#?}")
        })?;
        let declared = over.password.as_ref().or(project.suite.password.as_ref());
        check_password(&read, declared, folder.path())
            .map_err(|wrong| format!("in profile {profile} {wrong}"))?;
        fields += over.block().len() + project.suite.block().len();
        passwords += u64::from(declared.is_some());
    }
    Ok(vec![("profiles", project.profiles.len() as u64), ("fields", fields as u64), ("passwords", passwords)])
}

/// Says nothing of a password itself: it may be one of this machine.
fn check_password(read: &Mysql, declared: Option<&Password>, folder: &Path) -> Result<(), String> {
    match (&read.password, declared) {
        (None, None) => Ok(()),
        (Some(_), None) => Err("there is a password, and none is declared".to_owned()),
        (None, Some(_)) => Err("there is no password, and one is declared".to_owned()),
        (Some(sealed), Some(declared)) => {
            let (is, must) = (sealed.source().to_string(), declared.source(folder));
            require(is == must, || format!("the password comes from {is} instead of {must}"))?;
            let content = sealed.content().map(|content| content.expose_secret() == declared.content());
            require(content == Some(true), || format!("the password from {must} is another one"))
        }
    }
}

impl Project {
    fn manifest(&self) -> String {
        let scenario = json!({"name": "one", "source": {"generate": {"kind": "basic"}}});
        let spec = json!({"mysql": self.suite.block(), "scenarios": [scenario]});
        let manifest = json!({
            "apiVersion": "reconcile/v1", "kind": "SinkVerification", "metadata": {"name": "suite"}, "spec": spec,
        });
        self.text(&manifest)
    }

    fn file(&self) -> String {
        let profile = |(name, over): &(String, Written)| {
            let said = json!({"emulator": true, "verification": {"mysql": over.block()}});
            (name.clone(), said)
        };
        let profiles: Map<String, Value> = self.profiles.iter().map(profile).collect();
        self.text(&json!({"profiles": profiles}))
    }

    fn text(&self, value: &Value) -> String {
        if self.on_one_line { format!("{value}\n") } else { lines(value, 0) }
    }
}

/// As a person would write it: a field on each line, deeper ones further in.
fn lines(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let line = |(name, value): (&String, &Value)| match value {
                Value::Object(fields) if !fields.is_empty() => {
                    format!("{:depth$}{name}:\n{}", "", lines(value, depth + 2))
                }
                other => format!("{:depth$}{name}: {other}\n", ""),
            };
            fields.iter().map(line).collect()
        }
        other => format!("{:depth$}{other}\n", ""),
    }
}
