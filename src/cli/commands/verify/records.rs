//! `--records`: what flows tell of themselves, in the form that each suite declares (`spec.logging`).

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::error::{CliError, with_cause};
use crate::cli::events::Destination;
use crate::domain::suite::report::Logging;
use crate::verify::record::{Record, RecordLog, Records};

/// Where the records of all suites go.
#[derive(Clone)]
pub(super) struct Sink(Option<Arc<Mutex<Box<dyn Write + Send>>>>);

impl Sink {
    /// Opens it: what cannot be written ends the command before anything is done.
    pub(super) fn open(to: Option<&Destination>) -> Result<Self, CliError> {
        let open = |to: &Destination| {
            let file =
                to.open().map_err(|error| CliError::Usage(format!("--records: {}", with_cause(&error))))?;
            Ok(Arc::new(Mutex::new(file)))
        };
        to.map(open).transpose().map(Self)
    }

    /// The records of a suite.
    pub(super) fn of(&self, logging: Logging) -> Arc<dyn Records> {
        match &self.0 {
            None => Arc::new(Unheard),
            Some(_) => Arc::new(RecordLog::new(logging, self.clone())),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &self.0 {
            None => Ok(bytes.len()),
            Some(file) => file.lock().unwrap_or_else(PoisonError::into_inner).write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &self.0 {
            None => Ok(()),
            Some(file) => file.lock().unwrap_or_else(PoisonError::into_inner).flush(),
        }
    }
}

/// Nobody asked for them.
struct Unheard;

impl Records for Unheard {
    fn tell(&self, _record: &Record) {}
}
