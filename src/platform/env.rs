//! The environment of the process.

/// The variable, if it is set, not empty, and valid UTF-8.
#[expect(clippy::disallowed_methods, reason = "this is the one place for the environment")]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
