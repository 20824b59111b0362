//! A watch under way over a folder of manifests, and what its event stream says.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::emulator::Emulator;
use super::program::{Ended, Program, eventually};
use super::scenario::Connector;
use super::site::Site;

/// A site, its services, and a watch that follows `manifests`.
pub(super) struct Watching {
    pub(super) site: Site,
    pub(super) emulator: Emulator,
    program: Program,
}

impl Watching {
    /// Declares these, and starts to watch once the first pass is over.
    pub(super) fn start(connectors: &[Connector], flags: &[&str]) -> Self {
        Self::on(connectors, &[], flags)
    }

    /// The same on an emulator with flags of its own.
    pub(super) fn on(connectors: &[Connector], service: &[&str], flags: &[&str]) -> Self {
        let site = Site::new();
        site.declare(connectors);
        let emulator = Emulator::start(site.path(), service);
        Self::over(site, emulator, flags)
    }

    /// The same where something is there already.
    pub(super) fn over(site: Site, emulator: Emulator, flags: &[&str]) -> Self {
        let program = Self::program(&site, emulator.url(), flags);
        Self::with(site, emulator, program)
    }

    /// Ends the services, and has others in their place.
    pub(super) fn on_another_emulator(self, flags: &[&str]) -> Self {
        let Self { site, emulator, program } = self;
        emulator.stop().exits(0);
        let emulator = Emulator::start(site.path(), flags);
        Self { site, emulator, program }
    }

    /// Ends it by this signal. What it told is gone; the rest stays.
    pub(super) fn leave(self, signal: &str) -> (Site, Emulator) {
        self.program.signal(signal);
        self.program.wait();
        std::fs::remove_file(self.site.path().join("events.ndjson")).unwrap();
        (self.site, self.emulator)
    }

    /// The same with a program that was started in another way.
    pub(super) fn with(site: Site, emulator: Emulator, program: Program) -> Self {
        let watching = Self { site, emulator, program };
        watching.until_pass(1);
        watching
    }

    /// Starts a watch. Events come in `events.ndjson`, below no folder that is watched.
    pub(super) fn program(site: &Site, endpoint: &str, flags: &[&str]) -> Program {
        site.start(endpoint, &Self::arguments(flags))
    }

    /// The arguments of a watch.
    pub(super) fn arguments<'a>(flags: &[&'a str]) -> Vec<&'a str> {
        let arguments = ["watch", "manifests", "--events", "events.ndjson", "--debounce", "100ms"];
        [&arguments[..], flags].concat()
    }

    /// The program itself.
    pub(super) fn watch(&self) -> &Program {
        &self.program
    }

    /// The manifests.
    pub(super) fn folder(&self) -> PathBuf {
        self.site.path().join("manifests")
    }

    /// Writes a file of the manifests.
    pub(super) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder().join(file), text).unwrap();
    }

    /// Puts a new file over one of the manifests: nobody sees half of it.
    pub(super) fn save(&self, file: &str, text: &str) {
        let beside = self.site.path().join("beside");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, self.folder().join(file)).unwrap();
    }

    /// Every whole record so far.
    pub(super) fn events(&self) -> Vec<Value> {
        records(&self.site.path().join("events.ndjson"))
    }

    /// The records of this type so far.
    pub(super) fn of_type(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|record| record["type"] == kind).collect()
    }

    /// Waits for such a record, and returns it.
    pub(super) fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || self.events().into_iter().find(&is))
    }

    /// Waits until the pass with this number, or a later one, has ended.
    pub(super) fn until_pass(&self, number: u64) -> Value {
        let ended = |record: &Value| {
            record["type"] == "pass_end" && record["pass"].as_u64().is_some_and(|pass| pass >= number)
        };
        self.until(&format!("the end of pass {number}"), ended)
    }

    /// The number of the last pass that ended.
    pub(super) fn passes(&self) -> u64 {
        self.of_type("pass_end").last().map_or(0, |record| record["pass"].as_u64().unwrap())
    }

    /// Waits until exactly these are live.
    pub(super) fn until_live(&self, connectors: &[Connector]) {
        let wanted = connectors.iter().map(Connector::seen).collect();
        eventually("what is declared to be live", || {
            (self.site.live(self.emulator.url()) == wanted).then_some(())
        });
    }

    /// Waits until exactly these are live and a fresh plan has nothing to add.
    pub(super) fn until_agreed(&self, connectors: &[Connector]) {
        self.until_live(connectors);
        eventually("a plan without changes", || {
            let plan = self.site.run(self.emulator.url(), &["plan", "--detailed-exitcode"]);
            (plan.code() == Some(0)).then_some(())
        });
    }

    /// What was deleted so far.
    pub(super) fn deletes(&self) -> usize {
        self.emulator.carried_out().get("DeleteCustomConnector").copied().unwrap_or(0)
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, name: &str) {
        self.program.signal(name);
    }

    /// Asks it to end.
    pub(super) fn stop(self) -> Ended {
        self.program.signal("TERM");
        self.program.wait()
    }
}

/// Every whole record of a stream so far.
pub(super) fn records(stream: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(stream).unwrap_or_default();
    text.split_inclusive('\n')
        .filter_map(|line| serde_json::from_str(line.strip_suffix('\n')?).ok())
        .collect()
}
