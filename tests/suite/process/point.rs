//! Where a run is killed.

use std::fmt;
use std::path::Path;
use std::process::Command;

use super::program::{Ended, run};
use super::proxy::{Proxy, Side, Trap};
use super::site::Site;

/// The system calls at whose entry a run is killed: everything that makes a file durable or names it, and what writes in
/// place. strace counts each of them by itself, and for each thread.
pub(super) const CALLS: [&str; 11] = [
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "unlink",
    "unlinkat",
    "linkat",
    "link",
    "ftruncate",
    "pwrite64",
    "mkdir",
];

/// Every file and socket call that changes something outside of the process, or takes something from there.
pub(super) const CHANGING: [&str; 21] = [
    "connect",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "link",
    "linkat",
    "mkdir",
    "openat",
    "pwrite64",
    "recvfrom",
    "rename",
    "renameat2",
    "sendto",
    "shutdown",
    "socket",
    "socketpair",
    "unlink",
    "unlinkat",
    "write",
    "writev",
];

/// Calls that only look or ask. What files and services are at the entry of one, they are at its end too: a kill there is a
/// kill at the entry of the next call that changes something. A long run plays a sample of them.
pub(super) const LOOKING: [&str; 23] = [
    "access",
    "close",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd2",
    "fcntl",
    "fstat",
    "getcwd",
    "getdents64",
    "getpeername",
    "getsockname",
    "getsockopt",
    "ioctl",
    "lseek",
    "mmap",
    "newfstatat",
    "poll",
    "pread64",
    "read",
    "readlink",
    "setsockopt",
    "statx",
];

/// One moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    /// At the entry of the n-th call.
    Call(&'static str, usize),
    /// At the n-th request.
    Request(Side, usize),
    /// Not killed: the n-th call fails with this error.
    Error(&'static str, &'static str, usize),
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Point::Call(call, n) => write!(f, "{call} {n}"),
            Point::Request(Side::Before, n) => write!(f, "before request {n}"),
            Point::Request(Side::After, n) => write!(f, "after request {n}"),
            Point::Request(Side::Never, n) => write!(f, "waiting for answer {n}"),
            Point::Error(call, error, n) => write!(f, "{error} from {call} {n}"),
        }
    }
}

/// What reads, writes, names and syncs the files of a state.
pub(super) const STATE_CALLS: [&str; 11] = [
    "openat",
    "read",
    "write",
    "pwrite64",
    "fdatasync",
    "fsync",
    "rename",
    "link",
    "unlink",
    "ftruncate",
    "mkdir",
];

/// One call on a file of the state fails: the n-th, or that and all that follow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    pub(super) call: &'static str,
    pub(super) error: &'static str,
    pub(super) n: usize,
    pub(super) for_ever: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, error, n, for_ever } = self;
        write!(f, "{error} from {call} {n}{}", if *for_ever { " and from then on" } else { "" })
    }
}

/// Runs `apply --yes` with a failing call; also, whether it came to that.
pub(super) fn apply_failing(site: &Site, proxy: &Proxy, failure: &Failure) -> (Ended, bool) {
    let Failure { call, error, n, for_ever } = failure;
    let on = if *for_ever { "+" } else { "" };
    let mut more = vec!["-e".to_owned(), format!("inject={call}:error={error}:when={n}{on}")];
    // By the names that the program uses, and by the one that strace makes of a descriptor.
    let state = site.state().canonicalize().unwrap();
    let files =
        ["lock", "snapshot.json", "snapshot.json.new", "journal.jsonl", "journal.jsonl.new", "backups"];
    let files =
        files.map(str::to_owned).into_iter().chain((0..4).map(|n| format!("backups/snapshot-{n}.json")));
    let names = files.map(|file| format!("/{file}"));
    for name in std::iter::once(String::new()).chain(names) {
        let paths = [format!("state{name}"), format!("{}{name}", state.display())];
        more.extend(paths.into_iter().flat_map(|path| ["-P".to_owned(), path]));
    }
    let trace = site.path().join("trace");
    let command = traced(site, proxy, &["apply", "--yes"], &format!("trace={call}"), &more, &trace);
    let ended = proxy.start_client(command, None).wait();
    let injected = std::fs::read_to_string(trace).unwrap_or_default().contains("(INJECTED)");
    (ended, injected)
}

