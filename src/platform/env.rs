//! The environment of the process.

use std::env::VarError;

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
    judge(std::env::var(name))
}

fn judge(found: Result<String, VarError>) -> Result<String, NoValue> {
    match found {
        Ok(value) if value.is_empty() => Err(NoValue::Empty),
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Err(NoValue::Unset),
        Err(VarError::NotUnicode(_)) => Err(NoValue::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_for_no_value_is_told_apart() {
        assert_eq!(judge(Ok("x".into())), Ok("x".into()));
        assert_eq!(judge(Ok(String::new())), Err(NoValue::Empty));
        assert_eq!(judge(Err(VarError::NotPresent)), Err(NoValue::Unset));
        assert_eq!(judge(Err(VarError::NotUnicode("x".into()))), Err(NoValue::NotUtf8));
    }
}
