//! A hermetic place to run the binary in: its own folder and home, none of the caller's variables, no proxy, no
//! terminal.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use reconcile::platform::fs;
use serde_json::Value;

use super::emulator::Emulator;

/// Large enough for everything that a test reads.
const FILE_LIMIT: u64 = 64 << 20;

/// A folder with manifests, a project file and a state, and the variables that a run of the binary sees.
pub(crate) struct TestEnv {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl TestEnv {
    /// Without a project file: the profile is `local`, with the emulator in the process itself.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["home", "work/manifests"] {
            fs::create_folder(&folder.path().join(part)).unwrap();
        }
        // The search for a project file ends at the root of a repository.
        fs::create_folder(&folder.path().join("work/.git")).unwrap();
        let env = Self { folder, variables: BTreeMap::new() };
        let home = env.folder.path().join("home").display().to_string();
        // Waits are looked at often, so that tests do not wait.
        env.with("HOME", &home).with("RECONCILE_POLL_INTERVAL", "100ms")
    }

    /// With a profile that talks to this emulator and sends definitions.
    pub(crate) fn of(emulator: &Emulator) -> Self {
        Self::with_service(emulator, "sendDefinition: true")
    }

    /// With a profile that talks to this emulator and has these further settings, as YAML flow entries.
    pub(crate) fn with_service(emulator: &Emulator, settings: &str) -> Self {
        let env = Self::new().with_key(emulator);
        env.project(&format!(
            "profiles: {{test: {{ververica: {{endpoint: '{}', {settings}}}}}}}",
            emulator.url
        ));
        env
    }

    /// With a profile that talks to both services of this emulator. Stores are waited for fifty times faster.
    pub(crate) fn with_stores(emulator: &Emulator) -> Self {
        Self::with_stores_as(emulator, "sysadmin")
    }

    /// The same, in another role.
    pub(crate) fn with_stores_as(emulator: &Emulator, role: &str) -> Self {
        let env = Self::new().with_key(emulator).with("DELTASTREAM_API_TOKEN", &emulator.token);
        env.project(&format!(
            "profiles: {{test: {{ververica: {{endpoint: '{}', sendDefinition: true}}, deltastream: {{url: '{}', role: {role}}}}}}}",
            emulator.url, emulator.deltastream
        ));
        env.with("RECONCILE_STORE_TIME_DIVISOR", "50")
    }

    /// With the access key of this emulator.
    pub(crate) fn with_key(self, emulator: &Emulator) -> Self {
        self.with("ALIBABA_CLOUD_ACCESS_KEY_ID", &emulator.access_key_id)
            .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &emulator.access_key_secret)
    }

    /// With a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The folder that commands run in.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The home folder of commands.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes `reconcile.yaml`.
    pub(crate) fn project(&self, text: &str) {
        self.write("reconcile.yaml", text);
    }

    /// Writes a manifest file below `manifests/`; several documents are joined.
    pub(crate) fn manifest(&self, file: &str, documents: &[impl ToString]) {
        let documents: Vec<String> = documents.iter().map(ToString::to_string).collect();
        self.write(format!("manifests/{file}"), &documents.join("---\n"));
    }

    /// Removes a manifest file.
    pub(crate) fn remove_manifest(&self, file: &str) {
        fs::remove(&self.work().join("manifests").join(file)).unwrap();
    }

    /// Writes a file below the working folder.
    pub(crate) fn write(&self, file: impl AsRef<Path>, text: &str) {
        fs::replace(&self.work().join(file), text.as_bytes()).unwrap();
    }

    /// The text of a file below the working folder.
    pub(crate) fn read(&self, file: &str) -> String {
        read_text(&self.work().join(file))
    }

    /// Whether there is such a file or folder below the working folder.
    pub(crate) fn has(&self, file: &str) -> bool {
        fs::entry(&self.work().join(file)).is_ok()
    }

    /// The binary with the words of this command line, ready to be started: stdin is empty.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
        command
            .args(line.split_whitespace())
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.work())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command line to its end.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        Outcome::of(line, self.command(line).output().unwrap())
    }

    /// `apply manifests --yes` with further flags.
    pub(crate) fn apply(&self, flags: &str) -> Outcome {
        self.run(&format!("apply manifests --yes {flags}"))
    }

    /// `plan manifests` with further flags.
    pub(crate) fn plan(&self, flags: &str) -> Outcome {
        self.run(&format!("plan manifests {flags}"))
    }

    /// Starts a command line and goes on beside it.
    pub(crate) fn start(&self, line: &str) -> Running {
        let mut child = self.command(line).stdout(Stdio::null()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Running { line: line.to_owned(), child, stderr, heard: String::new() }
    }
}

