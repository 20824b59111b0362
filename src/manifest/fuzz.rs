//! What bytes make of a manifest: the target of `tests/fuzz` for YAML.

use super::load::{Loaded, load_sources};
use super::report::Findings;
use super::values::Values;
use super::{find, format};
use crate::domain::diagnostic::Diagnostic;

/// Loads a text twice, formats it, and formats what came out: the same each time, and nothing but diagnostics.
///
/// # Panics
/// When that does not hold.
pub fn text(bytes: &[u8]) {
    let loaded = load(bytes);
    assert_eq!(loaded, load(bytes), "the same text gave something else");
    let Ok(rewrite) = format::stream("m.yaml", bytes) else { return };
    let after = rewrite.after().as_bytes();
    let again = format::stream("m.yaml", after).map(|again| again.after().to_owned());
    assert!(again.is_ok_and(|again| again.as_bytes() == after), "a text that was formatted is not formatted");
    let addresses = |loaded: &Result<Loaded, Vec<Diagnostic>>| match loaded {
        Ok(loaded) => Some(loaded.desired.declared().keys().cloned().collect::<Vec<_>>()),
        Err(_) => None,
    };
    assert_eq!(addresses(&loaded), addresses(&load(after)), "the formatted text declares something else");
}

fn load(bytes: &[u8]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let source = find::text("m.yaml".to_owned(), bytes.to_vec(), &mut findings);
    load_sources(source.as_slice(), &Values::default(), 1, findings)
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_manifests_loads_or_is_refused_and_formats_once() {
        replay("manifest", super::text);
    }
}
