//! The server's programs: where they are and how they are called.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::facts::Flavour;
use super::error::ServerError;
use crate::platform::env;

/// Where packages put servers beside the search path.
const BESIDE_THE_PATH: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin"];

/// An installed server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) flavour: Flavour,
    pub(super) server: PathBuf,
    /// Makes the data folder; MySQL's server does that by itself.
    installer: Option<PathBuf>,
}

impl Program {
    /// What is installed; MariaDB when both are.
    pub(super) fn find() -> Result<Self, ServerError> {
        let path = env::var("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> =
            std::env::split_paths(&path).chain(BESIDE_THE_PATH.iter().map(PathBuf::from)).collect();
        Self::find_in(&folders)
    }

    fn find_in(folders: &[PathBuf]) -> Result<Self, ServerError> {
        let find = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        let installer = find("mariadb-install-db").or_else(|| find("mysql_install_db"));
        if let Some(server) = find("mariadbd") {
            let Some(installer) = installer else { return Err(ServerError::NoInstaller { server }) };
            return Ok(Self { flavour: Flavour::Mariadb, server, installer: Some(installer) });
        }
        let server = find("mysqld").ok_or(ServerError::Missing)?;
        // Older packages of MariaDB use this name, too, and bring the installer.
        Ok(match installer {
            Some(installer) => Self { flavour: Flavour::Mariadb, server, installer: Some(installer) },
            None => Self { flavour: Flavour::Mysql, server, installer: None },
        })
    }

    /// Makes an empty data folder. The accounts of root have no password until the server starts with our settings.
    pub(super) fn initialise(&self, data: &Path) -> Command {
        let program = self.installer.as_ref().unwrap_or(&self.server);
        let mut command = Command::new(program);
        command.arg("--no-defaults").args(as_whom()).arg(named("--datadir=", data));
        if self.installer.is_some() {
            command.args([
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ]);
        } else {
            command.arg("--initialize-insecure");
        }
        command.env(TEMPORARY, data.parent().unwrap_or(data)).stdin(Stdio::null());
        command
    }

    /// Runs the server. `folder` holds data, socket, log and the statements that it runs first.
    pub(super) fn serve(&self, folder: &Path, port: u16) -> Command {
        let mut command = Command::new(&self.server);
        command.arg("--no-defaults").args(as_whom());
        command.arg(named("--datadir=", &folder.join("data")));
        command.arg(named("--socket=", &folder.join("s")));
        command.arg(named("--pid-file=", &folder.join("pid")));
        command.arg(named("--init-file=", &folder.join("first.sql")));
        command.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--max-connections=400"]);
        command.arg(format!("--port={port}"));
        if self.flavour == Flavour::Mysql {
            command.args(["--mysqlx=OFF", "--secure-file-priv=NULL"]);
        }
        command.env(TEMPORARY, folder).stdin(Stdio::null());
        command
    }
}

/// Where a server keeps its temporary tables. One that starts clears away those of others, so each has a folder of its own.
const TEMPORARY: &str = "TMPDIR";

/// As ourselves. The server refuses to run as root unless it is told to.
fn as_whom() -> Option<&'static str> {
    rustix::process::getuid().is_root().then_some("--user=root")
}

fn named(option: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(option);
    argument.push(path);
    argument
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(programs: &[&str]) -> Result<Program, String> {
        let folder = tempfile::tempdir().unwrap();
        for name in programs {
            crate::platform::fs::write_new(&folder.path().join(name), b"").unwrap();
        }
        Program::find_in(&[folder.path().to_owned()]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_missing_server_is_an_error_that_says_what_to_install() {
        assert!(
            with(&[]).unwrap_err().contains("apt-get install --no-install-recommends mariadb-server-core")
        );
        assert!(with(&["mariadbd"]).unwrap_err().contains("mariadb-install-db"));
    }

    #[test]
    fn both_servers_are_recognised() {
        let flavour = |programs: &[&str]| with(programs).unwrap().flavour;
        assert_eq!(flavour(&["mysqld"]), Flavour::Mysql);
        assert_eq!(flavour(&["mysqld", "mysql_install_db"]), Flavour::Mariadb);
        assert_eq!(flavour(&["mariadbd", "mariadb-install-db", "mysqld"]), Flavour::Mariadb);
    }
}
