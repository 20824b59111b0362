//! The watch over real files in virtual time, with everything between the kernel and it that can go wrong: what is told of an
//! edit is lost, told twice, told late, or told after what came later.
#![expect(clippy::disallowed_methods, reason = "the tests edit files as other programs do")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use reconcile::domain::desired::Unresolved;
use reconcile::engine::watch::{Chance, Next, Outcome, Timing, Watch};
use reconcile::manifest::values::Values;
use reconcile::manifest::{Incremental, load};

const TIMING: Timing = Timing { debounce: Duration::from_millis(300), resync: Duration::from_mins(5) };
const FILES: [&str; 4] = ["a.yaml", "deep/b.yaml", "deep/er/c.yaml", "d.yml"];
/// The clocks of the simulation begin here, long ago: real files are younger than that, and none of their moments counts.
const BEGIN: u64 = 2_000_000_000;

#[derive(Debug, Clone)]
enum Edit {
    Write(usize, u32),
    Over(usize, u32),
    Remove(usize),
    Break(usize),
    RemoveFolder,
}

/// An edit, how long after the one before it, and after which times it is told: never, once, or several times.
#[derive(Debug, Clone)]
struct Step {
    pause: u64,
    edit: Edit,
    told: Vec<u64>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (file, version) = (0..FILES.len(), 0..9_u32);
    let edit = prop_oneof![
        5 => (file.clone(), version.clone()).prop_map(|(file, version)| Edit::Write(file, version)),
        3 => (file.clone(), version).prop_map(|(file, version)| Edit::Over(file, version)),
        2 => file.clone().prop_map(Edit::Remove),
        1 => file.prop_map(Edit::Break),
        1 => Just(Edit::RemoveFolder),
    ];
    let pause = prop_oneof![Just(0_u64), 0..400_u64, 0..40_000_u64];
    let told = prop::collection::vec(prop_oneof![0..5_u64, 0..2_000_u64], 0..3);
    let step = (pause, edit, told).prop_map(|(pause, edit, told)| Step { pause, edit, told });
    prop::collection::vec(step, 1..12)
}

/// A folder in which every edit has a moment of its own.
struct Tree {
    folder: tempfile::TempDir,
    edits: u64,
}

impl Tree {
    fn root(&self) -> PathBuf {
        self.folder.path().join("m")
    }

    fn put(&mut self, path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.edits += 1;
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN) + Duration::from_millis(self.edits);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(moment).unwrap();
    }

    fn edit(&mut self, edit: &Edit) {
        let path = |file: usize| self.root().join(FILES[file]);
        let text = |file: usize, version: u32| {
            format!(
                "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {{name: c{file}}}\nspec:\n  workspaceId: w\n  \
                 namespaceName: n\n  connectorName: c{file}\n  connectorType: t{file}\n  jarUrl: oss://jars/{version}.jar\n"
            )
        };
        match edit {
            Edit::Write(file, version) => self.put(&path(*file), &text(*file, *version)),
            Edit::Over(file, version) => {
                let (path, beside) = (path(*file), self.folder.path().join("beside"));
                self.put(&beside, &text(*file, *version));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::rename(beside, path).unwrap();
            }
            Edit::Break(file) => self.put(&path(*file), "kind: ["),
            Edit::Remove(file) => drop(std::fs::remove_file(path(*file))),
            Edit::RemoveFolder => drop(std::fs::remove_dir_all(self.root().join("deep"))),
        }
    }
}

/// A pass: when it began, what it was made from, and whether it might delete.
struct Pass {
    began: Duration,
    made_from: Unresolved,
    quiet: bool,
}

/// Lives through the steps; passes last so long. Returns the passes until so long after the last step.
fn live(tree: &mut Tree, steps: &[Step], lasts: Duration, rest: Duration) -> (Vec<Pass>, BTreeSet<Duration>) {
    let mut edits: BTreeMap<Duration, Vec<&Step>> = BTreeMap::new();
    let mut told: BTreeSet<Duration> = BTreeSet::new();
    let mut at = Duration::from_secs(10);
    for step in steps {
        at += Duration::from_millis(step.pause);
        edits.entry(at).or_default().push(step);
        told.extend(step.told.iter().map(|late| at + Duration::from_millis(*late)));
    }
    let end = at + rest;
    let mut watch = Watch::new(TIMING, Chance::new(3));
    let mut manifests = Incremental::new(vec![tree.root()], Values::default());
    let (mut passes, mut heard): (Vec<Pass>, _) = (Vec::new(), told.clone());
    let mut under_way: Option<Duration> = None;
    let mut now = Duration::ZERO;
    while now < end {
        while let Some(entry) = edits.first_entry().filter(|entry| *entry.key() <= now) {
            entry.remove().into_iter().for_each(|step| tree.edit(&step.edit));
        }
        while heard.first().is_some_and(|moment| *moment <= now) {
            watch.stir(heard.pop_first().unwrap());
        }
        if under_way.is_some_and(|over| over <= now) {
            under_way = None;
            let declared = passes.last().unwrap().made_from.declared();
            watch.ended(now, &Outcome::Ended(BTreeMap::new()), declared);
        }
        let mut wake = under_way;
        if under_way.is_none() {
            match watch.next(now) {
                Next::Wait(moment) => wake = Some(moment),
                Next::Look(look) => {
                    let moment = jiff::Timestamp::from_second(i64::try_from(BEGIN).unwrap()).unwrap();
                    let seen = manifests.look(moment + jiff::Span::new().hours(1));
                    watch.looked(seen.changed, seen.touched);
                    match seen.loaded {
                        Err(_) => watch.put_off(now),
                        Ok(loaded) if watch.is_pass(look) => {
                            watch.pass(now, look, loaded.desired.declared());
                            passes.push(Pass { began: now, made_from: loaded.desired, quiet: look.quiet });
                            under_way = Some(now + lasts);
                        }
                        Ok(_) => {}
                    }
                    continue;
                }
            }
        }
        let next = [edits.keys().next().copied(), heard.first().copied(), wake];
        now = next.into_iter().flatten().min().unwrap_or(end).max(now);
    }
    (passes, told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_lost_doubled_or_late_the_end_is_what_a_fresh_load_shows(
        steps in steps(),
        lasts in 0..3_000_u64,
        last_is_told in any::<bool>(),
    ) {
        let mut steps = steps;
        let lasts = Duration::from_millis(lasts);
        // What is told of the last edit shows it soon; otherwise the resync does.
        if last_is_told {
            steps.last_mut().unwrap().told.push(50);
        }
        let soon = Duration::from_secs(2) + 2 * lasts + TIMING.debounce;
        let rest = if last_is_told { soon } else { soon + TIMING.resync * 11 / 10 };
        let mut tree = Tree { folder: tempfile::tempdir().unwrap(), edits: 0 };
        tree.edit(&Edit::Write(0, 0));
        let (passes, told) = live(&mut tree, &steps, lasts, rest);
        if let Ok(fresh) = load(&[tree.root()], &Values::default()) {
            prop_assert_eq!(&passes.last().unwrap().made_from, &fresh.desired);
        }
        for pass in passes.iter().filter(|pass| pass.quiet) {
            let restless = |moment: &&Duration| **moment <= pass.began && pass.began < **moment + TIMING.debounce;
            let stirred = told.iter().find(restless);
            prop_assert_eq!(stirred, None, "a pass at {:?} might delete", pass.began);
        }
    }
}
