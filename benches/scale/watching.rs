//! A watch in a process of its own, and what it tells of its passes.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::{Emulator, Site, reconcile};

/// A file's stamp is believed so long after the last change.
const REST: Duration = Duration::from_millis(2_500);

/// Waits until every file has rested long enough.
pub(crate) fn rest() {
    std::thread::sleep(REST);
}

/// A running watch. It ends when this is dropped.
pub(crate) struct Watching {
    child: Child,
    events: PathBuf,
}

impl Watching {
    /// Starts it, and waits until its first pass is over.
    pub(crate) fn start(site: &Site, emulator: &Emulator, url: &str) -> Self {
        let events = site.path().join("events.ndjson");
        let child = reconcile()
            .args(["watch", "manifests", "--quiet", "--profile", "local", "--state", "state"])
            .args(["--resync", "24h", "--ververica-endpoint", url])
            .arg("--events")
            .arg(&events)
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &emulator.key_id)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &emulator.key_secret)
            .env("RECONCILE_POLL_INTERVAL", "50ms")
            .current_dir(site.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let watching = Self { child, events };
        watching.until_done();
        watching
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until no pass is under way and one has ended since the last call. Returns how many files it read.
    pub(crate) fn until_done(&self) -> u64 {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let text = std::fs::read_to_string(&self.events).unwrap_or_default();
            let records = || text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let of = |kind: &str| records().rfind(|record| record["type"] == kind);
            if let (Some(start), Some(end)) = (of("pass_start"), of("pass_end"))
                && start["pass"] == end["pass"]
            {
                return start["read"].as_u64().unwrap();
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
