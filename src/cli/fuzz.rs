//! What words make of a command: the target of `tests/fuzz` for the command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::parse::parse;

/// Reads a command line, a word on each line, and shows what is wrong with it: nothing is carried out.
///
/// # Panics
/// When that does not hold.
pub fn arguments(bytes: &[u8]) {
    let words = bytes.split(|byte| *byte == b'\n').map(|word| OsString::from_vec(word.to_vec()));
    let line: Vec<OsString> = std::iter::once("reconcile".into()).chain(words).collect();
    if let Err(error) = parse(&line) {
        assert!(!error.to_string().is_empty(), "{line:?} is refused without a word");
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_command_lines_is_understood_or_refused() {
        replay("arguments", super::arguments);
    }
}
