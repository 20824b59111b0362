//! Log records on stderr: text or JSON, off unless asked for.

use tracing_subscriber::EnvFilter;

use super::env;

/// What is wrong with the wish for a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `RECONCILE_LOG` is not a filter.
    #[error(
        "RECONCILE_LOG={filter:?} is not a log filter ({source}): write for example info, or reconcile=debug"
    )]
    Filter {
        /// The text.
        filter: String,
        /// Why.
        source: tracing_subscriber::filter::ParseError,
    },
    /// `RECONCILE_LOG_FORMAT` is neither `text` nor `json`.
    #[error("RECONCILE_LOG_FORMAT={0:?} is not a format: text or json")]
    Format(String),
}

/// Starts logging as `RECONCILE_LOG` says, or else as often as `-v` was given. Returns whether anything is logged.
///
/// # Errors
/// [`LogError`]
pub fn start(verbose: u8) -> Result<bool, LogError> {
    let filter = match (env::var("RECONCILE_LOG"), verbose) {
        (Some(filter), _) => filter,
        (None, 0) => return Ok(false),
        (None, 1) => "reconcile=info".to_owned(),
        (None, _) => "reconcile=debug".to_owned(),
    };
    let parsed = EnvFilter::try_new(&filter).map_err(|source| LogError::Filter { filter, source })?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(parsed).with_writer(std::io::stderr).with_ansi(false);
    let started = match env::var("RECONCILE_LOG_FORMAT").as_deref() {
        None | Some("text") => builder.try_init(),
        Some("json") => builder.json().try_init(),
        Some(other) => return Err(LogError::Format(other.to_owned())),
    };
    // A second start in one process keeps the first log: it is what a caller of the library set up.
    Ok(started.is_ok())
}
