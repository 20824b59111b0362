//! The inputs of `tests/fuzz` that are kept, replayed by the tests: each as it is, cut off, and a little changed. Whoever
//! looks for new ones has the coverage to go by; this one only sees that nothing which was found comes back.

use std::path::Path;

use super::fs;
use crate::chance::Chance;

/// How often each input is changed.
const CHANGES: usize = 8;
const SEED: u64 = 20_261_121;

/// Runs a target over the inputs in its folder.
pub(crate) fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let inputs = fs::list(&folder).unwrap();
    assert!(inputs.len() >= 5, "{} has {} inputs", folder.display(), inputs.len());
    let mut chance = Chance::new(SEED);
    for path in inputs {
        let input = fs::read(&path, 1 << 20).unwrap();
        run(&input);
        for _ in 0..CHANGES {
            let mut changed = input.clone();
            let at = chance.below(input.len() + 1);
            match (chance.below(4), changed.get_mut(at)) {
                (0, _) => changed.truncate(at),
                (1, Some(byte)) => *byte ^= 1 << chance.below(8),
                (2, _) => changed.insert(at, *chance.one_of(b"\0\n\"'{}[]:,-0 \xff")),
                _ => changed.extend_from_within(at..),
            }
            run(&changed);
        }
    }
}