/// Runs `apply --yes` until it ends or the point is reached.
pub(super) fn apply(site: &Site, proxy: &Proxy, point: Option<Point>) -> Ended {
    go(site, proxy, &["apply", "--yes"], point)
}

/// Runs `apply --resume` until it ends or the point is reached, if a run was cut off that can be finished.
pub(super) fn resume(site: &Site, proxy: &Proxy, point: Option<Point>) -> Option<Ended> {
    Some(go(site, proxy, &["apply", "--resume", &resumable(site)?], point))
}

/// The id of the run that was cut off and can be finished.
pub(super) fn resumable(site: &Site) -> Option<String> {
    let cut_off = site.json("", &["status"])["cutOff"].clone();
    cut_off["run"].as_str().filter(|_| cut_off["resumable"] == true).map(str::to_owned)
}

/// The file and socket calls of a run that ends by itself, a line each. Through the proxy, which counts its requests.
pub(super) fn trace_of(site: &Site, proxy: &Proxy, arguments: &[&str]) -> String {
    let trace = site.path().join("trace");
    let command = traced(site, proxy, arguments, "trace=%file,%desc,%network", &[], &trace);
    proxy.start_client(command, None).wait();
    std::fs::read_to_string(trace).unwrap()
}

/// Runs a command line until it ends or the point is reached.
pub(super) fn go(site: &Site, proxy: &Proxy, arguments: &[&str], point: Option<Point>) -> Ended {
    let (command, trap) = match point {
        None => (site.command(proxy.url(), arguments), None),
        Some(Point::Request(side, request)) => {
            (site.command(proxy.url(), arguments), Some(Trap { side, request }))
        }
        Some(Point::Call(call, n)) => {
            (injected(site, proxy, arguments, call, &format!("signal=KILL:when={n}")), None)
        }
        Some(Point::Error(call, error, n)) => {
            (injected(site, proxy, arguments, call, &format!("error={error}:when={n}")), None)
        }
    };
    proxy.start_client(command, trap).wait()
}

fn injected(site: &Site, proxy: &Proxy, arguments: &[&str], call: &str, what: &str) -> Command {
    let inject = ["-e".to_owned(), format!("inject={call}:{what}")];
    traced(site, proxy, arguments, &format!("trace={call}"), &inject, Path::new("/dev/null"))
}

/// Runs `apply --yes` to its successful end, and returns the trace of its system calls.
pub(super) fn traced_to_file(site: &Site, proxy: &Proxy, what: &str, more: &[&str]) -> String {
    let trace = site.path().join("trace");
    let more: Vec<String> = more.iter().map(ToString::to_string).collect();
    run(traced(site, proxy, &["apply", "--yes"], what, &more, &trace)).exits(0);
    std::fs::read_to_string(trace).unwrap()
}

/// A command line under strace.
fn traced(
    site: &Site,
    proxy: &Proxy,
    arguments: &[&str],
    what: &str,
    more: &[String],
    into: &Path,
) -> Command {
    require_strace();
    let mut command = Command::new("strace");
    site.prepare(&mut command, proxy.url());
    command.args(["-f", "-qq", "-e", "signal=none", "-e", what]).args(more).arg("-o").arg(into);
    command.arg(env!("CARGO_BIN_EXE_reconcile")).args(Site::arguments(arguments));
    command
}

fn require_strace() {
    let there = Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
    assert!(there, "strace is missing: apt-get install strace (this test is not skipped without it)");
}
