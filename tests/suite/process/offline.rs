//! The files of a state, read without the product: a second, naive implementation of their formats. It looks at them as a
//! kill has left them, before anybody recovers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::scenario::Write;

/// What belongs into a state folder, also when a run was cut off there.
const KNOWN: [&str; 9] = [
    "backups",
    "emulator",
    "fingerprint.key",
    "fingerprint.key.new",
    "journal.jsonl",
    "journal.jsonl.new",
    "lock",
    "snapshot.json",
    "snapshot.json.new",
];

/// What the files say, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Files {
    snapshot: Option<Value>,
    /// The records of the journal's whole lines.
    journal: Vec<Value>,
    /// Files that are neither what they were nor what they were to become.
    pub(super) torn: Vec<String>,
}

impl Files {
    /// Reads a state folder.
    pub(super) fn of(state: &Path) -> Self {
        let mut files = Self::default();
        let read = |name: &str| std::fs::read(state.join(name)).ok();
        if let Some(bytes) = read("snapshot.json") {
            match sealed(&bytes) {
                Ok(snapshot) => files.snapshot = Some(snapshot),
                Err(why) => files.torn.push(format!("snapshot.json {why}")),
            }
        }
        files.read_journal(&read("journal.jsonl").unwrap_or_default());
        if let Some(key) = read("fingerprint.key")
            && (key.len() != 65 || !key[..64].iter().all(u8::is_ascii_hexdigit))
        {
            files.torn.push("fingerprint.key is no key".to_owned());
        }
        // A rescue file is what a failing disk leaves, for people.
        let belongs = |name: &str| KNOWN.contains(&name) || name.starts_with("rescue-");
        for name in names(state).into_iter().filter(|name| !belongs(name)) {
            files.torn.push(format!("{name} does not belong into a state"));
        }
        files.read_backups(&state.join("backups"));
        files
    }

    fn read_backups(&mut self, folder: &Path) {
        for name in names(folder).into_iter().filter(|name| !unfinished(name)) {
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            match sealed(&bytes) {
                Ok(backup) if name == format!("snapshot-{}.json", backup["serial"]) => {}
                Ok(backup) => self.torn.push(format!("{name} has serial {}", backup["serial"])),
                Err(why) => self.torn.push(format!("{name} {why}")),
            }
        }
    }

    fn read_journal(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for (number, line) in (1u64..).zip(text.split_inclusive('\n')) {
            // A kill may have cut the last one off.
            let Some(line) = line.strip_suffix('\n') else { break };
            match record(number, line) {
                Some(record) => self.journal.push(record),
                None => self.torn.push(format!("line {number} of the journal is no record: {line}")),
            }
        }
    }

    /// The serial of the snapshot; 0 when there is none.
    pub(super) fn serial(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot["serial"].as_u64().unwrap())
    }

    /// Whether there is no journal, or one that is in the snapshot already: a kill came before it was removed.
    pub(super) fn is_settled(&self) -> bool {
        let mut bases = self.journal.iter().filter_map(|record| record["baseSerial"].as_u64());
        bases.all(|base| base < self.serial())
    }

    /// Each intended write, by its number.
    pub(super) fn intents(&self) -> BTreeMap<u64, Write> {
        let intents = self.journal.iter().filter(|record| record["phase"] == "intent");
        intents.map(|record| (record["write"].as_u64().unwrap(), write(&record["intent"]))).collect()
    }

    /// The service's request id of each write that it accepted, by the number of the write.
    pub(super) fn accepted(&self) -> BTreeMap<u64, String> {
        let sent = self.journal.iter().filter(|record| record["phase"] == "sent");
        let accepted = sent.filter_map(|record| {
            let id = record["answer"]["accepted"]["requestId"].as_str()?;
            Some((record["write"].as_u64()?, id.to_owned()))
        });
        accepted.collect()
    }

    /// Address and JAR, or server, of each recorded object, by its id.
    pub(super) fn recorded(&self) -> BTreeMap<String, (String, String)> {
        let resources = self.snapshot.as_ref().and_then(|snapshot| snapshot["resources"].as_array());
        let line = |resource: &Value| {
            let applied = |field: &str| match &resource["fields"][field]["applied"] {
                Value::Array(all) => all.iter().map(text).collect(),
                one => text(one),
            };
            let from = ["jarUrl", "kafka.uris", "postgres.uris"].map(applied).concat();
            (id(&resource["key"]), (text(&resource["address"]), from))
        };
        resources.into_iter().flatten().map(line).collect()
    }

    /// What the snapshot still has to settle.
    pub(super) fn strays(&self) -> usize {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot["strays"].as_array().unwrap().len())
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A file that is put in its place when it is whole.
fn unfinished(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "new")
}

/// A document that ends with a checksum over itself.
fn sealed(bytes: &[u8]) -> Result<Value, String> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"))?;
    let said = text(&document["checksum"]);
    let blank = format!("sha256:{}", "0".repeat(64));
    let whole = String::from_utf8_lossy(bytes).replace(&said, &blank);
    let found = format!("sha256:{}", digest(&whole));
    if found == said { Ok(document) } else { Err(format!("has the checksum {said}, not {found}")) }
}

/// The record of a journal's line, if the line is whole and has this number.
fn record(number: u64, line: &str) -> Option<Value> {
    let (head, record) = line.split_once(",\"record\":")?;
    let head: Value = serde_json::from_str(&format!("{head}}}")).ok()?;
    let record = record.strip_suffix('}')?;
    let sum = digest(&format!("{}:{}:{record}", head["seq"], head["synced"]));
    let is_whole = head["seq"] == number && head["synced"].as_u64()? < number && head["sum"] == sum[..16];
    is_whole.then(|| serde_json::from_str(record).ok())?
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What an intent is about to do.
fn write(intent: &Value) -> Write {
    let (verb, what) = intent.as_object().unwrap().iter().next().unwrap();
    let is_store = what["key"]["store"].is_object();
    let (word, name) = match verb.as_str() {
        "register" => ("POST", text(&what["jarUrl"])),
        "create" => ("CREATE", id(&what["whenPresent"]["key"])),
        "update" => ("UPDATE", id(&what["key"])),
        "delete" if is_store => ("DROP", id(&what["key"])),
        _ => ("DELETE", id(&what["key"])),
    };
    (word.to_owned(), name.rsplit(['/', ':']).next().unwrap().to_owned())
}

/// `workspace:namespace:name` of a connector, the name of a store.
fn id(key: &Value) -> String {
    let connector = &key["flinkConnector"];
    if connector.is_null() {
        return text(&key["store"]["name"]);
    }
    ["workspace", "namespace", "name"].map(|part| text(&connector[part])).join(":")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
