//! What a kill cannot show, because it keeps the page cache: that the intent of a request is synced before the request
//! leaves (protocol rule 7). Read from the order of the system calls.

use super::point::traced_to_file;
use super::proxy::subject;
use super::scenario::Scenario;
use super::stage::Stage;

/// The file of a system call on a descriptor, as `strace -y` shows it: `write(9</path>, …`.
fn path_of(line: &str) -> &str {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path)
}

#[test]
fn no_request_leaves_before_its_intent_is_synced() {
    for scenario in Scenario::all().into_iter().filter(|scenario| scenario.lag.is_empty()) {
        let stage = Stage::set(scenario);
        let (site, _emulator, proxy) = stage.open();
        let calls = "trace=write,writev,sendto,fsync,fdatasync";
        let trace = traced_to_file(&site, &proxy, calls, &["-y", "-s", "65536"]);
        let (mut written, mut synced, mut requests) = (String::new(), String::new(), 0);
        for line in trace.lines() {
            let in_state = path_of(line).contains("/state/");
            let request =
                ["POST", "DELETE"].into_iter().find_map(|method| line.split_once(&format!("\"{method} ")));
            if in_state && line.contains("sync(") {
                synced += &std::mem::take(&mut written);
            } else if in_state {
                written += line;
            } else if let Some((_, target)) = request {
                let subject = subject(target.split(' ').next().unwrap());
                let noted = synced
                    .split("\\\"phase\\\"")
                    .any(|record| record.contains("\\\"intent\\\"") && record.contains(&subject));
                assert!(
                    noted,
                    "{}: {subject} was sent before its intent was synced:\n{trace}",
                    stage.scenario.name
                );
                requests += 1;
            }
        }
        assert_eq!(
            requests,
            stage.scenario.writes.len(),
            "{}: not every request was seen",
            stage.scenario.name
        );
    }
}
