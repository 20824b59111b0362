//! A place of work: manifests, a state folder, an empty home, and the command line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::program::{Ended, Program, run};
use super::scenario::{Connector, NAMESPACES, Seen};
use super::world::SECRETS;

/// A folder that goes away with the value; in memory if there is such a place, for a kill keeps the page cache anyway.
pub(super) struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    pub(super) fn new() -> Self {
        let shared_memory = Path::new("/dev/shm");
        let folder =
            if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() };
        Self { folder: folder.unwrap() }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The state folder.
    pub(super) fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// In memory only if that is asked for.
    pub(super) fn on_disk(on_disk: bool) -> Self {
        if on_disk { Self { folder: tempfile::tempdir().unwrap() } } else { Self::new() }
    }

    /// A copy of state and world, with a log that begins anew.
    pub(super) fn copy(&self, on_disk: bool) -> Self {
        let copy = Self::on_disk(on_disk);
        copy_folder(self.path(), copy.path());
        copy
    }

    /// Declares exactly these.
    pub(super) fn declare(&self, connectors: &[Connector]) {
        self.declare_in("manifests", connectors);
    }

    /// Declares exactly these in a folder of that name.
    pub(super) fn declare_in(&self, folder: &str, connectors: &[Connector]) {
        self.write_manifest(folder, &manifest(connectors));
    }

    /// Declares exactly this in a folder of that name.
    pub(super) fn write_manifest(&self, folder: &str, text: &str) {
        let folder = self.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("all.yaml"), text).unwrap();
    }

    /// A command line of the product. An empty endpoint means the emulator of the profile.
    pub(super) fn command(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = binary();
        self.prepare(&mut command, endpoint);
        command.args(Self::arguments(arguments));
        command
    }

    /// The working folder and the environment of a command.
    pub(super) fn prepare(&self, command: &mut Command, endpoint: &str) {
        command.current_dir(self.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.path()).env("USER", "tester").env("RECONCILE_STATE", "state");
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "FAKE-AK-ID-0001");
        command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "fake-secret-not-a-real-key-0001");
        command.env("RECONCILE_POLL_INTERVAL", "50ms");
        command.env("DELTASTREAM_API_TOKEN", "fake-token-0001").env("RECONCILE_STORE_TIME_DIVISOR", "50");
        for (variable, value) in SECRETS {
            command.env(variable, value);
        }
        if !endpoint.is_empty() {
            command.env("RECONCILE_VERVERICA_ENDPOINT", endpoint);
            command.env("RECONCILE_DELTASTREAM_URL", format!("{endpoint}/v2"));
        }
    }

    /// The arguments, with the folder `manifests` for `apply` and `plan` if nothing else is named.
    pub(super) fn arguments(arguments: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let named = ["-f", "--resume", "plan.out"].iter().any(|flag| arguments.contains(flag));
        if matches!(arguments.first(), Some(&"apply" | &"plan")) && !named {
            all.push("manifests".to_owned());
        }
        all
    }

    /// Runs a command line to its end.
    pub(super) fn run(&self, endpoint: &str, arguments: &[&str]) -> Ended {
        run(self.command(endpoint, arguments))
    }

    /// Starts a command line.
    pub(super) fn start(&self, endpoint: &str, arguments: &[&str]) -> Program {
        Program::start(self.command(endpoint, arguments))
    }

    /// Starts a command line on a terminal of its own, on which nobody types. The first line of output is its process id.
    pub(super) fn at_a_prompt(&self, endpoint: &str, arguments: &[&str]) -> Program {
        let mut command = Command::new("python3");
        self.prepare(&mut command, endpoint);
        let spawn = "import os, pty, sys\npid, terminal = pty.fork()\nif pid == 0: os.execv(sys.argv[1], sys.argv[1:])\n\
                     print(pid, flush=True)\n\
                     try:\n  while chunk := os.read(terminal, 4096): os.write(1, chunk)\nexcept OSError: pass\n\
                     status = os.waitpid(pid, 0)[1]\n\
                     sys.exit(os.waitstatus_to_exitcode(status))";
        command.arg("-c").arg(spawn).arg(env!("CARGO_BIN_EXE_reconcile")).args(Self::arguments(arguments));
        Program::start(command)
    }

    /// What `-o json` of a command line says.
    pub(super) fn json(&self, endpoint: &str, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
        let ended = self.run(endpoint, &arguments).exits(0);
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// What is live in the namespaces of the scenarios.
    pub(super) fn live(&self, endpoint: &str) -> BTreeSet<Seen> {
        let mut live = BTreeSet::new();
        for namespace in NAMESPACES {
            let listed = self.json(endpoint, &["list", &format!("w:{namespace}")]);
            for object in listed["objects"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let formats = object["fields"]["supportedFormats"].as_array().unwrap();
                live.insert(Seen {
                    id: text(&object["id"]),
                    kind: text(&object["fields"]["connectorType"]),
                    formats: formats.iter().map(text).collect(),
                });
            }
        }
        live
    }
}

/// The text of a file that declares these.
pub(super) fn manifest(connectors: &[Connector]) -> String {
    let mut text = String::new();
    for Connector { address, namespace, name, kind, jar, formats, depends_on, more } in connectors {
        let formats = formats.join(", ");
        writeln!(
            text,
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {{name: {address}}}\nspec:\n  \
             workspaceId: w\n  namespaceName: {namespace}\n  connectorName: {name}\n  connectorType: {kind}\n  \
             jarUrl: oss://jars/{jar}\n  source: true\n  supportedFormats: [{formats}]\n{more}"
        )
        .unwrap();
        if let Some(before) = depends_on {
            writeln!(text, "dependsOn: [FlinkConnector/{before}]").unwrap();
        }
    }
    text
}

/// The product, without arguments.
pub(super) fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_reconcile"))
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else if entry.file_name() != "requests.jsonl" {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
