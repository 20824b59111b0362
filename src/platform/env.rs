//! The environment of the process.

/// Why a variable has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// There is no such variable.
    #[error("is not set")]
    Unset,
    /// Its value is the empty text.
    #[error("is empty")]
    Empty,
    /// Its value is no text.
    #[error("is not UTF-8")]
    NotUtf8,
}

/// The variable, if it is set, not empty, and valid UTF-8.
pub fn var(name: &str) -> Option<String> {
    value(name).ok()
}

/// The value of a variable.
///
/// # Errors
/// [`NoValue`]
#[expect(clippy::disallowed_methods, reason = "this is the one place for the environment")]
pub fn value(name: &str) -> Result<String, NoValue> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Err(NoValue::Empty),
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Err(NoValue::Unset),
        Err(std::env::VarError::NotUnicode(_)) => Err(NoValue::NotUtf8),
    }
}
