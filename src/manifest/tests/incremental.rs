//! Looking again and again shows what a fresh load shows.
#![expect(clippy::disallowed_methods, reason = "the tests edit files as other programs do")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use crate::domain::address::Address;
use crate::domain::desired::{Desired, DesiredSet, Touched};
use crate::domain::diagnostic::Diagnostic;
use crate::manifest::values::Values;
use crate::manifest::{Incremental, Loaded, Look, load};
use crate::platform::time::wall;

const NAMES: [&str; 5] = ["a.yaml", "b.yml", "deep/c.yaml", "deep/er/d.yaml", "notes.txt"];

/// A document of one of a few connectors. Any two with one number have the same length.
fn document(number: usize, version: usize) -> String {
    format!(
        "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {{name: c{number}}}\nspec:\n  workspaceId: w\n  \
         namespaceName: n\n  connectorName: c{number}\n  connectorType: t{number}\n  jarUrl: oss://jars/{version}.jar\n"
    )
}

/// A text of a file: right, with a warning, about what others declare, or wrong in one of several ways.
fn text(pick: usize) -> String {
    let (number, version) = (pick % 4, pick / 4 % 3);
    match pick / 12 {
        0..=2 => document(number, version),
        3 => format!("{}---\n{}", document(number, version), document((number + 1) % 4, version)),
        4 => format!("{}dependsOn: [FlinkConnector/c{}]\n", document(number, version), (number + 1) % 4),
        5 => document(number, version).replace("spec:", "specs:"),
        6 => "kind: [".to_owned(),
        7 => String::new(),
        _ => "kind: Store\n\u{2028}".to_owned(),
    }
}

#[derive(Debug, Clone)]
enum Edit {
    /// In place: the same file.
    Write(usize, usize),
    /// The way of editors: a new file over the old one.
    Rename(usize, usize),
    Delete(usize),
    RemoveFolder,
    Link(usize, usize),
    Unreadable(usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let (file, pick) = (0..NAMES.len(), 0..108_usize);
    let edit = prop_oneof![
        6 => (file.clone(), pick.clone()).prop_map(|(file, pick)| Edit::Write(file, pick)),
        3 => (file.clone(), pick).prop_map(|(file, pick)| Edit::Rename(file, pick)),
        2 => file.clone().prop_map(Edit::Delete),
        1 => Just(Edit::RemoveFolder),
        1 => (file.clone(), file.clone()).prop_map(|(link, target)| Edit::Link(link, target)),
        1 => file.prop_map(Edit::Unreadable),
    ];
    prop::collection::vec(edit, 0..4)
}

/// A folder that is edited. Every edit has a moment of its own, whatever the clock of the file system can tell apart.
struct Tree {
    folder: tempfile::TempDir,
    moments: u64,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { folder: tempfile::tempdir().unwrap(), moments: 0 };
        std::fs::create_dir(tree.folder.path().join("deep")).unwrap();
        tree
    }

    fn path(&self, file: usize) -> PathBuf {
        self.folder.path().join(NAMES[file])
    }

    fn put(&mut self, path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if path.is_symlink() || path.is_dir() {
            clear(path);
        }
        std::fs::write(path, text).unwrap();
        self.moments += 1;
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + self.moments);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(moment).unwrap();
    }

    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Write(file, pick) => self.put(&self.path(*file), &text(*pick)),
            Edit::Rename(file, pick) => {
                let (path, beside) = (self.path(*file), self.folder.path().join(".beside"));
                self.put(&beside, &text(*pick));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                clear(&path);
                std::fs::rename(beside, path).unwrap();
            }
            Edit::Delete(file) => clear(&self.path(*file)),
            Edit::RemoveFolder => clear(&self.folder.path().join("deep")),
            Edit::Link(link, target) => {
                let (link, target) = (self.path(*link), self.path(*target));
                std::fs::create_dir_all(link.parent().unwrap()).unwrap();
                clear(&link);
                std::os::unix::fs::symlink(target, link).unwrap();
            }
            Edit::Unreadable(file) => {
                let path = self.path(*file);
                clear(&path);
                std::fs::create_dir_all(&path).unwrap();
            }
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        vec![self.folder.path().to_owned(), self.folder.path().join("deep")]
    }

    fn incremental(&self) -> Incremental {
        Incremental::new(self.paths(), Values::default())
    }
}

/// Removes whatever is there.
fn clear(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        std::fs::remove_dir_all(path).unwrap();
    } else if path.symlink_metadata().is_ok() {
        std::fs::remove_file(path).unwrap();
    }
}

