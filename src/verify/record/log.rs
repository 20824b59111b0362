//! Records as lines, in the form and from the level that the suite declares.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::{Record, Records, text};
use crate::domain::suite::report::{Level, LogFormat, Logging};
use crate::platform::time;

/// Writes records to a file or a stream, one line each.
pub struct RecordLog<W> {
    logging: Logging,
    out: Mutex<Out<W>>,
}

struct Out<W> {
    writer: W,
    /// Lines that could not be written.
    lost: u64,
}

/// A record with what stands before it on each line.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: &'static str,
    #[serde(flatten)]
    record: &'a Record,
}

impl<W: Write> RecordLog<W> {
    /// Writes here what is declared to be told.
    pub fn new(logging: Logging, writer: W) -> Self {
        Self { logging, out: Mutex::new(Out { writer, lost: 0 }) }
    }

    /// Ends it: what is still on its way is written. Tells how many lines were lost because the writer failed.
    pub fn finish(self) -> (W, u64) {
        let mut out = self.out.into_inner().unwrap_or_else(PoisonError::into_inner);
        let lost = out.lost + u64::from(out.writer.flush().is_err());
        (out.writer, lost)
    }

    fn is_told(&self, record: &Record) -> bool {
        match record {
            Record::Trace(_) => self.logging.traces || self.logging.level == Level::Trace,
            other => other.level() <= self.logging.level,
        }
    }

    fn line(&self, record: &Record) -> Option<String> {
        let (time, level) = (time::timestamp_ms(), record.level().as_str());
        let mut line = match self.logging.format {
            LogFormat::Text => format!("{time} {level:<5} {}", text::line(record)),
            LogFormat::Json => serde_json::to_string(&Line { time, level, record }).ok()?,
        };
        line.push('\n');
        Some(line)
    }
}

impl<W: Write + Send> Records for RecordLog<W> {
    fn tell(&self, record: &Record) {
        if !self.is_told(record) {
            return;
        }
        let line = self.line(record);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let written = line.is_some_and(|line| out.writer.write_all(line.as_bytes()).is_ok());
        out.lost += u64::from(!written);
    }

    fn traces(&self) -> bool {
        self.logging.traces || self.logging.level == Level::Trace
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BatchRecord, BatchStatus, ErrorRecord, Stage, Step, TraceRecord};
    use super::*;

    fn records() -> Vec<Record> {
        let batch = BatchRecord {
            table: "t".into(),
            batch: 1,
            status: BatchStatus::Written,
            rows: 2,
            written: 2,
            refused: 0,
            bytes: 10,
            ms: 1.5,
            attempt: 1,
        };
        let error = ErrorRecord::new(Stage::Rule, "invalid", "t", "it\nis wrong");
        let trace = TraceRecord { row: 1, step: Step::Read, at_us: 3, key: None, batch: None, attempt: None };
        vec![
            Record::Batch(batch),
            Record::Error(error.clone()),
            Record::Error(ErrorRecord { is_final: true, ..error }),
            Record::Trace(trace),
        ]
    }

    fn written(logging: Logging) -> Vec<String> {
        let log = RecordLog::new(logging, Vec::new());
        for record in records() {
            log.tell(&record);
        }
        let (bytes, lost) = log.finish();
        assert_eq!(lost, 0);
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_level_lets_through_itself_and_what_is_graver() {
        let count = |level, traces| written(Logging { level, traces, format: LogFormat::Json }).len();
        assert_eq!(
            [Level::Error, Level::Warn, Level::Info, Level::Debug, Level::Trace]
                .map(|level| count(level, false)),
            [1, 2, 3, 3, 4]
        );
        assert_eq!(count(Level::Error, true), 2);
    }

    #[test]
    fn a_record_is_one_line_in_both_forms() {
        let text = written(Logging { format: LogFormat::Text, traces: true, level: Level::Info });
        assert_eq!(text.len(), 4);
        assert!(text[0].contains(" info  batch 1 into t: 2 of 2 rows written"), "{text:?}");
        assert!(text[1].contains(" warn  rule (invalid): it is wrong"), "{text:?}");
        let json = written(Logging::default());
        let batch: serde_json::Value = serde_json::from_str(&json[0]).unwrap();
        assert_eq!((batch["record"].as_str(), batch["level"].as_str()), (Some("batch"), Some("info")));
    }

    #[test]
    fn a_writer_that_fails_loses_lines_and_says_how_many() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("full"))
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = RecordLog::new(Logging::default(), Full);
        log.tell(&records()[0]);
        assert_eq!(log.finish().1, 1);
    }
}
