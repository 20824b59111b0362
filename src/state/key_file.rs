//! `fingerprint.key`: the key with which fingerprints of secrets are made (design.md 3.4). Made once, never replaced, and
//! in no backup: who has a state without it can try nothing against its fingerprints.

use std::path::{Path, PathBuf};

use super::disk::{Disk, cannot_read, cannot_write, replace};
use crate::platform::checksum::hex;
use crate::platform::{entropy, fs};
use crate::ports::state_store::StateError;

/// The key, in bytes.
pub(crate) type Key = [u8; 32];

/// Where the key of a folder is.
pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join("fingerprint.key")
}

/// The key; `None` when none was ever needed.
///
/// # Errors
/// [`StateError::Read`], [`StateError::Corrupt`]
pub(crate) fn read(disk: &dyn Disk, folder: &Path) -> Result<Option<Key>, StateError> {
    let path = path_in(folder);
    let Some(bytes) = disk.read(&path).map_err(cannot_read(&path))? else { return Ok(None) };
    match decode(&bytes) {
        Some(key) => Ok(Some(key)),
        None => Err(StateError::Corrupt {
            path,
            detail: "it does not hold 64 hexadecimal digits; put a copy of it back, or remove it: the next apply makes \
                     another and updates every object with a secret once"
                .to_owned(),
            backups: Vec::new(),
        }),
    }
}

/// The permission bits of the key's file; `None` when there is none.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn mode(folder: &Path) -> Result<Option<u32>, StateError> {
    let path = path_in(folder);
    fs::mode(&path).map_err(Into::into).map_err(cannot_read(&path))
}

/// The key, made when there is none. The caller holds the lock.
///
/// # Errors
/// [`StateError`]
pub(crate) fn read_or_make(disk: &dyn Disk, folder: &Path) -> Result<Key, StateError> {
    if let Some(key) = read(disk, folder)? {
        return Ok(key);
    }
    let path = path_in(folder);
    let key = entropy::bytes_256().map_err(cannot_write(&path, "make a key; the state is whole"))?;
    // Whole or not there, after a power cut too: a key that was half written could not be told from a damaged one.
    replace(disk, &path, format!("{}\n", hex(&key)).as_bytes())?;
    Ok(key)
}

fn decode(bytes: &[u8]) -> Option<Key> {
    let text = std::str::from_utf8(bytes).ok()?;
    let digits = text.strip_suffix('\n').unwrap_or(text);
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = Key::default();
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_is_taken_for_one() {
        let key: Key = std::array::from_fn(|index| u8::try_from(index * 8).unwrap());
        assert_eq!(decode(format!("{}\n", hex(&key)).as_bytes()), Some(key));
        for bad in
            [String::new(), "00".repeat(31), "00".repeat(33), format!("+{}", "0".repeat(63)), "é".repeat(32)]
        {
            assert_eq!(decode(bad.as_bytes()), None, "{bad}");
        }
    }
}
