//! The emulator as a process of its own, and what it was asked.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use reconcile::platform::fs;
use serde::Deserialize;
use serde_json::{Value, json};

use super::env::TestEnv;
use super::manifest::Connector;

/// A running emulator with a world of its own. It ends with the test.
pub(crate) struct Emulator {
    child: Child,
    env: TestEnv,
    pub(crate) url: String,
    pub(crate) access_key_id: String,
    pub(crate) access_key_secret: String,
    /// The address of the statement API, `/v2` included.
    pub(crate) deltastream: String,
    pub(crate) token: String,
    /// The id of its organization.
    pub(crate) organization: String,
    /// How many requests the test has looked at.
    seen: Cell<usize>,
}

/// One request, as the emulator logs it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the log")]
pub(crate) struct Request {
    /// The vendor's name of the operation, or what a statement does.
    operation: String,
    #[serde(default)]
    pub(crate) workspace: String,
    #[serde(default)]
    pub(crate) namespace: String,
    pub(crate) request_id: String,
    /// What it was refused with.
    pub(crate) code: Option<String>,
}

impl Request {
    /// `list`, `register` or `delete`; `create-store` and the like.
    pub(crate) fn short(&self) -> &str {
        match self.operation.as_str() {
            "ListCustomConnectors" => "list",
            "RegisterCustomConnector" => "register",
            "DeleteCustomConnector" => "delete",
            statement => statement,
        }
    }
}

impl Emulator {
    /// Takes the declared definition in the body, as `--profile local` does.
    pub(crate) fn open(flags: &str) -> Self {
        Self::start(&format!("--jars jars {flags}"))
    }

    /// The documented service: a JAR holds what [`Self::jar`] says, and another URL does not exist.
    pub(crate) fn strict(flags: &str) -> Self {
        Self::start(&format!("--strict --jars jars {flags}"))
    }

    fn start(flags: &str) -> Self {
        let env = TestEnv::new();
        fs::create_folder(&env.work().join("jars")).unwrap();
        let line = format!("emulator --request-log requests.jsonl {flags}");
        let mut child = env.command(&line).stderr(Stdio::inherit()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self {
            child,
            env,
            url: text("ververica"),
            access_key_id: text("accessKeyId"),
            access_key_secret: text("accessKeySecret"),
            deltastream: text("deltastream"),
            token: text("token"),
            organization: text("organization"),
            seen: Cell::new(0),
        }
    }

    /// Says, or says anew, what a JAR holds: definitions in the vendor's spelling.
    pub(crate) fn jar(&self, url: &str, connectors: &[Value]) {
        let file: String = url.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let fixture = json!({"jarUrl": url, "connectors": connectors});
        self.env.write(format!("jars/{file}.json"), &fixture.to_string());
    }

    /// Everything that was asked since the last look, but for what no service has.
    pub(crate) fn new_requests(&self) -> Vec<Request> {
        let log =
            if self.env.has("requests.jsonl") { self.env.read("requests.jsonl") } else { String::new() };
        let all: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all: Vec<Request> = all
            .into_iter()
            .filter(|request| !request["operation"].is_null())
            .map(|request| serde_json::from_value(request).unwrap())
            .collect();
        let new = all.iter().skip(self.seen.get()).cloned().collect();
        self.seen.set(all.len());
        new
    }

    /// The operations that were asked for since the last look, in their order, joined by blanks.
    pub(crate) fn new_operations(&self) -> String {
        self.new_requests().iter().map(Request::short).collect::<Vec<_>>().join(" ")
    }

    /// Waits until an operation was asked for, and answered, this many times. All requests so far count as seen.
    pub(crate) fn until_asked(&self, operation: &str, times: usize) {
        let mut seen = 0;
        while seen < times {
            seen += self.new_requests().iter().filter(|request| request.short() == operation).count();
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// How often each operation was asked for since the last look.
    pub(crate) fn new_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for request in self.new_requests() {
            *counts.entry(request.short().to_owned()).or_default() += 1;
        }
        counts
    }

    /// Deletes a connector behind the back of the test's state: with another one. All requests so far count as seen.
    pub(crate) fn lose(&self, id: &str) {
        let stranger = TestEnv::of(self);
        stranger.run(&format!("import FlinkConnector {id} --as it")).exits(0);
        stranger.run("destroy --all --yes").exits(0);
        self.new_requests();
    }

    /// Drops a store behind the back of the test's state: with another one. All requests so far count as seen.
    pub(crate) fn drop_store(&self, name: &str) {
        let stranger = TestEnv::with_stores(self);
        stranger.run(&format!("import Store {name} --as it")).exits(0);
        stranger.run("destroy --all --yes").exits(0);
        self.new_requests();
    }

    /// Registers this manifest, over what is there, with another state. All requests so far count as seen.
    pub(crate) fn overwrite(&self, manifest: &Connector) {
        let stranger = TestEnv::of(self);
        stranger.manifest("it.yaml", &[manifest.clone().lifecycle("adopt", "true")]);
        stranger.apply("").exits(0);
        self.new_requests();
    }

    /// The names that live in a namespace, sorted and joined by blanks. All requests so far count as seen.
    pub(crate) fn names(&self, scope: &str) -> String {
        let document = TestEnv::of(self).run(&format!("list {scope} -o json")).exits(0).json("list");
        self.new_requests();
        let objects = document["objects"].as_array().unwrap();
        let mut names: Vec<&str> = objects.iter().map(|live| live["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.join(" ")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // An error means that it has ended already.
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}
