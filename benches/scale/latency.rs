//! How soon a watch of 10,000 files notices that one was saved: from the moment at which the write or the rename returns to
//! that at which a proxy before the emulator, another process than the watch, reads the first request that changes
//! something. In between lie the debounce, in which every file is looked at by its stamp, one list call, and the plan of what
//! the edit touches. Two files are read: the other one is that of the save before, which had not rested when it was read.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::fleet::{Connector, NAMESPACES};
use crate::page;
use crate::program::{Emulator, Site};
use crate::tap::Tap;
use crate::watching::{Watching, rest};

pub(crate) const FILES: usize = 10_000;
const SAVES: usize = 31;
/// The default of `watch`.
const DEBOUNCE: Duration = Duration::from_millis(300);
/// So much more may pass until the request leaves.
const GATE: Duration = Duration::from_millis(50);

/// Ways to save a file.
type Save = fn(&Path, &str);
const WAYS: [(&str, Save); 2] = [
    ("in place", |path, text| std::fs::write(path, text).unwrap()),
    ("a new file over the old one", |path, text| {
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, path).unwrap();
    }),
];

/// Fails when the median is more than the gate above the debounce.
pub(crate) fn measure() -> ExitCode {
    let site = Site::new(FILES);
    let emulator = Emulator::start();
    site.run("apply", &["--yes", "--parallelism", "10"], &emulator);
    let tap = Tap::start(&emulator.url);
    let watching = Watching::start(&site, &emulator, &tap.url());
    let mut table =
        "| saved | median | 95 of 100 | slowest | median above the debounce | files read | list calls |\n\
                     |---|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let mut kept = true;
    for (offset, (way, save)) in WAYS.into_iter().enumerate() {
        let mut took = Vec::new();
        let (mut read, mut lists) = (0, 0);
        for number in 0..SAVES {
            let connector = Connector((number * 239 + offset) % FILES);
            let path = site.manifests().join(format!("{}.yaml", connector.name()));
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("-1.4.2.jar", &format!("-{way}.jar").replace(' ', "-"));
            rest();
            let before = tap.lists();
            save(&path, &text);
            let saved = tap.now();
            let (sent, listed) = tap.first_write();
            took.push(sent.saturating_sub(saved));
            lists = lists.max(listed - before);
            read = read.max(watching.until_done());
        }
        took.sort_unstable();
        let median = took[SAVES / 2];
        let above = median.saturating_sub(DEBOUNCE);
        kept &= above <= GATE;
        table += &format!(
            "| {way} | {} ms | {} ms | {} ms | {} ms | {read} | {lists} for {NAMESPACES} namespaces |\n",
            median.as_millis(),
            took[SAVES * 95 / 100].as_millis(),
            took[SAVES - 1].as_millis(),
            above.as_millis()
        );
    }
    page::put("watch", &table);
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
