//! A program that a test starts: its output as it comes, signals, and a bounded wait for its end.

use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often is looked, and how many looks make the bound: generous, because a slow machine is no defect.
const PAUSE: Duration = Duration::from_millis(5);
const LOOKS: u32 = 24_000;

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// The exit code; a program that a signal ended has none.
    pub(super) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether SIGKILL ended it.
    pub(super) fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// Everything, for the message of a failed assertion.
    pub(super) fn told(&self) -> String {
        format!("{}\nstdout:\n{}\nstderr:\n{}", self.status, self.stdout, self.stderr)
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(super) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{}", self.told());
        self
    }
}

/// One stream, filled by its own thread.
struct Stream {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn read(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Self { text, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.so_far()
    }
}

/// A running program. It is killed when this is dropped.
pub(super) struct Program {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Program {
    /// Starts it, without anything on its standard input.
    pub(super) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot start: {error}"));
        let stdout = Stream::read(child.stdout.take().unwrap());
        let stderr = Stream::read(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its short name: `INT`, `TERM`, `KILL`.
    pub(super) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// The first line of its standard output.
    pub(super) fn first_line(&self) -> String {
        self.until_stdout("\n").lines().next().unwrap_or_default().to_owned()
    }

    /// Waits until standard output holds the text, and returns what there is by then.
    pub(super) fn until_stdout(&self, text: &str) -> String {
        self.until(&self.stdout, text)
    }

    /// Waits until standard error holds the text, and returns what there is by then.
    pub(super) fn until_stderr(&self, text: &str) -> String {
        self.until(&self.stderr, text)
    }

    /// What it has said so far, on both streams.
    pub(super) fn so_far(&self) -> String {
        self.stdout.so_far() + &self.stderr.so_far()
    }

    fn until(&self, stream: &Stream, text: &str) -> String {
        eventually(&format!("`{text}` from process {}", self.pid()), || {
            Some(stream.so_far()).filter(|so_far| so_far.contains(text))
        })
    }

    /// Waits for the end.
    pub(super) fn wait(mut self) -> Ended {
        let pid = self.pid();
        let status = eventually(&format!("the end of process {pid}"), || self.child.try_wait().unwrap());
        Ended { status, stdout: self.stdout.whole(), stderr: self.stderr.whole() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// Runs a command to its end.
pub(super) fn run(command: Command) -> Ended {
    Program::start(command).wait()
}

/// Sends a signal to a process that a test started.
pub(super) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(sent.success(), "process {pid} could not be sent SIG{name}");
}

/// Looks again and again until there is something to see.
pub(super) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("waited in vain for {what}");
}