/// Looks as if all files had rested for an hour, so that stamps are believed.
fn look_later(incremental: &mut Incremental) -> Look {
    incremental.look(wall() + jiff::Span::new().hours(1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn after_any_edits_a_look_shows_what_a_fresh_load_shows(rounds in prop::collection::vec(edits(), 1..8)) {
        let mut tree = Tree::new();
        let mut incremental = tree.incremental();
        let mut last = None;
        for edits in rounds {
            for edit in &edits {
                tree.edit(edit);
            }
            let look = look_later(&mut incremental);
            let fresh = load(&tree.paths(), &Values::default());
            prop_assert_eq!(&look.loaded, &fresh);
            if let Some(last) = &last {
                prop_assert!(look.changed || *last == fresh, "a change was not noticed");
            }
            prop_assert!(is_right(&look.touched, last.as_ref(), &fresh), "{:?}", look.touched);
            let again = look_later(&mut incremental);
            prop_assert!((again.read, again.changed) == (0, false), "{:?}", again);
            prop_assert!(again.loaded.is_err() || again.touched == Touched::NOTHING, "{:?}", again.touched);
            prop_assert_eq!(again.loaded, fresh.clone());
            last = Some(fresh);
        }
    }
}

/// Whether what is said to be touched is all that differs, and is to all others what it was.
fn is_right(
    touched: &Touched,
    last: Option<&Result<Loaded, Vec<Diagnostic>>>,
    now: &Result<Loaded, Vec<Diagnostic>>,
) -> bool {
    let Touched::Only(touched) = touched else { return true };
    let (Some(Ok(last)), Ok(now)) = (last, now) else { return false };
    let (last, now): (&DesiredSet, &DesiredSet) = (last.desired.declared(), now.desired.declared());
    let differs = |address: &&Address| last.get(*address) != now.get(*address);
    let differing: BTreeSet<&Address> = last.keys().chain(now.keys()).filter(differs).collect();
    let same_to_others = |one: &Desired, other: &Desired| {
        let kept = |desired: &Desired| (desired.spec.key(), desired.depends_on.clone());
        let claims = |desired: &Desired| desired.spec.fields().get("connectorType").cloned();
        kept(one) == kept(other) && claims(one) == claims(other)
    };
    differing == touched.iter().collect()
        && touched
            .iter()
            .all(|a| last.get(a).zip(now.get(a)).is_some_and(|(one, other)| same_to_others(one, other)))
}

#[test]
fn an_edit_in_place_touches_its_object_and_one_that_others_must_know_of_anything() {
    let mut tree = Tree::new();
    for number in 0..3 {
        tree.put(&tree.path(number), &document(number, 0));
    }
    let mut incremental = tree.incremental();
    let mut touched = |tree: &mut Tree, file: usize, text: &str| {
        tree.put(&tree.path(file), text);
        look_later(&mut incremental).touched
    };
    let only = |number: usize| Touched::Only([format!("FlinkConnector/c{number}").parse().unwrap()].into());
    assert_eq!(touched(&mut tree, 0, &document(0, 0)), Touched::Anything, "the first look");
    assert_eq!(touched(&mut tree, 0, &document(0, 1)), only(0));
    assert_eq!(touched(&mut tree, 1, &document(1, 1)), only(1));
    assert_eq!(touched(&mut tree, 1, &format!("{}# a remark\n", document(1, 1))), Touched::NOTHING);
    assert_eq!(
        touched(&mut tree, 1, &format!("# lower\n{}", document(1, 1))),
        only(1),
        "it stands elsewhere"
    );
    let waits = format!("{}dependsOn: [FlinkConnector/c0]\n", document(1, 1));
    for text in [&waits, &document(1, 1).replace("t1", "t9"), &document(4, 1), "kind: [", &document(1, 1)] {
        assert_eq!(touched(&mut tree, 1, text), Touched::Anything, "{text}");
    }
}

#[test]
fn of_many_files_only_the_one_that_changed_is_read() {
    let mut tree = Tree::new();
    for number in 0..10_000 {
        let path = tree.folder.path().join(format!("{}/{number}.yaml", number % 10));
        tree.put(&path, &document(number, 1));
    }
    let mut incremental = Incremental::new(vec![tree.folder.path().to_owned()], Values::default());
    let first = look_later(&mut incremental);
    assert_eq!((first.read, first.loaded.unwrap().desired.declared().len()), (10_000, 10_000));
    tree.put(&tree.folder.path().join("7/7.yaml"), &document(7, 2));
    let second = look_later(&mut incremental);
    assert_eq!((second.read, second.changed), (1, true));
    assert_eq!(second.touched, Touched::Only(["FlinkConnector/c7".parse().unwrap()].into()));
    assert_eq!(second.loaded, load(&[tree.folder.path().to_owned()], &Values::default()));
}

/// Neither length nor time of modification tell, and the other times may stand still for a moment.
#[test]
fn a_change_of_equal_size_right_after_a_look_is_seen() {
    let mut tree = Tree::new();
    let path = tree.path(0);
    let folder = [tree.folder.path().to_owned()];
    let mut incremental = Incremental::new(folder.to_vec(), Values::default());
    for version in 1..200 {
        tree.put(&path, &document(1, version % 9));
        let modified = SystemTime::UNIX_EPOCH;
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let look = incremental.look(wall());
        assert_eq!(look.loaded.unwrap(), load(&folder, &Values::default()).unwrap(), "version {version}");
    }
}

#[test]
fn a_file_that_was_read_again_and_says_the_same_is_no_change() {
    let mut tree = Tree::new();
    tree.put(&tree.path(0), &document(1, 1));
    let mut incremental = Incremental::new(vec![tree.folder.path().to_owned()], Values::default());
    assert!(incremental.look(wall()).changed);
    let again = incremental.look(wall());
    assert_eq!((again.read, again.changed), (1, false));
}

#[test]
fn a_tree_with_more_errors_than_are_shown_is_what_a_fresh_load_shows() {
    let mut tree = Tree::new();
    for number in 0..1_100 {
        tree.put(&tree.folder.path().join(format!("{number}.yaml")), "kind: Nothing\n");
    }
    let mut incremental = Incremental::new(vec![tree.folder.path().to_owned()], Values::default());
    for _ in 0..2 {
        assert_eq!(
            look_later(&mut incremental).loaded,
            load(&[tree.folder.path().to_owned()], &Values::default())
        );
    }
}
