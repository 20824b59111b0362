//! Looking for everything that is wrong with a state folder. Changes nothing and takes no lock, so that it works on a state
//! that nothing else can open.
//!
//! Promises that one look shows all: damage of one file does not hide that of another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::backup::{self, Backup};
use super::disk::{Disk, cannot_read};
use super::reading::{self, journal_path, snapshot_path};
use super::{journal_file, key_file, lock, snapshot_file};
use crate::domain::address::Address;
use crate::domain::snapshot::{Lineage, Serial, Snapshot};
use crate::ports::state_store::StateError;

/// What belongs into a state folder.
const KNOWN: &[&str] =
    &["lock", "snapshot.json", "journal.jsonl", "fingerprint.key", "backups", "emulator", "watch.lock"];

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A file cannot be read as what it is.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        detail: String,
        /// What to do.
        remedy: String,
    },
    /// A backup that cannot be used.
    #[error("the backup {} is damaged: {detail}", path.display())]
    DamagedBackup {
        /// The file.
        path: PathBuf,
        /// How.
        detail: String,
    },
    /// A backup of another state.
    #[error("the backup {} belongs to another state: lineage {found}, expected {expected}", path.display())]
    Lineage {
        /// The file.
        path: PathBuf,
        /// Its lineage.
        found: Lineage,
        /// That of the state.
        expected: Lineage,
    },
    /// A backup whose name does not tell its serial.
    #[error("the backup {} holds serial {found}", path.display())]
    Misnamed {
        /// The file.
        path: PathBuf,
        /// The serial in it.
        found: Serial,
    },
    /// The folder has seen a later generation than the present one: somebody put an old file back.
    #[error("the snapshot has serial {present}, but {} has seen serial {seen}", path.display())]
    WentBack {
        /// What has seen it.
        path: PathBuf,
        /// The present serial.
        present: Serial,
        /// The later one.
        seen: Serial,
    },
    /// Two objects are recorded under one address.
    #[error("{address} is recorded twice: for {}", keys.join(" and "))]
    SharedAddress {
        /// The address.
        address: Address,
        /// The identities.
        keys: Vec<String>,
    },
    /// A recorded dependency that is not recorded itself.
    #[error("{address} depends on {on}, which is not recorded")]
    Dangling {
        /// The object.
        address: Address,
        /// What it depends on.
        on: Address,
    },
    /// Nobody holds the lock, and the journal holds what the snapshot does not.
    #[error("a run was cut off: {}", cut_off(*unfolded, *open))]
    CutOff {
        /// Whether there are changes that the snapshot does not hold.
        unfolded: bool,
        /// Requests of which nobody knows what became.
        open: usize,
    },
    /// A file that is kept for people only.
    #[error("{} was kept for you", path.display())]
    Kept {
        /// The file.
        path: PathBuf,
    },
    /// A file that does not belong here.
    #[error("{} does not belong into a state", path.display())]
    Stray {
        /// The file.
        path: PathBuf,
    },
}

fn cut_off(unfolded: bool, open: usize) -> String {
    let changes = unfolded.then(|| "changes are in the journal only".to_owned());
    let requests = (open > 0).then(|| format!("requests without an answer: {open}"));
    changes.into_iter().chain(requests).collect::<Vec<_>>().join(", ")
}

impl Finding {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Finding::Damaged { remedy, .. } => remedy.clone(),
            Finding::DamagedBackup { path, .. }
            | Finding::Lineage { path, .. }
            | Finding::Misnamed { path, .. } => {
                format!("move {} away: it cannot be restored", path.display())
            }
            Finding::WentBack { seen, .. } => {
                format!(
                    "`reconcile state history` shows what there is; `reconcile state restore {seen}` if it is there"
                )
            }
            Finding::SharedAddress { address, .. } => {
                format!(
                    "`reconcile apply` ends a replacement that was cut off; else `reconcile state rm {address}` and import"
                )
            }
            Finding::Dangling { address, .. } => {
                format!("`reconcile apply` records what the manifest of {address} declares now")
            }
            Finding::CutOff { .. } => "`reconcile apply` looks what became of it and goes on".to_owned(),
            Finding::Kept { path } => format!("remove {} when you have looked at it", path.display()),
            Finding::Stray { path } => format!("move {} away", path.display()),
        }
    }
}

/// Everything that is wrong.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn findings(disk: &dyn Disk, folder: &Path) -> Result<Vec<Finding>, StateError> {
    let mut found = Vec::new();
    let backups = backup::list(disk, folder)?;
    let snapshot = match reading::read(disk, folder) {
        Ok(None) => None,
        Ok(Some(reading)) => {
            let recovered = &reading.recovered;
            found.extend(contradictions(&recovered.snapshot));
            let is_idle = !matches!(lock::inspect(disk, folder), Ok(lock::LockStatus::Held(_)));
            if is_idle && (recovered.unfolded || !recovered.open.is_empty()) {
                found.push(Finding::CutOff { unfolded: recovered.unfolded, open: recovered.open.len() });
            }
            Some(reading.snapshot().clone())
        }
        Err(error @ StateError::Read { .. }) => return Err(error),
        Err(error) => damaged(disk, folder, &error, &mut found)?,
    };
    if let Err(StateError::Corrupt { path, detail, .. }) = key_file::read(disk, folder) {
        let remedy =
            "put a copy back, or remove it: every object with a secret is then updated once".to_owned();
        found.push(Finding::Damaged { path, detail, remedy });
    }
    if let Some(present) = snapshot.as_ref().map(|snapshot| snapshot.serial) {
        let seen = lock::seen_serial(disk, folder).ok().flatten().map(|seen| (folder.join("lock"), seen));
        let newest = backups.first().map(|backup| (backup.path.clone(), backup.serial));
        let latest = seen.into_iter().chain(newest).max_by_key(|(_, serial)| *serial);
        found.extend(latest.filter(|(_, seen)| *seen > present).map(|(path, seen)| Finding::WentBack {
            path,
            present,
            seen,
        }));
    }
    for backup in &backups {
        found.extend(of_backup(disk, backup, snapshot.as_ref())?);
    }
    found.extend(strays(disk, folder)?);
    Ok(found)
}

