#![expect(clippy::disallowed_methods, reason = "the tests edit files as other programs do")]

use std::os::unix::fs::symlink;
use std::time::Duration;

use futures_util::FutureExt as _;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::event::{CreateKind, DataChange, Flag, MetadataKind, RemoveKind, RenameMode};
use notify::{Error, Event};

use super::*;

const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
const REMOVED: EventKind = EventKind::Remove(RemoveKind::Any);

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// Ears on the folder `/p/m` that follow it and `/p`, and on the file `/q/one`.
fn ears() -> Ears {
    let ears = Ears::new(vec!["/p/m/state".into()], is_yaml);
    let places = Places { folders: ["/p/m".into()].into(), names: ["/p/m".into(), "/q/one".into()].into() };
    let wanted = ears.wanted(&places);
    ears.turn_to(places, &wanted);
    for path in wanted {
        ears.add(path);
    }
    ears
}

fn at(kind: EventKind, path: &str) -> Event {
    Event::new(kind).add_path(path.into())
}

/// Whether an event stirs.
fn stirs(ears: &Ears, event: Result<Event, Error>) -> bool {
    ears.hear(event);
    ears.stirred().now_or_never().is_some()
}

#[test]
fn what_may_be_another_text_stirs_and_reading_does_not() {
    for (kind, path, wanted) in [
        (WRITTEN, "/p/m/a.yaml", true),
        (WRITTEN, "/p/m/a.yaml.swp", false),
        (WRITTEN, "/p/m/state/lock", false),
        (WRITTEN, "/p/m/deep/a.yaml", false),
        (WRITTEN, "/p/other.yaml", false),
        (REMOVED, "/p/m/a.yaml.swp", true),
        (REMOVED, "/p/other", false),
        (EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), "/p/m", true),
        (EventKind::Access(AccessKind::Open(AccessMode::Any)), "/p/m/a.yaml", false),
        (EventKind::Access(AccessKind::Close(AccessMode::Read)), "/p/m", false),
    ] {
        assert_eq!(stirs(&ears(), Ok(at(kind, path))), wanted, "{kind:?} of {path}");
    }
}

#[test]
fn what_lies_on_the_way_stirs_when_it_comes_goes_or_turns() {
    for kind in
        [EventKind::Create(CreateKind::Any), REMOVED, EventKind::Modify(ModifyKind::Name(RenameMode::Any))]
    {
        for path in ["/p/m", "/p", "/q/one", "/q"] {
            assert!(stirs(&ears(), Ok(at(kind, path))), "{kind:?} of {path}");
        }
    }
}

