#![expect(clippy::disallowed_methods, reason = "the tests edit files as other programs do")]

use std::os::unix::fs::symlink;

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
