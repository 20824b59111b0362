//! The emulator as a process of its own, and what its request log says.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::Value;

use super::program::{Ended, Program, signal};
use super::scenario::{Connector, Scenario};
use super::site::{Site, binary};

/// The operations that change something.
const WRITES: [&str; 5] =
    ["RegisterCustomConnector", "DeleteCustomConnector", "create-store", "update-store", "drop-store"];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A loopback address that no test had for long: a request that comes late, to a port that belongs to somebody else by then,
/// finds nobody.
pub(super) fn own_address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high, low, NEXT.fetch_add(1, Ordering::Relaxed).clamp(1, 254))
}

/// A running emulator with a world in a folder.
pub(super) struct Emulator {
    program: Program,
    folder: PathBuf,
    ready: Value,
}

impl Emulator {
    /// Starts it over the world in the folder, with more flags.
    pub(super) fn start(folder: &Path, flags: &[&str]) -> Self {
        let mut command = binary();
        command.arg("emulator").arg("--data").arg(folder.join("world"));
        command.arg("--request-log").arg(folder.join("requests.jsonl"));
        if !flags.contains(&"--listen") {
            command.arg("--listen").arg(format!("{}:0", own_address()));
        }
        command.args(flags);
        let program = Program::start(command);
        let ready = serde_json::from_str(&program.until_stdout("\n")).unwrap();
        Self { program, folder: folder.to_owned(), ready }
    }

    /// A value of its ready line.
    pub(super) fn ready(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn url(&self) -> &str {
        self.ready("ververica")
    }

    /// `127.0.0.1:PORT`
    pub(super) fn host(&self) -> &str {
        self.url().strip_prefix("http://").unwrap()
    }

    /// Every line of its request log.
    pub(super) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.join("requests.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How many requests of each changing operation it carried out. One whose answer was withheld counts.
    pub(super) fn carried_out(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for line in self.log() {
            let operation = line["operation"].as_str().unwrap_or_default();
            let answered = line["status"] == 200 || line["status"].is_null();
            if WRITES.contains(&operation) && line["success"] == true && answered {
                *counts.entry(operation.to_owned()).or_default() += 1;
            }
        }
        counts
    }

    /// What it has, by id: type and what it is made of. Read from its files, so that no list lags.
    pub(super) fn holds(&self) -> BTreeMap<String, String> {
        let mut holds = BTreeMap::new();
        let mut put = |id: String, held: &Value, told: String| {
            let is_there = !held.is_null() && held["goneAt"].is_null();
            if is_there {
                holds.insert(id, told)
            } else {
                holds.remove(&id)
            };
        };
        for line in self.lines("connectors.jsonl") {
            for pair in line["connectors"].as_array().into_iter().flatten() {
                let [workspace, namespace, name] =
                    [&line["workspace"], &line["namespace"], &pair[0]].map(text);
                let definition = &pair[1]["definition"];
                let mut formats: Vec<String> =
                    definition["supportedFormats"].as_array().into_iter().flatten().map(text).collect();
                formats.sort();
                let told = format!("{} {}", text(&definition["type"]), formats.join(","));
                put(format!("{workspace}:{namespace}:{name}"), &pair[1], told);
            }
        }
        for line in self.lines("stores.jsonl").into_iter().filter(|line| line["name"].is_string()) {
            let store = &line["store"];
            let parameters = &store["parameters"];
            let uri = ["uris", "postgres.uris"].map(|name| text(&parameters[name]["plain"])).concat();
            let refusal = store["refusal"].as_str().map_or_else(String::new, |why| format!(" ({why})"));
            put(text(&line["name"]), store, format!("{} {uri}{refusal}", text(&store["kind"])));
        }
        holds
    }

    fn lines(&self, file: &str) -> Vec<Value> {
        let all = std::fs::read_to_string(self.folder.join("world").join(file)).unwrap_or_default();
        // The last one may just be being written.
        all.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Asks it to end, and returns how it did.
    pub(super) fn stop(self) -> Ended {
        self.program.signal("TERM");
        self.program.wait()
    }
}

#[test]
fn sigterm_ends_the_emulator_with_success_and_its_world_survives() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    let desired = Scenario::five("orders", 1);
    site.declare(&desired);
    site.run(emulator.url(), &["apply", "--yes"]).exits(0);
    emulator.stop().exits(0);
    let emulator = Emulator::start(site.path(), &[]);
    assert_eq!(site.live(emulator.url()), desired.iter().map(Connector::seen).collect());
    site.run(emulator.url(), &["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn two_runs_of_profile_local_share_the_emulator_of_the_first() {
    let site = Site::new();
    let desired = Scenario::five("orders", 1);
    site.declare(&desired);
    // The first run waits at its prompt for an answer, and serves meanwhile.
    let first = site.at_a_prompt("", &["apply"]);
    first.until_stdout("Type `yes`");
    let second = site.run("", &["list", "w:orders", "-o", "json"]).exits(0);
    assert!(second.stdout.contains("\"objects\": []"), "{}", second.told());
    let address = std::fs::read_to_string(site.state().join("emulator/address.json")).unwrap();
    let address: Value = serde_json::from_str(&address).unwrap();
    let pid = first.first_line();
    assert_eq!(address["pid"].to_string(), pid, "the second run did not attach to the first one's emulator");
    site.run("", &["apply", "--yes"]).exits(8);
    signal(pid.parse().unwrap(), "INT");
    first.wait().exits(130);
    site.run("", &["apply", "--yes"]).exits(0);
}
