//! Where a file is in its repository: forges know files by this name only, wherever the program was started.

use std::path::{Component, Path, PathBuf};

use crate::platform::fs;

/// Names files from the root of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Repository {
    root: PathBuf,
    here: PathBuf,
}

impl Repository {
    /// The repository around this folder; where there is none, the folder itself.
    pub(super) fn around(here: PathBuf) -> Self {
        let root = here.ancestors().find(|folder| fs::entry(&folder.join(".git")).is_ok());
        Self { root: root.unwrap_or(&here).to_owned(), here }
    }

    /// The name of a file; one outside of the repository stays as it was named.
    pub(super) fn name(&self, file: &str) -> String {
        let whole = plain(&self.here.join(file));
        let inner = whole.strip_prefix(&self.root).ok().filter(|inner| *inner != Path::new(""));
        inner.map_or_else(|| file.to_owned(), |inner| inner.display().to_string())
    }

    /// The name of the working folder; empty at the root.
    pub(super) fn folder(&self) -> String {
        self.here.strip_prefix(&self.root).unwrap_or(Path::new("")).display().to_string()
    }
}

/// The path without `.` and `..`, by its words alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_root_of_the_repository_wherever_one_stands() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("repository");
        let here = root.join("teams/a");
        fs::create_folder(&here).unwrap();
        fs::create_folder(&root.join(".git")).unwrap();
        let repository = Repository::around(here.clone());
        for (file, name) in [
            ("m/k.yaml", "teams/a/m/k.yaml"),
            ("./k.yaml", "teams/a/k.yaml"),
            ("../b/k.yaml", "teams/b/k.yaml"),
            ("../../../k.yaml", "../../../k.yaml"),
            ("/elsewhere/k.yaml", "/elsewhere/k.yaml"),
        ] {
            assert_eq!(repository.name(file), name);
        }
        assert_eq!(repository.name(&here.join("k.yaml").display().to_string()), "teams/a/k.yaml");
        assert_eq!(repository.folder(), "teams/a");
        let alone = Repository::around(home.path().to_owned());
        assert_eq!((alone.name("m/k.yaml"), alone.folder()), ("m/k.yaml".to_owned(), String::new()));
    }
}
