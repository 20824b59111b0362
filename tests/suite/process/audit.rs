//! The journal against what passed on the wire and what the service logged, joined by the ids of requests.

use std::collections::BTreeMap;

use super::emulator::Emulator;
use super::offline::Files;
use super::proxy::Proxy;

/// The vendor's name of what a write does.
pub(super) fn operation(word: &str) -> &'static str {
    match word {
        "POST" => "RegisterCustomConnector",
        "DELETE" => "DeleteCustomConnector",
        "CREATE" => "create-store",
        "UPDATE" => "update-store",
        "DROP" => "drop-store",
        other => panic!("{other} is no write"),
    }
}

/// Where they disagree, as sentences, on files as a kill has left them. When a run may have ended before, the journal that led
/// to its end is gone, and only what is there is joined.
pub(super) fn disagreements(
    files: &Files,
    may_have_ended: bool,
    emulator: &Emulator,
    proxies: &[&Proxy],
) -> Vec<String> {
    let mut found = Vec::new();
    let (intents, log) = (files.intents(), emulator.log());
    let carried_out: Vec<_> = proxies.iter().flat_map(|proxy| proxy.answered()).collect();
    for (number, id) in files.accepted() {
        let Some(write) = intents.get(&number) else {
            found.push(format!("write {number} was sent without an intent"));
            continue;
        };
        let logged: Vec<_> = log.iter().filter(|line| line["requestId"] == id.as_str()).collect();
        if logged.len() != 1 || logged[0]["operation"] != operation(&write.0) {
            found.push(format!(
                "{write:?} was accepted as request {id}, of which the service says {logged:?}"
            ));
        }
        let answers = carried_out.iter().filter(|carried| carried.answer.contains(&id));
        let writes: Vec<_> = answers.map(|carried| &carried.write).collect();
        if writes != [write] {
            found.push(format!("{write:?} was accepted as request {id}, which carried out {writes:?}"));
        }
    }
    if may_have_ended {
        return found;
    }
    let mut intended = BTreeMap::<_, usize>::new();
    for write in intents.into_values() {
        *intended.entry(write).or_default() += 1;
    }
    for (write, count) in proxies.iter().flat_map(|proxy| proxy.carried_out()) {
        let intended = intended.get(&write).copied().unwrap_or(0);
        if count > intended {
            found.push(format!("{write:?} was carried out {count} times, and {intended} times intended"));
        }
    }
    found
}