/// Names every file that is damaged; the snapshot, if that is whole.
fn damaged(
    disk: &dyn Disk,
    folder: &Path,
    error: &StateError,
    found: &mut Vec<Finding>,
) -> Result<Option<Snapshot>, StateError> {
    let (snapshot, journal) = (snapshot_path(folder), journal_path(folder));
    let back = || match backup::list(disk, folder).unwrap_or_default().first() {
        Some(newest) => {
            format!("`reconcile state restore {}` puts the newest backup in its place", newest.serial)
        }
        None => "move the folder away, then `reconcile state rebuild`".to_owned(),
    };
    let before = found.len();
    let bytes = disk.read(&snapshot).map_err(cannot_read(&snapshot))?;
    let whole = match bytes.as_deref().map(snapshot_file::decode) {
        Some(Ok(whole)) => Some(whole),
        Some(Err(damage)) => {
            found.push(Finding::Damaged { path: snapshot, detail: damage.to_string(), remedy: back() });
            None
        }
        None => {
            let detail = "it is missing, though this folder held a state".to_owned();
            found.push(Finding::Damaged { path: snapshot, detail, remedy: back() });
            None
        }
    };
    let bytes = disk.read(&journal).map_err(cannot_read(&journal))?.unwrap_or_default();
    if let Err(damage) = journal_file::decode(&bytes) {
        let remedy = match &whole {
            Some(snapshot) => {
                format!("move it away: the snapshot has serial {}; then `reconcile plan`", snapshot.serial)
            }
            None => "the restoring moves it away".to_owned(),
        };
        found.push(Finding::Damaged { path: journal.clone(), detail: damage.to_string(), remedy });
    }
    if found.len() == before {
        // Both are whole, and do not belong together.
        found.push(Finding::Damaged { path: journal, detail: error.to_string(), remedy: back() });
    }
    Ok(whole)
}

fn contradictions(snapshot: &Snapshot) -> Vec<Finding> {
    let mut by_address: BTreeMap<&Address, Vec<String>> = BTreeMap::new();
    for recorded in snapshot.resources.values() {
        by_address.entry(&recorded.address).or_default().push(recorded.key.to_string());
    }
    let addresses: BTreeSet<&Address> = by_address.keys().copied().collect();
    let dangling = snapshot.resources.values().flat_map(|recorded| {
        let missing = recorded.depends_on.iter().filter(|on| !addresses.contains(on));
        missing.map(|on| Finding::Dangling { address: recorded.address.clone(), on: on.clone() })
    });
    let dangling: Vec<Finding> = dangling.collect();
    let shared = by_address.into_iter().filter(|(_, keys)| keys.len() > 1);
    shared
        .map(|(address, keys)| Finding::SharedAddress { address: address.clone(), keys })
        .chain(dangling)
        .collect()
}

fn of_backup(
    disk: &dyn Disk,
    backup: &Backup,
    present: Option<&Snapshot>,
) -> Result<Option<Finding>, StateError> {
    let path = backup.path.clone();
    let bytes = disk.read(&path).map_err(cannot_read(&path))?.unwrap_or_default();
    Ok(match (snapshot_file::decode(&bytes), present) {
        (Err(damage), _) => Some(Finding::DamagedBackup { path, detail: damage.to_string() }),
        (Ok(held), _) if held.serial != backup.serial => Some(Finding::Misnamed { path, found: held.serial }),
        (Ok(held), Some(present)) if held.lineage != present.lineage => {
            Some(Finding::Lineage { path, found: held.lineage, expected: present.lineage.clone() })
        }
        _ => None,
    })
}

fn strays(disk: &dyn Disk, folder: &Path) -> Result<Vec<Finding>, StateError> {
    let backups = backup::folder_of(folder);
    let mut all = disk.list(folder).map_err(cannot_read(folder))?;
    all.extend(disk.list(&backups).map_err(cannot_read(&backups))?);
    let ours: BTreeSet<PathBuf> = backup::list(disk, folder)?.into_iter().map(|backup| backup.path).collect();
    let judge = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let is_known = path.parent() == Some(folder) && KNOWN.contains(&name.as_str());
        if is_known || ours.contains(&path) {
            return None;
        }
        let is_kept = name.contains(".before-") || name.starts_with("rescue-");
        Some(if is_kept { Finding::Kept { path } } else { Finding::Stray { path } })
    };
    Ok(all.into_iter().filter_map(judge).collect())
}
