//! What ends a private server when we cannot: a shell that waits for our end, however that comes about.
//!
//! Promises: as long as we live it does nothing; an end in order takes it away first, so that it never signals a process id
//! that has been given to somebody else meanwhile.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `cat` ends when the last writer of its input does, and we are the only one.
const SCRIPT: &str = r#"
cat >/dev/null
kill -CONT "$1" && kill -TERM "$1"
tries=0
while kill -0 "$1" && [ $tries -lt 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
rm -rf -- "$2"
"#;

/// Watches over one process and its folder.
pub(super) struct Guard(Child);

impl Guard {
    /// Begins to watch.
    ///
    /// # Errors
    /// There is no shell.
    pub(super) fn over(pid: u32, folder: &Path) -> std::io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "guard"]).arg(pid.to_string()).arg(folder);
        // Of its own group: what a terminal sends to us is not for it.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        command.spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait()) {
            tracing::trace!(%error, "the guard of the private server could not be taken away");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that would run for long, and a folder.
    fn watched() -> (Child, tempfile::TempDir) {
        let child = Command::new("sleep").arg("1000").spawn().unwrap();
        (child, tempfile::tempdir().unwrap())
    }

    #[test]
    fn the_server_ends_and_its_folder_goes_when_we_end() {
        let (mut server, folder) = watched();
        let mut guard = Guard::over(server.id(), folder.path()).unwrap();
        // As the operating system does it for a process that was killed.
        drop(guard.0.stdin.take());
        assert!(!server.wait().unwrap().success());
        guard.0.wait().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_guard_that_is_taken_away_touches_nothing() {
        let (mut server, folder) = watched();
        drop(Guard::over(server.id(), folder.path()).unwrap());
        assert_eq!(server.try_wait().unwrap(), None);
        assert!(folder.path().exists());
        server.kill().unwrap();
        server.wait().unwrap();
    }
}
