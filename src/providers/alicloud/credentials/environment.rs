//! What credentials are read from, as an argument: tests never touch the variables of the process.

use std::path::PathBuf;

use crate::platform::env;

/// Variables and the home folder.
pub trait Environment: Send + Sync {
    /// The variable, if it is set and not empty.
    fn var(&self, name: &str) -> Option<String>;

    /// The folder below which `.aliyun/config.json` lies.
    fn home(&self) -> Option<PathBuf> {
        self.var("HOME").map(PathBuf::from)
    }
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        env::var(name)
    }
}
