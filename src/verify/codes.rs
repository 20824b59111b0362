//! The codes of what keeps a verification from being run (`RVnn`): for `reconcile explain CODE`, and for the page of them.

use super::mysql::class::Setting;
use super::run::Refusal;

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// As it is told. A number is never given to another meaning.
    pub code: &'static str,
    /// The part of a suite that it is about.
    pub about: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Every code, in order.
pub fn all() -> Vec<Entry> {
    let settings = Setting::ALL.iter();
    let settings = settings.map(|it| Entry { code: it.code(), about: it.field(), remedy: it.remedy() });
    settings.chain(Refusal::CODES.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_there_once_and_in_order() {
        let codes: Vec<&str> = all().iter().map(|entry| entry.code).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
        for refusal in [Refusal::Engine, Refusal::Faults(Vec::new())] {
            assert!(codes.contains(&refusal.code()), "{refusal}");
        }
    }
}