/// An overflow comes as an event without paths: a filter by path must not drop it.
#[test]
fn an_overflow_an_error_and_an_event_without_paths_stir_and_what_was_lost_is_followed_anew() {
    assert!(ears().doubted(false).is_empty());
    for event in [Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), Err(Error::generic("lost"))] {
        let ears = ears();
        assert!(stirs(&ears, event));
        assert_eq!(ears.doubted(false), ["/p", "/p/m", "/q"].map(PathBuf::from));
        assert!(ears.doubted(false).is_empty());
    }
    let ears = ears();
    assert!(stirs(&ears, Ok(Event::new(EventKind::Any))));
    assert_eq!(ears.doubted(true).len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_is_written_until_it_is_closed_or_gone_or_nobody_believes_it_any_more() {
    type End = fn(&Ears);
    let ends: [(&str, End); 6] = [
        ("closed", |ears| assert!(stirs(ears, Ok(at(CLOSED, "/p/m/a.yaml"))), "its end does not stir")),
        ("removed", |ears| ears.hear(Ok(at(REMOVED, "/p/m/a.yaml")))),
        ("its folder removed", |ears| ears.hear(Ok(at(REMOVED, "/p/m")))),
        ("events lost", |ears| ears.hear(Err(Error::generic("lost")))),
        ("nobody believes it", Ears::doubt_writers),
        ("not followed", |ears| drop(ears.turn_to(Places::default(), &[].into()))),
    ];
    for (how, end) in ends {
        let ears = ears();
        assert!(!stirs(&ears, Ok(at(CLOSED, "/p/m/a.yaml"))), "a file that was not changed is closed");
        ears.hear(Ok(at(WRITTEN, "/p/m/notes.txt")));
        assert!(!ears.is_written());
        ears.hear(Ok(at(WRITTEN, "/p/m/a.yaml")));
        ears.hear(Ok(at(CLOSED, "/p/m/b.yaml")));
        assert!(ears.is_written());
        end(&ears);
        assert!(!ears.is_written(), "{how}");
    }
}

#[test]
fn a_way_names_each_link_and_its_end_in_folders_that_are_real() {
    let folder = tempfile::tempdir().unwrap();
    let real = std::fs::canonicalize(folder.path()).unwrap();
    std::fs::create_dir_all(real.join("releases/1/m")).unwrap();
    symlink("releases/1", real.join("current")).unwrap();
    symlink(real.join("current/../../current"), real.join("latest")).unwrap();
    symlink("round", real.join("round")).unwrap();
    for (path, wanted) in [
        ("releases/../releases/1/m", vec!["releases/1/m"]),
        ("latest/m", vec!["latest", "current", "current", "releases/1/m"]),
        ("latest/none/m", vec!["latest", "current", "current", "releases/1/none"]),
        ("none/m", vec!["none"]),
    ] {
        let wanted: Vec<PathBuf> = wanted.into_iter().map(|name| real.join(name)).collect();
        assert_eq!(places::way(&real.join(path)), wanted, "{path}");
    }
    let round = places::way(&real.join("round/m"));
    assert!(round.iter().all(|name| *name == real.join("round")), "{round:?}");
}

/// A watcher over real files; what it follows is what the manifests below these paths lead to.
struct Following {
    watcher: Watcher,
    paths: Vec<PathBuf>,
}

impl Following {
    fn of(paths: &[PathBuf]) -> Self {
        let watcher = Watcher::new(&[], is_yaml).unwrap();
        let mut following = Self { watcher, paths: paths.to_vec() };
        following.look();
        following
    }

    fn look(&mut self) {
        self.watcher.renew(false);
        let places =
            crate::manifest::Incremental::new(self.paths.clone(), crate::manifest::values::Values::default())
                .look(crate::platform::time::wall())
                .places;
        self.watcher.follow(places).unwrap();
    }

    /// Does it, and waits until it is told; then looks until nothing stirs any more.
    async fn hears(&mut self, what: &str, act: impl FnOnce()) {
        self.comes_to_rest().await;
        act();
        let told = tokio::time::timeout(Duration::from_mins(1), self.watcher.stirred()).await;
        assert!(told.is_ok(), "{what} is not told");
        self.look();
    }

    async fn comes_to_rest(&mut self) {
        while tokio::time::timeout(Duration::from_millis(100), self.watcher.stirred()).await.is_ok() {
            self.look();
        }
    }
}

/// A folder to play in, by its real path.
fn playground() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let real = std::fs::canonicalize(folder.path()).unwrap();
    (folder, real)
}

