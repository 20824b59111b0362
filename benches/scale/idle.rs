//! What a watch costs while nothing happens: system calls counted by strace, processor time as the kernel counts it.

use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::latency::FILES;
use crate::page;
use crate::program::{Emulator, Site};
use crate::watching::Watching;

const LENGTH: Duration = Duration::from_mins(1);

pub(crate) fn measure() -> ExitCode {
    let site = Site::new(FILES);
    let emulator = Emulator::start();
    site.run("apply", &["--yes", "--parallelism", "10"], &emulator);
    let watching = Watching::start(&site, &emulator, &emulator.url);
    // Connections that were kept open for a while are closed by then.
    std::thread::sleep(2 * LENGTH);
    let before = processor_time(watching.pid());
    let report = site.path().join("strace");
    let length = LENGTH.as_secs().to_string();
    let traced = Command::new("timeout")
        .args(["--signal=INT", &length, "strace", "-c", "-f", "-o"])
        .arg(&report)
        .args(["-p", &watching.pid().to_string()])
        .output()
        .unwrap();
    let ticks = processor_time(watching.pid()) - before;
    let report = std::fs::read_to_string(&report)
        .unwrap_or_else(|error| panic!("strace: {error}: {}", String::from_utf8_lossy(&traced.stderr)));
    let mut table = "| system call | in 60 s |\n|---|--:|\n".to_owned();
    let rows = report.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    for row in rows.filter(|row| row.first().is_some_and(|share| share.parse::<f64>().is_ok())) {
        if let [_, _, _, calls, .., name] = row.as_slice() {
            table += &format!("| {name} | {calls} |\n");
        }
    }
    table += &format!("| processor time, in hundredths of a second | {ticks} |\n");
    page::put("idle", &table);
    ExitCode::SUCCESS
}

/// What the process has used so far, in hundredths of a second.
fn processor_time(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    rest.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}
