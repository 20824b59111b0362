//! The text in the lock file: who holds the lock, and whether this folder ever held a state.
//!
//! For people and for rule 5 only. The kernel's lock decides who may write; a missing or wrong text changes nothing
//! about that.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::journal::RunId;
use crate::domain::snapshot::Serial;
use crate::platform::{env, fs};

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The process id.
    pub pid: u32,
    /// The host's name.
    pub host: String,
    /// The user's name.
    pub user: String,
    /// The run.
    pub run: RunId,
    /// Since when, RFC 3339.
    pub since: String,
    /// For what: `apply`, `watch`, …
    pub command: String,
}

/// What is known of a holder's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderProcess {
    /// A process of that number runs on this host.
    Running,
    /// No process of that number runs on this host. When the lock is held all the same, a child process inherited
    /// it, or the holder is in another container.
    Gone,
    /// It ran on another host, which cannot be asked.
    Elsewhere,
}

impl Holder {
    /// This process.
    pub(crate) fn this_process(run: RunId, since: String, command: String) -> Self {
        let unknown = || "unknown".to_owned();
        Self {
            pid: std::process::id(),
            host: host().unwrap_or_else(unknown),
            user: env::var("USER").unwrap_or_else(unknown),
            run,
            since,
            command,
        }
    }

    /// Whether the process still runs.
    pub fn process(&self) -> HolderProcess {
        if host().as_ref() != Some(&self.host) {
            HolderProcess::Elsewhere
        } else if PathBuf::from(format!("/proc/{}", self.pid)).exists() {
            HolderProcess::Running
        } else {
            HolderProcess::Gone
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, user, run, since, command } = self;
        write!(f, "process {pid} of {user} on {host} (`{command}` since {since}, run {run})")
    }
}

fn host() -> Option<String> {
    let bytes = fs::read(Path::new("/proc/sys/kernel/hostname"), 1024).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
}

/// The first line of the lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LockText {
    /// The newest serial that a holder has seen in this folder.
    pub(crate) serial: Option<Serial>,
    /// The holder; none when it let go in peace.
    pub(crate) holder: Option<Holder>,
    /// The holder before, once it let go or was cleared away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Holder>,
}

impl LockText {
    /// Reads the text. One that is damaged counts as one that has seen a state, unless what is left of it says that
    /// it has not: a text is written in place, and a write can be cut off. Zeros are what a power cut leaves of a
    /// text that was never synced; a state is synced before its serial is written here, so they say nothing.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        const UNSEEN: &[u8] = b"{\"serial\":null";
        // A kill between writing a shorter text and cutting off the rest leaves bytes behind the first line.
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Ok(text) = serde_json::from_slice(line) {
            return text;
        }
        let is_unseen =
            bytes.iter().all(|byte| *byte == 0) || bytes.starts_with(UNSEEN) || UNSEEN.starts_with(bytes);
        Self { serial: (!is_unseen).then_some(Serial(0)), ..Self::default() }
    }

    /// The bytes.
    ///
    /// # Errors
    /// The serialiser refused; with these types it does not.
    pub(crate) fn encode(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(pid: u32) -> Holder {
        Holder { pid, ..Holder::this_process(RunId("r1".to_owned()), "now".to_owned(), "apply".to_owned()) }
    }

    #[test]
    fn a_text_survives_its_own_bytes_and_what_a_longer_one_left_behind() {
        let text = LockText { serial: Some(Serial(4)), holder: Some(holder(7)), last: Some(holder(6)) };
        let mut bytes = text.encode().unwrap();
        assert_eq!(LockText::parse(&bytes), text);
        bytes.extend_from_slice(b"ly\"}}\n");
        assert_eq!(LockText::parse(&bytes), text);
    }

    #[test]
    fn a_damaged_text_has_seen_a_state_unless_it_says_otherwise() {
        for damaged in [&b"\n"[..], b"{\"serial\":4", b"\0\0x", b"x"] {
            assert!(LockText::parse(damaged).serial.is_some(), "{damaged:?}");
        }
        let text = LockText { serial: None, holder: Some(holder(7)), last: None }.encode().unwrap();
        for cut in 0..text.len() {
            assert_eq!(LockText::parse(&text[..cut]).serial, None, "cut at {cut}");
        }
        assert_eq!(LockText::parse(b"\0\0\0"), LockText::default());
    }

    #[test]
    fn a_process_runs_or_is_gone_or_cannot_be_asked() {
        assert_eq!(holder(std::process::id()).process(), HolderProcess::Running);
        // Process numbers end at 2^22.
        assert_eq!(holder(u32::MAX).process(), HolderProcess::Gone);
        let elsewhere = Holder { host: "elsewhere.example".to_owned(), ..holder(1) };
        assert_eq!(elsewhere.process(), HolderProcess::Elsewhere);
    }
}
