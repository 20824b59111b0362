//! Finding files: nothing is missed in silence, nothing outside is read, nothing hangs.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::{VALID, manifest};
use crate::domain::diagnostic::Diagnostic;
use crate::manifest::values::Values;
use crate::manifest::{Loaded, codes, limits, load};
use crate::platform::fs;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_folder(fs::parent(&path)).unwrap();
        fs::replace(&path, text.as_ref()).unwrap();
        self
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) -> &Self {
        symlink(target, self.path(name)).unwrap();
        self
    }

    fn load(&self) -> Result<Loaded, Vec<Diagnostic>> {
        load(&[self.0.path().to_owned()], &Values::default())
    }

    #[track_caller]
    fn refused(&self) -> Diagnostic {
        let mut found = self.load().unwrap_err();
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }
}

fn names(loaded: &Loaded) -> Vec<String> {
    loaded.desired.declared().keys().map(|address| address.name.to_string()).collect()
}

#[test]
fn folders_are_read_recursively_without_hidden_names_and_the_project_file() {
    let folder = Folder::new();
    folder
        .write("a.yaml", manifest("a"))
        .write("deep/er/b.yml", manifest("b"))
        .write(".hidden.yaml", "not: read")
        .write(".git/c.yaml", "not: read")
        .write("reconcile.yaml", "not: read")
        .write("notes.txt", "not: read")
        .write("x.json", "{}");
    let loaded = folder.load().unwrap();
    assert_eq!((names(&loaded), loaded.files, loaded.documents), (vec!["a".into(), "b".into()], 2, 2));
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = Folder::new();
    folder.write("a.yaml", VALID);
    let paths = [folder.path("a.yaml"), folder.0.path().to_owned(), folder.path("./a.yaml")];
    assert_eq!(load(&paths, &Values::default()).unwrap().files, 1);
}

#[test]
fn a_named_file_needs_no_extension_and_a_missing_one_is_an_error() {
    let folder = Folder::new();
    folder.write("manifest", VALID);
    assert_eq!(load(&[folder.path("manifest")], &Values::default()).unwrap().files, 1);
    let found =
        load(&[folder.path("manifest"), folder.path("missing.yaml")], &Values::default()).unwrap_err();
    assert_eq!((found.len(), found[0].code), (1, codes::UNREADABLE));
    assert!(found[0].message.contains("missing.yaml: No such file"), "{}", found[0].message);
}

#[test]
fn the_links_of_a_kubernetes_volume_work() {
    let folder = Folder::new();
    folder
        .write("..2024_05_01/a.yaml", manifest("a"))
        .write("..2024_05_01/b.yaml", manifest("b"))
        .link("..2024_05_01", "..data")
        .link("..data/a.yaml", "a.yaml")
        .link("..data/b.yaml", "b.yaml");
    let loaded = folder.load().unwrap();
    assert_eq!((names(&loaded), loaded.files), (vec!["a".into(), "b".into()], 2));
}

#[test]
fn link_loops_end_and_a_linked_folder_is_read_once() {
    let folder = Folder::new();
    folder.write("real/a.yaml", VALID).link("..", "real/up").link("real", "again").link(".", "self");
    assert_eq!(folder.load().unwrap().files, 1);
    folder.link("round.yaml", "round.yaml");
    assert_eq!(folder.refused().code, codes::UNREADABLE);
}

#[test]
fn a_link_that_leads_nowhere_or_outside_is_an_error() {
    let outside = Folder::new();
    outside.write("secret.yaml", VALID).write("sub/a.yaml", VALID);
    for (target, name) in [
        (PathBuf::from("nowhere.yaml"), "a.yaml"),
        (PathBuf::from("nowhere"), "folder"),
        (outside.path("secret.yaml"), "a.yaml"),
        (outside.path("sub"), "sub"),
        (PathBuf::from("../../../../../../../../etc/passwd"), "a.yaml"),
        (PathBuf::from("/proc/self/environ"), "a.yaml"),
    ] {
        let folder = Folder::new();
        folder.write("good.yaml", VALID).link(&target, name);
        assert_eq!(folder.refused().code, codes::UNREADABLE, "{}", target.display());
    }
}

#[test]
fn devices_and_sockets_are_refused_without_opening_them() {
    assert_eq!(
        load(&[PathBuf::from("/dev/zero")], &Values::default()).unwrap_err()[0].code,
        codes::UNREADABLE
    );
    let folder = Folder::new();
    let _socket = UnixListener::bind(folder.path("s.yaml")).unwrap();
    let refused = folder.refused();
    assert!(refused.message.ends_with("not a regular file"), "{}", refused.message);
    assert_eq!(load(&[folder.path("s.yaml")], &Values::default()).unwrap_err()[0].code, codes::UNREADABLE);
}

#[test]
fn a_file_above_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let folder = Folder::new();
    let limit = usize::try_from(limits::FILE_BYTES).unwrap();
    let mut text = format!("{VALID}#");
    text.push_str(&"x".repeat(limit - text.len()));
    folder.write("a.yaml", &text);
    assert_eq!(folder.load().unwrap().documents, 1);
    folder.write("a.yaml", format!("{text}x"));
    assert_eq!(folder.refused().code, codes::TOO_LARGE);
}

#[test]
fn what_is_not_utf8_is_refused_at_its_first_wrong_byte() {
    let folder = Folder::new();
    folder.write("a.yaml", b"a: 1\nb: \xc3\xa4 \xff\xfe\n");
    let diagnostic = folder.refused();
    assert_eq!(super::place(&diagnostic), "RC0103 2:6");
    folder.write("a.yaml", b"\xef\xbb\xbfa: \xff\n");
    assert_eq!(super::place(&folder.refused()), "RC0103 1:4");
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(VALID.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    folder.write("a.yaml", utf16);
    assert_eq!(super::place(&folder.refused()), "RC0103 1:1");
}

#[test]
fn the_errors_of_all_files_are_reported_at_once_in_order() {
    let folder = Folder::new();
    folder
        .write("b.yaml", format!("{}  jarUri: x\n", manifest("b")))
        .write("a.yaml", "a: [\n")
        .write("c/d.yaml", "kind: Nothing\n");
    let found = folder.load().unwrap_err();
    let files: Vec<PathBuf> = found.iter().map(|found| PathBuf::from(&found.labels[0].span.file)).collect();
    let mut sorted = files.clone();
    sorted.sort();
    assert_eq!(files, sorted);
    assert_eq!(files.first(), Some(&folder.path("a.yaml")));
    assert!(found.iter().any(|found| found.code == codes::UNKNOWN_FIELD));
    assert!(found.iter().any(|found| found.code == codes::UNKNOWN_KIND));
}
