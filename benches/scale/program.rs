//! The program under measurement, in processes of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reconcile::platform::time::SystemClock;

/// How often a running process is looked at: its memory only grows, so the last look is nearly the peak.
const LOOK: Duration = Duration::from_millis(10);

/// The emulator; it keeps its world in memory, and ends when this is dropped.
pub(crate) struct Emulator {
    child: Child,
    pub(crate) url: String,
    pub(crate) key_id: String,
    pub(crate) key_secret: String,
}

impl Emulator {
    pub(crate) fn start() -> Self {
        let mut child = reconcile().arg("emulator").stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
        let text = |name: &str| ready.get(name).and_then(serde_json::Value::as_str).unwrap().to_owned();
        let (url, key_id, key_secret) = (text("ververica"), text("accessKeyId"), text("accessKeySecret"));
        Self { child, url, key_id, key_secret }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What one run cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) took: Duration,
    /// Resident memory at its peak, in bytes.
    pub(crate) peak: u64,
    /// What was appended to the journal, in bytes.
    pub(crate) journal: u64,
}

/// A folder with manifests and a state.
pub(crate) struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    pub(crate) fn new(size: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        crate::fleet::write(&folder.path().join("manifests"), size);
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn manifests(&self) -> PathBuf {
        self.folder.path().join("manifests")
    }

    /// The bytes of the recorded state.
    pub(crate) fn snapshot(&self) -> u64 {
        std::fs::metadata(self.folder.path().join("state/snapshot.json")).unwrap().len()
    }

    /// Runs a command on the manifests against the emulator and takes its measure.
    pub(crate) fn run(&self, command: &str, flags: &[&str], emulator: &Emulator) -> Cost {
        let clock = SystemClock::start();
        let mut child = reconcile()
            .arg(command)
            .arg("manifests")
            .args(flags)
            .args(["--quiet", "--profile", "local", "--state", "state"])
            .args(["--ververica-endpoint", &emulator.url])
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &emulator.key_id)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &emulator.key_secret)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let journal = self.folder.path().join("journal");
        let process = child.id();
        // Looked at from another thread, so that the end is noticed when it comes.
        let (took, peak) = std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut peak = 0;
                while let Some(found) = peak_of(process) {
                    peak = peak.max(found);
                    // A second name keeps the journal when the run that ends removes the first one.
                    if !journal.exists() {
                        let _absent_yet =
                            std::fs::hard_link(self.folder.path().join("state/journal.jsonl"), &journal);
                    }
                    std::thread::sleep(LOOK);
                }
                peak
            });
            let status = child.wait().unwrap();
            let took = clock.elapsed();
            assert!(status.success(), "{command}: {status}");
            (took, looking.join().unwrap())
        });
        Cost { took, peak, journal: length_and_remove(&journal) }
    }
}

fn length_and_remove(path: &Path) -> u64 {
    let Ok(found) = std::fs::metadata(path) else { return 0 };
    std::fs::remove_file(path).unwrap();
    found.len()
}

/// `VmHWM` of a process, in bytes.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The binary, in a clean environment.
pub(crate) fn reconcile() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
    command.env_clear().stdin(Stdio::null());
    command
}
