//! The stream itself: numbers the records, writes each at once, and is over after `run_end`.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::record::{Line, Told};
use super::translate;
use crate::cli::exit::Exit;

/// What the run knows about its own outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether live is what the manifests declare.
    pub(super) converged: Option<bool>,
    /// The serial of the state.
    pub(super) serial: Option<u64>,
}

/// A stream of records, or none.
pub(crate) struct Stream {
    inner: Mutex<Inner>,
    now: fn() -> String,
}

struct Inner {
    /// The number of the last record.
    seq: u64,
    known: Known,
    /// None when there never was one, when it failed, and when the stream is over.
    sink: Option<Box<dyn Write + Send>>,
}

/// The stream could not be written; nothing more is.
#[derive(Debug, thiserror::Error)]
#[error("the event stream ends here, after {written} records ({source}); the run goes on")]
pub(crate) struct StreamEnded {
    written: u64,
    source: std::io::Error,
}

impl Stream {
    /// A stream into this sink, or none, with these times.
    pub(crate) fn new(sink: Option<Box<dyn Write + Send>>, now: fn() -> String) -> Self {
        Self { inner: Mutex::new(Inner { seq: 0, known: Known::default(), sink }), now }
    }

    /// Writes a record.
    ///
    /// # Errors
    /// [`StreamEnded`], once.
    pub(super) fn tell(&self, told: Told) -> Result<(), StreamEnded> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.write(told, (self.now)())
    }

    /// Notes what the last record will say.
    pub(super) fn know(&self, known: Known) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).known = known;
    }

    /// Writes the last record.
    ///
    /// # Errors
    /// [`StreamEnded`]
    pub(super) fn end(&self, exit: Exit) -> Result<(), StreamEnded> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let told = translate::run_end(exit, inner.known);
        let ended = inner.write(told, (self.now)());
        inner.sink = None;
        ended
    }
}

impl Inner {
    fn write(&mut self, told: Told, ts: String) -> Result<(), StreamEnded> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let line = Line { seq: self.seq + 1, ts, told };
        // One call for each record: whoever follows the stream sees it at once, and sees it whole.
        let written = serde_json::to_vec(&line).map_err(std::io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            sink.write_all(&bytes).and_then(|()| sink.flush())
        });
        match written {
            Ok(()) => {
                self.seq += 1;
                Ok(())
            }
            Err(source) => {
                self.sink = None;
                Err(StreamEnded { written: self.seq, source })
            }
        }
    }
}