fn read_text(path: &Path) -> String {
    String::from_utf8(fs::read(path, FILE_LIMIT).unwrap()).unwrap()
}

/// What a run of the binary left behind. Every test looks at the exit code first.
#[must_use]
#[derive(Debug)]
pub(crate) struct Outcome {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(line: &str, output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let outcome = Self {
            line: line.to_owned(),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(!outcome.stderr.contains("panicked at"), "{outcome}");
        outcome
    }

    /// Ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Said {
        assert_eq!(self.code, Some(code), "{self}");
        Said(self)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(f, "reconcile {line}\nexit code {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// What a run said whose exit code was looked at.
#[derive(Debug)]
pub(crate) struct Said(Outcome);

impl Said {
    /// Stdout.
    pub(crate) fn stdout(&self) -> &str {
        &self.0.stdout
    }

    /// Stderr.
    pub(crate) fn stderr(&self) -> &str {
        &self.0.stderr
    }

    /// Data on stdout has this text in it.
    #[track_caller]
    pub(crate) fn shows(self, text: &str) -> Self {
        assert!(self.0.stdout.contains(text), "no {text:?} on stdout of {}", self.0);
        self
    }

    /// Data on stdout does not have this text in it.
    #[track_caller]
    pub(crate) fn hides(self, text: &str) -> Self {
        assert!(!self.0.stdout.contains(text), "{text:?} on stdout of {}", self.0);
        self
    }

    /// Stderr has this text in it.
    #[track_caller]
    pub(crate) fn tells(self, text: &str) -> Self {
        assert!(self.0.stderr.contains(text), "no {text:?} on stderr of {}", self.0);
        self
    }

    /// Stdout is exactly one JSON document, of the command with this name and a known format.
    #[track_caller]
    pub(crate) fn json(&self, command: &str) -> Value {
        let document: Value = serde_json::from_str(&self.0.stdout).unwrap_or_else(|error| {
            unreachable!("stdout is not one JSON document: {error}\n{}", self.0);
        });
        assert_eq!(document["formatVersion"], "1.0", "{}", self.0);
        assert_eq!(document["command"], command, "{}", self.0);
        document
    }

    /// The log records on stderr, when they are JSON; what is not a record is left out.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.0.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// A run of the binary that goes on beside the test. It ends with the test at the latest.
pub(crate) struct Running {
    line: String,
    child: Child,
    stderr: BufReader<ChildStderr>,
    heard: String,
}

impl Running {
    /// Reads stderr until a line has this text in it.
    #[track_caller]
    pub(crate) fn until_it_tells(&mut self, text: &str) {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "reconcile {} ended without telling {text:?}:\n{}", self.line, self.heard);
            self.heard.push_str(&line);
            if line.contains(text) {
                return;
            }
        }
    }

    /// The process id, as text.
    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits for its end; stdout was not kept.
    pub(crate) fn outcome(mut self) -> Outcome {
        self.stderr.read_to_string(&mut self.heard).unwrap();
        let code = self.child.wait().unwrap().code();
        let (line, stderr) = (std::mem::take(&mut self.line), std::mem::take(&mut self.heard));
        Outcome { line, code, stdout: String::new(), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended already.
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}
