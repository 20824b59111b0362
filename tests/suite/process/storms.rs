//! What may happen to the files of a watch, one kind after the other: the end is always what a fresh plan says, and nothing
//! is deleted because something was only on its way.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::emulator::Emulator;
use super::program::Program;
use super::scenario::Connector;
use super::site::{Site, manifest};
use super::watching::Watching;

fn one(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

/// A watch that may delete.
fn pruning(connectors: &[Connector]) -> Watching {
    Watching::start(connectors, &["--prune"])
}

/// More names than the kernel keeps events for.
pub(super) fn overflow(folder: &Path) {
    let kept = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let kept: usize = kept.trim().parse().unwrap();
    for number in 0..=kept {
        // In turn: the kernel keeps an event once that equals the one before it.
        let path = folder.join(format!("{}.txt", number % 2));
        File::create(&path).unwrap();
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_the_kernel_had_no_room_to_tell_is_seen_and_followed_on() {
    let watching = pruning(&[one("a", 1)]);
    let deep = watching.folder().join("deep");
    watching.site.declare_in("manifests/deep", &[one("b", 1)]);
    watching.until_live(&[one("a", 1), one("b", 1)]);
    watching.signal("STOP");
    overflow(&watching.folder());
    // Nobody tells of what follows.
    watching.site.declare(&[one("a", 2)]);
    fs::remove_dir_all(&deep).unwrap();
    watching.site.declare_in("manifests/deep", &[one("b", 2)]);
    watching.site.declare_in("manifests/deep/er", &[one("c", 1)]);
    watching.signal("CONT");
    watching.until_agreed(&[one("a", 2), one("b", 2), one("c", 1)]);
    watching.site.declare_in("manifests/deep", &[one("b", 3)]);
    watching.until_live(&[one("a", 2), one("b", 3), one("c", 1)]);
    watching.site.declare_in("manifests/deep/er", &[one("c", 2)]);
    watching.until_agreed(&[one("a", 2), one("b", 3), one("c", 2)]);
    assert_eq!(watching.deletes(), 4, "the one halves of registering again");
    watching.stop().exits(0);
}

#[test]
fn of_a_file_that_is_still_being_written_nothing_is_believed_however_whole_it_looks() {
    let whole = [one("a", 2), one("b", 2)];
    for (first, rest) in [(&whole[..1], &whole[1..]), (&[], &whole[..])] {
        let watching = Watching::start(&[one("a", 1), one("b", 1)], &["--prune", "--resync", "200ms"]);
        watching.site.declare_in("manifests/other", &[one("c", 1)]);
        watching.until_live(&[one("a", 1), one("b", 1), one("c", 1)]);
        let mut file = File::create(watching.folder().join("all.yaml")).unwrap();
        file.write_all(manifest(first).as_bytes()).unwrap();
        watching.write("other/all.yaml", &manifest(&[one("c", 2)]));
        // Many times the debounce. What would be done would be done by then.
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(watching.deletes(), 0, "after {} of two", first.len());
        file.write_all(manifest(rest).as_bytes()).unwrap();
        drop(file);
        watching.until_agreed(&[one("a", 2), one("b", 2), one("c", 2)]);
        assert_eq!(
            watching.deletes(),
            3,
            "the one halves of registering again, after {} of two",
            first.len()
        );
        watching.stop().exits(0);
    }
}

/// A way to save a file.
type Save = fn(&Path, &str);

/// What some editors do.
const EDITORS: [(&str, Save); 4] = [
    ("a new file over the old one, in one step", |path, text| {
        let beside = path.with_file_name("sedXk3b2a");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }),
    ("vim", |path, text| {
        let (swap, backup) = (path.with_file_name(".all.yaml.swp"), path.with_file_name("all.yaml~"));
        let probe = path.with_file_name("4913");
        fs::write(&swap, text).unwrap();
        fs::write(&probe, "").unwrap();
        fs::remove_file(probe).unwrap();
        fs::rename(path, &backup).unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(backup).unwrap();
        fs::remove_file(swap).unwrap();
    }),
    ("emacs", |path, text| {
        let (lock, draft) = (path.with_file_name(".#all.yaml"), path.with_file_name("#all.yaml#"));
        symlink("somebody@somewhere.4711:1700000000", &lock).unwrap();
        fs::write(&draft, text).unwrap();
        fs::copy(path, path.with_file_name("all.yaml~")).unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(draft).unwrap();
        fs::remove_file(lock).unwrap();
    }),
    ("in place, and longer before", |path, text| {
        fs::write(path, text.repeat(2)).unwrap();
        fs::write(path, text).unwrap();
    }),
];

#[test]
fn every_way_to_save_a_file_is_one_change() {
    let watching = pruning(&[one("a", 1), one("b", 1)]);
    for (version, (_, save)) in (2..).zip(EDITORS) {
        save(&watching.folder().join("all.yaml"), &manifest(&[one("a", version), one("b", 1)]));
        watching.until_agreed(&[one("a", version), one("b", 1)]);
    }
    let (deletes, edits) = (watching.deletes(), EDITORS.len());
    assert_eq!(deletes, edits, "one half of registering again for each edit");
    watching.stop().exits(0);
}

#[test]
fn a_file_becomes_a_folder_and_a_file_again() {
    let watching = pruning(&[one("a", 1)]);
    let path = watching.folder().join("all.yaml");
    watching.site.declare_in("manifests/other", &[one("b", 1)]);
    for version in 2..4 {
        fs::remove_file(&path).unwrap();
        watching.site.declare_in("manifests/all.yaml", &[one("a", version)]);
        watching.until_agreed(&[one("a", version), one("b", 1)]);
        watching.write("all.yaml/all.yaml", &manifest(&[one("a", 10 * version)]));
        watching.until_agreed(&[one("a", 10 * version), one("b", 1)]);
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, manifest(&[one("a", 100 * version)])).unwrap();
        watching.until_agreed(&[one("a", 100 * version), one("b", 1)]);
    }
    watching.stop().exits(0);
}

/// A watch that may not read what its own user has forbidden to himself, as every user but the first.
fn without_privileges(site: &Site, endpoint: &str) -> Program {
    let arguments = Watching::arguments(&["--prune"]);
    let is_first = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !is_first {
        return site.start(endpoint, &arguments);
    }
    let mut command = Command::new("setpriv");
    site.prepare(&mut command, endpoint);
    command.arg("--bounding-set=-dac_override,-dac_read_search").arg("--inh-caps=-all");
    command.arg(env!("CARGO_BIN_EXE_reconcile")).args(arguments);
    Program::start(command)
}

#[test]
fn what_cannot_be_read_for_a_while_deletes_nothing_and_is_followed_afterwards() {
    let site = Site::new();
    site.declare(&[one("a", 1)]);
    site.declare_in("manifests/deep", &[one("b", 1)]);
    site.declare_in("manifests/deep/er", &[one("c", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let program = without_privileges(&site, emulator.url());
    let watching = Watching::with(site, emulator, program);
    let deep = watching.folder().join("deep");
    for (version, forbidden) in (2..).zip([deep.clone(), deep.join("all.yaml"), deep.join("er")]) {
        let mode = fs::metadata(&forbidden).unwrap().permissions().mode();
        let told = watching.of_type("diagnostic").len();
        fs::set_permissions(&forbidden, Permissions::from_mode(0o0)).unwrap();
        watching.site.declare(&[one("a", version)]);
        watching.until("the diagnostic", |_| watching.of_type("diagnostic").len() > told);
        assert_eq!(watching.deletes(), 3 * (version as usize - 2), "{}", forbidden.display());
        fs::set_permissions(&forbidden, Permissions::from_mode(mode)).unwrap();
        watching.until_agreed(&[one("a", version), one("b", version - 1), one("c", version - 1)]);
        watching.site.declare_in("manifests/deep", &[one("b", version)]);
        watching.site.declare_in("manifests/deep/er", &[one("c", version)]);
        watching.until_agreed(&["a", "b", "c"].map(|name| one(name, version)));
    }
    watching.stop().exits(0);
}

#[test]
fn a_deep_tree_comes_by_one_rename_and_goes_by_another() {
    let watching = pruning(&[one("a", 1)]);
    let (inside, outside) = (watching.folder().join("tree"), watching.site.path().join("outside"));
    watching.site.declare_in("outside/b", &[one("b", 1)]);
    watching.site.declare_in("outside/b/c/d/e/f", &[one("c", 1)]);
    for version in 1..3 {
        fs::rename(&outside, &inside).unwrap();
        watching.until_agreed(&[one("a", 1), one("b", version), one("c", version)]);
        watching.site.declare_in("manifests/tree/b", &[one("b", version + 1)]);
        watching.site.declare_in("manifests/tree/b/c/d/e/f", &[one("c", version + 1)]);
        watching.until_agreed(&[one("a", 1), one("b", version + 1), one("c", version + 1)]);
        fs::rename(&inside, &outside).unwrap();
        watching.until_agreed(&[one("a", 1)]);
    }
    assert_eq!(watching.deletes(), 2 * 4);
    watching.stop().exits(0);
}

/// Links on the way to the folder that is named, and in it; turned faster than anybody looks.
#[test]
fn links_that_turn_several_times_in_a_row_lead_to_what_they_lead_to_last() {
    let site = Site::new();
    for version in 0..20 {
        site.declare_in(&format!("releases/{version}/m/..data"), &[one("a", version)]);
        symlink("..data/all.yaml", site.path().join(format!("releases/{version}/m/all.yaml"))).unwrap();
    }
    let turn = |version| {
        let beside = site.path().join("beside");
        symlink(format!("releases/{version}"), &beside).unwrap();
        fs::rename(beside, site.path().join("current")).unwrap();
    };
    turn(0);
    symlink("current/m", site.path().join("manifests")).unwrap();
    let emulator = Emulator::start(site.path(), &[]);
    let program = Watching::program(&site, emulator.url(), &["--prune"]);
    let path = site.path().to_owned();
    let watching = Watching::with(site, emulator, program);
    watching.until_agreed(&[one("a", 0)]);
    for version in 1..20_u32 {
        let beside = path.join("beside");
        symlink(format!("releases/{version}"), &beside).unwrap();
        fs::rename(beside, path.join("current")).unwrap();
        if version % 5 == 0 {
            watching.until_agreed(&[one("a", version)]);
        }
    }
    watching.until_agreed(&[one("a", 19)]);
    // Where they led before is nobody's business any more.
    fs::remove_dir_all(path.join("releases/3")).unwrap();
    watching.write("..data/all.yaml", &manifest(&[one("a", 99)]));
    watching.until_agreed(&[one("a", 99)]);
    assert!(watching.deletes() <= 20, "{} deletes", watching.deletes());
    watching.stop().exits(0);
}

#[test]
fn what_comes_and_goes_before_anybody_looks_leaves_nothing_behind() {
    let watching = pruning(&[one("a", 1)]);
    for _ in 0..300 {
        watching.site.declare_in("manifests/passing", &[one("b", 1)]);
        fs::remove_dir_all(watching.folder().join("passing")).unwrap();
    }
    watching.site.declare(&[one("a", 2)]);
    watching.until_agreed(&[one("a", 2)]);
    watching.stop().exits(0);
}

/// More than 10,000 events a second on any machine that could be called one: four writers as fast as they can.
#[test]
fn a_flood_of_events_ends_with_what_is_there() {
    const WRITES: usize = 5_000;
    let watching = pruning(&[one("a", 1)]);
    let folder = watching.folder();
    fs::create_dir(folder.join("noise")).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = File::create(folder.join("noise/log.txt")).unwrap();
            (0..20 * WRITES).for_each(|_| log.write_all(b"a line\n").unwrap());
        });
        for writer in ["x", "y"] {
            let folder = &folder;
            scope.spawn(move || {
                for number in 0..WRITES {
                    let path = folder.join(format!("noise/{writer}{number}.tmp"));
                    fs::write(&path, "kind: FlinkConnector\n").unwrap();
                    fs::rename(&path, path.with_extension("txt")).unwrap();
                    fs::remove_file(path.with_extension("txt")).unwrap();
                }
            });
        }
        scope.spawn(|| {
            for version in 2..u32::try_from(WRITES).unwrap() {
                let (path, beside) = (folder.join("b.yaml"), folder.join(".b.yaml"));
                fs::write(&beside, manifest(&[one("b", version)])).unwrap();
                fs::rename(beside, path).unwrap();
            }
        });
    });
    watching.site.declare(&[one("a", 2)]);
    let last = u32::try_from(WRITES).unwrap() - 1;
    watching.until_agreed(&[one("a", 2), one("b", last)]);
    watching.stop().exits(0);
}

/// Two folders cannot be read in one moment: a file that is moved from the second to the first meanwhile is in neither.
#[test]
fn a_file_that_is_moved_while_somebody_looks_is_not_taken_for_removed() {
    let watching = pruning(&[one("a", 1)]);
    let folder = watching.folder();
    // The folders are read one after the other, and the one between takes a while.
    for part in ["1", "2", "3"] {
        fs::create_dir(folder.join(part)).unwrap();
    }
    for number in 0..10_000 {
        File::create(folder.join(format!("2/{number}.txt"))).unwrap();
    }
    watching.write("1/b.yaml", &manifest(&[one("b", 1)]));
    watching.until_live(&[one("a", 1), one("b", 1)]);
    for turn in 0..40 {
        let (from, to) = if turn % 2 == 0 { ("1", "3") } else { ("3", "1") };
        fs::rename(folder.join(from).join("b.yaml"), folder.join(to).join("b.yaml")).unwrap();
        // The debounce, and a part of the look that follows.
        std::thread::sleep(Duration::from_millis(100 + 5 * (turn / 2)));
    }
    watching.site.declare(&[one("a", 2)]);
    watching.until_agreed(&[one("a", 2), one("b", 1)]);
    assert_eq!(watching.deletes(), 1, "the one half of registering `a` again");
    watching.stop().exits(0);
}
