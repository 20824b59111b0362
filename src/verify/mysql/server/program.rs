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
    /// The first that the search path names; MariaDB where both are in one folder.
    pub(super) fn find() -> Result<Self, ServerError> {
        let path = env::var("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> =
            std::env::split_paths(&path).chain(BESIDE_THE_PATH.iter().map(PathBuf::from)).collect();
        Self::find_in(&folders, is_mariadb)
    }

    fn find_in(folders: &[PathBuf], is_mariadb: impl Fn(&Path) -> bool) -> Result<Self, ServerError> {
        let find = |names: [&str; 2]| {
            let paths = folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
            paths.into_iter().find(|path| path.is_file())
        };
        let server = find(["mariadbd", "mysqld"]).ok_or(ServerError::Missing)?;
        // Older packages of MariaDB have no other name for it than MySQL's.
        if !server.ends_with("mariadbd") && !is_mariadb(&server) {
            return Ok(Self { flavour: Flavour::Mysql, server, installer: None });
        }
        let installer = find(["mariadb-install-db", "mysql_install_db"]);
        let Some(installer) = installer else { return Err(ServerError::NoInstaller { server }) };
        Ok(Self { flavour: Flavour::Mariadb, server, installer: Some(installer) })
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

/// What the server says of itself.
fn is_mariadb(server: &Path) -> bool {
    let said = Command::new(server).arg("--version").stdin(Stdio::null()).output();
    said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("MariaDB"))
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

    /// Programs in folders of the search path, of which those called so are MariaDB.
    fn with(programs: &[&str], mariadb: &str) -> Result<Program, String> {
        let place = tempfile::tempdir().unwrap();
        let mut folders = Vec::new();
        for program in programs {
            let path = place.path().join(program);
            folders.push(crate::platform::fs::parent(&path).to_owned());
            crate::platform::fs::create_folder(&folders[folders.len() - 1]).unwrap();
            crate::platform::fs::write_new(&path, b"").unwrap();
        }
        folders.dedup();
        Program::find_in(&folders, |path| path.ends_with(mariadb)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_missing_server_is_an_error_that_says_what_to_install() {
        let hint = "apt-get install --no-install-recommends mariadb-server-core";
        assert!(with(&[], "none").unwrap_err().contains(hint));
        assert!(with(&["a/mariadbd"], "none").unwrap_err().contains("mariadb-install-db"));
        assert!(with(&["a/mysqld"], "a/mysqld").unwrap_err().contains("mariadb-install-db"));
    }

    #[test]
    fn both_servers_are_recognised_and_the_first_in_the_path_is_taken() {
        let found = |programs: &[&str], mariadb| {
            let program = with(programs, mariadb).unwrap();
            let folder = program.server.parent().unwrap().file_name().unwrap().to_owned();
            (program.flavour, folder.into_string().unwrap())
        };
        assert_eq!(found(&["a/mysqld"], "none"), (Flavour::Mysql, "a".to_owned()));
        let old = ["a/mysqld", "b/mysql_install_db"];
        assert_eq!(found(&old, "a/mysqld"), (Flavour::Mariadb, "a".to_owned()));
        let both = ["a/mysqld", "b/mariadbd", "b/mariadb-install-db"];
        assert_eq!(found(&both, "none"), (Flavour::Mysql, "a".to_owned()));
        let both = ["a/mariadbd", "a/mysqld", "a/mariadb-install-db"];
        assert_eq!(found(&both, "none"), (Flavour::Mariadb, "a".to_owned()));
    }
}
