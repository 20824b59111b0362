//! Records as lines for people.

use super::Record;

/// One line, without time, level and line end.
pub(super) fn line(record: &Record) -> String {
    match record {
        Record::Batch(batch) => format!(
            "batch {} into {}: {} of {} rows written, {} refused, {} bytes, {:.1} ms, attempt {}",
            batch.batch,
            batch.table,
            batch.written,
            batch.rows,
            batch.refused,
            batch.bytes,
            batch.ms,
            batch.attempt
        ),
        Record::Error(error) => {
            let mut text = format!("{} ({})", error.stage.as_str(), error.class);
            for (name, value) in [
                ("batch", error.batch.map(|batch| batch.to_string())),
                ("row", error.row.map(|row| row.to_string())),
                ("key", error.key.clone()),
                ("field", error.field.clone()),
                ("attempt", error.attempt.map(|attempt| attempt.to_string())),
            ] {
                if let Some(value) = value {
                    text.push_str(&format!(", {name} {value}"));
                }
            }
            // A server's words may hold a line end.
            format!("{text}: {}", error.message.replace(char::is_control, " "))
        }
        Record::Pool(pool) => format!(
            "pool {}: {} active, {} idle, {} waiting, {} opened",
            pool.change, pool.active, pool.idle, pool.waiting, pool.opened
        ),
        Record::Trace(trace) => {
            let batch = trace.batch.map(|batch| format!(", batch {batch}")).unwrap_or_default();
            format!("row {} {} after {} us{batch}", trace.row, trace.step.as_str(), trace.at_us)
        }
        Record::Metrics(metrics) => format!(
            "{}: {} of {} rows written, {} refused, {:.0} rows/s, batches within {:.1} ms (95 of 100)",
            metrics.table,
            metrics.written,
            metrics.read,
            metrics.refused,
            metrics.throughput,
            metrics.latency_p95_ms
        ),
    }
}
