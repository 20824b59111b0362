//! Is there one writer at any time, and does its lock end with it (G5, G6)?

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::scripted_disk::ScriptedDisk;
use super::world::{block_on, confirmed, durably, lock, put, register, request};
use crate::platform::time::SystemClock;
use crate::ports::state_store::{StateError, StateStore};
use crate::state::{Holder, LockRequest, LockStatus, StateFolder};

const FOLDER: &str = "RECONCILE_TEST_STATE_FOLDER";

/// Another process that holds the lock until it is killed.
struct Other(Child);

impl Other {
    fn holding(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "state::tests::locking::holds_the_lock_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.ends_with("locked")), "the child never locked");
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Killed already, as a rule.
        if self.0.kill().is_ok() {
            self.0.wait().unwrap();
        }
    }
}

#[test]
#[ignore = "run by the tests beside it, as another process"]
fn holds_the_lock_until_it_is_killed() {
    if let Some(folder) = crate::platform::env::var(FOLDER) {
        let _state = lock(&StateFolder::open(folder), "other-run").unwrap();
        println!("locked");
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}

fn create(folder: &StateFolder, name: &str, timeout: Duration) {
    let asked = LockRequest { timeout, ..request(name) };
    let mut state = block_on(folder.lock(asked, &SystemClock::start(), |_| {})).unwrap();
    let next = state.recovered().next_write.0;
    durably(&mut state, &register(next, name)).unwrap();
    durably(&mut state, &confirmed(next, vec![put(name)])).unwrap();
    let snapshot = state.recovered().snapshot.clone();
    state.fold(&snapshot).unwrap();
}

#[test]
fn a_second_locker_is_refused_and_told_who_holds_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    let _held = lock(&folder, "run-1").unwrap();
    let Err(StateError::Locked { holder, .. }) = lock(&folder, "run-2") else { panic!("locked twice") };
    for part in [&format!("process {}", std::process::id()), "`apply`", "run-1"] {
        assert!(holder.contains(part), "{part} is not in {holder}");
    }
}

#[test]
fn a_link_to_the_folder_leads_to_the_same_lock() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    let _held = lock(&folder, "run-1").unwrap();
    std::os::unix::fs::symlink(folder.path(), place.path().join("link")).unwrap();
    for path in ["link", "state/../link/."] {
        let refused = lock(&StateFolder::open(place.path().join(path)), "run-2");
        assert!(matches!(refused, Err(StateError::Locked { .. })), "{path}: {refused:?}");
    }
}

#[test]
fn a_killed_holder_leaves_a_free_lock_and_a_stale_name() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    assert_eq!(folder.inspect_lock().unwrap(), LockStatus::Free);
    let mut other = Other::holding(folder.path());
    assert!(matches!(lock(&folder, "run-2"), Err(StateError::Locked { .. })));
    let LockStatus::Held(Some(Holder { pid, .. })) = folder.inspect_lock().unwrap() else {
        panic!("not held")
    };
    assert_eq!(pid, other.0.id());
    assert!(
        matches!(folder.clear_stale_lock(), Err(StateError::Locked { .. })),
        "a living holder was cleared"
    );

    other.kill();
    let LockStatus::Stale(holder) = folder.inspect_lock().unwrap() else { panic!("not stale") };
    assert_eq!(holder.pid, pid);
    assert_eq!(folder.clear_stale_lock().unwrap(), Some(holder));
    assert_eq!(folder.inspect_lock().unwrap(), LockStatus::Free);

    Other::holding(folder.path()).kill();
    lock(&folder, "run-2").unwrap();
    assert_eq!(
        folder.inspect_lock().unwrap(),
        LockStatus::Free,
        "a holder that ended in peace left its name"
    );
}

#[tokio::test(start_paused = true)]
async fn a_waiter_says_once_for_whom_it_waits_and_gives_up_in_time() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    let clock = SystemClock::start();
    let held = folder.lock(request("run-1"), &clock, |_| {}).await.unwrap();
    let asked = LockRequest { timeout: Duration::from_secs(10), ..request("run-2") };
    let mut told = Vec::new();
    let refused = folder.lock(asked.clone(), &clock, |holder| told.push(holder.to_owned())).await;
    let Err(StateError::Locked { holder, waited, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(told, [holder]);
    assert!((Duration::from_secs(10)..Duration::from_millis(10_100)).contains(&waited), "{waited:?}");

    let released = async {
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_secs(3)).await;
        drop(held);
    };
    let (taken, ()) = tokio::join!(folder.lock(asked, &clock, |_| {}), released);
    taken.unwrap();
}

#[test]
fn a_lock_file_that_was_replaced_ends_the_run_before_it_writes() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    create(&folder, "a", Duration::ZERO);
    let mut state = lock(&folder, "run-2").unwrap();
    crate::platform::fs::replace(&folder.path().join("lock"), b"").unwrap();
    let before = folder.read().unwrap();
    let mut changed = state.recovered().snapshot.clone();
    changed.apply(put("b"));
    assert!(matches!(state.fold(&changed), Err(StateError::LockLost { .. })));
    assert!(matches!(durably(&mut state, &register(0, "b")), Err(StateError::Write { .. })));
    assert_eq!(folder.read().unwrap(), before);
}

#[test]
fn a_reader_between_whose_two_files_a_fold_happens_reads_again() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    create(&StateFolder::open(&path), "a", Duration::ZERO);
    let mut writer = lock(&StateFolder::open(&path), "run-2").unwrap();
    durably(&mut writer, &register(0, "b")).unwrap();
    durably(&mut writer, &confirmed(0, vec![put("b")])).unwrap();
    let disk = ScriptedDisk::interrupted_before_reading(path.join("journal.jsonl"), move || {
        let snapshot = writer.recovered().snapshot.clone();
        writer.fold(&snapshot).unwrap();
    });
    let found = StateFolder::on(Arc::new(disk), &path).read().unwrap().unwrap();
    assert_eq!((found.snapshot.serial.0, found.snapshot.resources.len()), (2, 2));
}

#[test]
fn many_runs_at_once_lose_no_change_and_no_reader_sees_a_mixture() {
    const WRITERS: u32 = 4;
    const ROUNDS: u32 = 8;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    create(&StateFolder::open(&path), "first", Duration::ZERO);
    std::thread::scope(|scope| {
        let write = |writer| {
            let path = &path;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    create(&StateFolder::open(path), &format!("w{writer}-{round}"), Duration::from_mins(1));
                }
            })
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        let mut before = 0;
        while writers.iter().any(|writer| !writer.is_finished()) {
            let found = StateFolder::open(&path).read().unwrap().unwrap();
            let now = found.snapshot.resources.len();
            assert!(now >= before, "a change that was seen is gone: {before} → {now}");
            before = now;
        }
    });
    let found = StateFolder::open(&path).read().unwrap().unwrap();
    assert_eq!(found.snapshot.serial.0, u64::from(1 + WRITERS * ROUNDS));
}
