//! How cost grows with the number of connectors, as ratios of one run:
//! `cargo bench --bench scale -- 1000 10000 100000`. Prints a Markdown table; with `UPDATE_DOCS=1` it also puts it into
//! `docs/performance.md`.
//!
//! *plan* is the whole program, from start to exit, when nothing has changed: every file loaded, live listed by HTTP,
//! everything compared; its yardstick is reading the same files into plain types with the same YAML crate on all cores.
//! *apply* registers everything and proves it; its yardstick is the bare requests by the same HTTP client at the same
//! parallelism. The emulator is another process. Both sides of a ratio run alternately, and medians are compared.
//!
//! Exits 1 when the ratio of plan at 10,000 connectors is above the gate.
//!
//! `cargo bench --bench scale -- watch` measures how soon a watch notices that a file was saved, and
//! `cargo bench --bench scale -- idle` what it costs while nothing happens; the second needs strace.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark fails by panicking, prints its table, and rounds"
)]

mod fleet;
mod idle;
mod latency;
mod page;
mod program;
mod tap;
mod watching;
mod yardstick;

use std::process::ExitCode;
use std::time::Duration;

use program::{Cost, Emulator, Site};
use reconcile::platform::time::SystemClock;

// The program's own: the yardstick shall not be slower for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plan at [`GATED`] connectors may cost so many times its yardstick.
const GATE: f64 = 1.6;
const GATED: usize = 10_000;
const PARALLELISM: usize = 10;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("watch") => return latency::measure(),
        Some("idle") => return idle::measure(),
        _ => {}
    }
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, GATED] } else { sizes };
    let nothing = measure(0);
    let mut table = String::new();
    let mut say = |line: &str| {
        println!("{line}");
        table.push_str(line);
        table.push('\n');
    };
    say(page::heading().trim_end_matches('\n'));
    say("");
    say("| connectors | read and parse | plan | ratio | bare requests | apply | ratio | journal per step \
         | state per connector | memory of plan, per connector | of apply |");
    say("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut kept = true;
    for size in sizes {
        let measured = measure(size);
        say(&measured.row(size, &nothing));
        kept &= size != GATED || measured.plan_ratio() <= GATE;
    }
    page::keep("scale", &table);
    if !kept {
        println!("\nplan at {GATED} connectors is above the gate of {GATE:.1}x");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

struct Measured {
    read: Duration,
    plan: Cost,
    bare: Duration,
    apply: Cost,
    snapshot: u64,
}

fn measure(size: usize) -> Measured {
    // Small sizes are quick and noisy, large ones slow and steady.
    let (plans, applies) = match size {
        0..=1_000 => (9, 5),
        1_001..=10_000 => (7, 3),
        _ => (3, 1),
    };
    let site = Site::new(size);
    let mut bare = Vec::new();
    let mut applied = Vec::new();
    for pass in 0..applies {
        let emulator = Emulator::start();
        bare.push(timed(|| yardstick::register(&emulator, size, PARALLELISM)));
        drop(emulator);
        let emulator = Emulator::start();
        let flags = ["--yes", "--parallelism", &PARALLELISM.to_string()];
        if pass + 1 < applies {
            applied.push(Site::new(size).run("apply", &flags, &emulator));
            continue;
        }
        applied.push(site.run("apply", &flags, &emulator));
        let (mut read, mut planned) = (Vec::new(), Vec::new());
        for _ in 0..plans {
            read.push(timed(|| assert_eq!(yardstick::read(&site.manifests()), size)));
            planned.push(site.run("plan", &["--detailed-exitcode"], &emulator));
        }
        return Measured {
            read: median(read, |took| *took),
            plan: median(planned, |cost| cost.took),
            bare: median(bare, |took| *took),
            apply: median(applied, |cost| cost.took),
            snapshot: site.snapshot(),
        };
    }
    unreachable!("there is a last pass")
}

fn timed(work: impl FnOnce()) -> Duration {
    let clock = SystemClock::start();
    work();
    clock.elapsed()
}

fn median<T: Copy>(mut all: Vec<T>, by: impl Fn(&T) -> Duration) -> T {
    all.sort_by_key(by);
    all[all.len() / 2]
}

impl Measured {
    fn plan_ratio(&self) -> f64 {
        self.plan.took.as_secs_f64() / self.read.as_secs_f64()
    }

    fn row(&self, size: usize, nothing: &Self) -> String {
        let each = |bytes: u64| bytes as f64 / size as f64;
        let more = |cost: Cost, empty: Cost| each(cost.peak.saturating_sub(empty.peak)) / 1024.0;
        format!(
            "| {size} | {} | {} | {:.2}x | {} | {} | {:.2}x | {:.0} B | {:.0} B | {:.1} KiB | {:.1} KiB |",
            time(self.read),
            time(self.plan.took),
            self.plan_ratio(),
            time(self.bare),
            time(self.apply.took),
            self.apply.took.as_secs_f64() / self.bare.as_secs_f64(),
            each(self.apply.journal),
            each(self.snapshot),
            more(self.plan, nothing.plan),
            more(self.apply, nothing.apply),
        )
    }
}

fn time(time: Duration) -> String {
    if time.as_secs() < 10 {
        format!("{:.0} ms", time.as_secs_f64() * 1000.0)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