/// Points a link to another target, in one step.
fn turn(link: &Path, target: &str) {
    let beside = link.parent().unwrap().join("turning");
    symlink(target, &beside).unwrap();
    std::fs::rename(beside, link).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_followed_again() {
    let (_folder, root) = playground();
    let (root, file) = (root.join("m"), root.join("m/deep/a.yaml"));
    let mut following = Following::of(std::slice::from_ref(&root));
    for text in ["one", "two"] {
        following.hears("the new folder", || std::fs::create_dir_all(root.join("deep")).unwrap()).await;
        following.hears("a file in it", || std::fs::write(&file, text).unwrap()).await;
        following.hears("its end", || std::fs::remove_dir_all(&root).unwrap()).await;
    }
}

/// As `git-sync` and many deployments do it.
#[tokio::test]
async fn a_link_above_what_is_named_is_followed_when_it_turns() {
    let (_folder, place) = playground();
    for release in ["1", "2"] {
        std::fs::create_dir_all(place.join(release).join("m")).unwrap();
        std::fs::write(place.join(release).join("m/a.yaml"), release).unwrap();
    }
    symlink("1", place.join("current")).unwrap();
    let mut following = Following::of(&[place.join("current/m")]);
    for release in ["2", "1", "2"] {
        following.hears("the turn", || turn(&place.join("current"), release)).await;
        let file = place.join(release).join("m/a.yaml");
        following.hears("a change behind it", || std::fs::write(&file, "another").unwrap()).await;
    }
}

/// One file of a Kubernetes volume, named by itself.
#[tokio::test]
async fn a_file_behind_a_link_beside_it_is_followed_when_that_turns() {
    let (_folder, place) = playground();
    for version in ["..1", "..2"] {
        std::fs::create_dir(place.join(version)).unwrap();
        std::fs::write(place.join(version).join("a.yaml"), version).unwrap();
    }
    symlink("..1", place.join("..data")).unwrap();
    symlink("..data/a.yaml", place.join("a.yaml")).unwrap();
    let mut following = Following::of(&[place.join("a.yaml")]);
    following.hears("the turn", || turn(&place.join("..data"), "..2")).await;
    let file = place.join("..2/a.yaml");
    following.hears("a change behind it", || std::fs::write(&file, "another").unwrap()).await;
}

#[tokio::test]
async fn a_folder_is_followed_on_when_one_of_two_ways_to_it_goes() {
    let (_folder, root) = playground();
    std::fs::create_dir(root.join("deep")).unwrap();
    symlink("deep", root.join("link")).unwrap();
    let mut following = Following::of(std::slice::from_ref(&root));
    following.hears("the end of the link", || std::fs::remove_file(root.join("link")).unwrap()).await;
    following.hears("a file", || std::fs::write(root.join("deep/a.yaml"), "one").unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_named_beside_its_folder_takes_nothing_away_from_it() {
    let (_folder, root) = playground();
    std::fs::create_dir_all(root.join("deep")).unwrap();
    std::fs::write(root.join("deep/a.yaml"), "one").unwrap();
    let mut following = Following::of(&[root.clone(), root.join("deep/a.yaml")]);
    following.hears("a folder", || std::fs::create_dir(root.join("deep/er")).unwrap()).await;
    following.hears("a file in it", || std::fs::write(root.join("deep/er/b.yaml"), "one").unwrap()).await;
}

#[tokio::test]
async fn a_tree_that_is_moved_in_is_followed_to_its_depth_and_one_that_is_moved_out_is_not() {
    let (_folder, place) = playground();
    let (root, outside) = (place.join("m"), place.join("outside"));
    std::fs::create_dir(&root).unwrap();
    std::fs::create_dir_all(outside.join("b/c/d")).unwrap();
    let mut following = Following::of(std::slice::from_ref(&root));
    following.hears("the tree", || std::fs::rename(&outside, root.join("a")).unwrap()).await;
    let file = root.join("a/b/c/d/a.yaml");
    following.hears("a file in its depth", || std::fs::write(&file, "one").unwrap()).await;
    following.hears("its way out", || std::fs::rename(root.join("a"), &outside).unwrap()).await;
    following.comes_to_rest().await;
    std::fs::write(outside.join("b/c/d/a.yaml"), "two").unwrap();
    std::fs::write(outside.join("b/b.yaml"), "two").unwrap();
    assert!(following.watcher.stirred().now_or_never().is_none());
    following.hears("the root itself", || std::fs::write(root.join("a.yaml"), "one").unwrap()).await;
}
