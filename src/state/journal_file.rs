//! `journal.jsonl`: bytes ⇄ [`JournalRecord`]s. Pure.
//!
//! One record per line, `{"seq":N,"synced":M,"sum":"…","record":{…}}`. Numbers run from 1 without a gap; `M` is the number
//! of the last record that was durable when this one was written, 0 if none was. The sum is the first 16 hexadecimal digits
//! of SHA-256 over `N:M:` and the record's bytes; the rest of the line is fixed, byte by byte.
//!
//! A kill can tear the last line. A power cut can take any part of what was not synced: several lines, in the middle too.
//! Either looks different from rot: what was not written is missing at the end, or reads as zeros. Such a line ends the
//! journal, and it and everything behind it is left out, for none of that was ever reported as durable: unless a whole line
//! behind it says that it was. That, and a line that is bad in any other way, is damage.

use crate::domain::journal::JournalRecord;
use crate::platform::checksum::sha256_hex;

/// What the bytes of a journal hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The whole records.
    pub(crate) records: Vec<JournalRecord>,
    /// How many bytes they take; what follows was never durable.
    pub(crate) length: u64,
}

/// Why the bytes are not a journal. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalDamage {
    #[error("line {line} is not a journal record")]
    Shape { line: usize },
    #[error("line {line} has number {found}: records are missing or doubled")]
    Gap { line: usize, found: u64 },
    #[error(
        "record {record} is missing in part, though it was durable when record {by} was written: the disk lost it"
    )]
    Lost { record: u64, by: u64 },
    #[error("the checksum of line {line} does not match: it was edited, or the disk changed it")]
    Checksum { line: usize },
    #[error(
        "the checksum of line {line} matches, but this program does not understand it: use a newer reconcile"
    )]
    Undecodable { line: usize, source: serde_json::Error },
}

/// One line, with its line end: the record's number, and that of the last record that is durable now.
///
/// # Errors
/// The serialiser refused; with these types it does not.
pub(crate) fn encode(sequence: u64, synced: u64, record: &JournalRecord) -> serde_json::Result<Vec<u8>> {
    let record = serde_json::to_string(record)?;
    let sum = sum(sequence, synced, &record);
    Ok(format!("{{\"seq\":{sequence},\"synced\":{synced},\"sum\":\"{sum}\",\"record\":{record}}}\n").into())
}

/// The lines of a journal that comes into being in one piece: whoever sees one of them can rely on all before it.
///
/// # Errors
/// As of [`encode`].
pub(crate) fn encode_all(records: &[JournalRecord]) -> serde_json::Result<Vec<u8>> {
    let lines = (0..).zip(records).map(|(before, record)| encode(before + 1, before, record));
    Ok(lines.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The records in the bytes.
///
/// # Errors
/// [`JournalDamage`]
pub(crate) fn decode(bytes: &[u8]) -> Result<Journal, JournalDamage> {
    let mut journal = Journal::default();
    // The first record of which a part is missing, and the least number that the next one can have.
    let (mut hole, mut next) = (None, 1);
    for (line, bytes) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let Some(text) = bytes.strip_suffix(b"\n") else {
            return if is_rotten_end(line, bytes) { Err(JournalDamage::Shape { line }) } else { Ok(journal) };
        };
        let Line { sequence, synced, record } = match decode_line(line, text) {
            Ok(whole) => whole,
            Err(_) if has_lost_sector(text) => {
                hole = hole.or(Some(next));
                next += 1;
                continue;
            }
            Err(damage) => return Err(damage),
        };
        // A hole may have swallowed line ends.
        if sequence < next || (hole.is_none() && sequence > next) {
            return Err(JournalDamage::Gap { line, found: sequence });
        }
        next = sequence.saturating_add(1);
        match hole {
            Some(hole) if hole <= synced => return Err(JournalDamage::Lost { record: hole, by: sequence }),
            Some(_) => {}
            None => {
                journal.records.push(record);
                journal.length = journal.length.saturating_add(bytes.len() as u64);
            }
        }
    }
    Ok(journal)
}

/// A whole line.
struct Line {
    sequence: u64,
    synced: u64,
    record: JournalRecord,
}

fn decode_line(line: usize, text: &[u8]) -> Result<Line, JournalDamage> {
    let (sequence, synced, sum_found, record) = split(text).ok_or(JournalDamage::Shape { line })?;
    if sum(sequence, synced, record) != sum_found {
        return Err(JournalDamage::Checksum { line });
    }
    match serde_json::from_str(record) {
        Ok(record) => Ok(Line { sequence, synced, record }),
        Err(source) => Err(JournalDamage::Undecodable { line, source }),
    }
}

/// Numbers, sum and record of a line; `None` when a fixed byte is another one.
fn split(text: &[u8]) -> Option<(u64, u64, &str, &str)> {
    let text = std::str::from_utf8(text).ok()?;
    let (sequence, text) = text.strip_prefix("{\"seq\":")?.split_once(",\"synced\":")?;
    let (synced, text) = text.split_once(",\"sum\":\"")?;
    let (sum, text) = text.split_once("\",\"record\":")?;
    Some((number(sequence)?, number(synced)?, sum, text.strip_suffix('}')?))
}

/// `+1` and `01` are numbers for `parse`, and not for us.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Whether an end without line end is a whole record whose line end was changed, and not a torn line.
fn is_rotten_end(line: usize, text: &[u8]) -> bool {
    match text.split_last() {
        Some((last, record)) => *last != 0 && decode_line(line, record).is_ok(),
        None => false,
    }
}

/// Whether part of the line was never written: it reads as zeros, which no record contains. A single zero byte can
/// be a changed bit, except at the beginning.
fn has_lost_sector(text: &[u8]) -> bool {
    text.first() == Some(&0) || text.windows(2).any(|pair| pair == [0, 0])
}

/// The same lines, each with the sum that fits the rest of it: what a mutation would otherwise never get past.
#[cfg(any(test, fuzzing))]
pub(crate) fn resummed(bytes: &[u8]) -> Vec<u8> {
    let fitting = |line: &[u8]| {
        let text = line.strip_suffix(b"\n")?;
        let (sequence, synced, found, record) = split(text)?;
        let fitting = sum(sequence, synced, record);
        let text = std::str::from_utf8(text).ok()?;
        Some(format!(
            "{}\n",
            text.replacen(&format!("\"sum\":\"{found}\""), &format!("\"sum\":\"{fitting}\""), 1)
        ))
    };
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| fitting(line).map_or_else(|| line.to_vec(), String::into_bytes)).collect()
}

fn sum(sequence: u64, synced: u64, record: &str) -> String {
    let mut digits = sha256_hex(&[format!("{sequence}:{synced}:").as_bytes(), record.as_bytes()]);
    digits.truncate(16);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::world;

    /// Lines of which so many were durable when the others were written.
    fn bytes(records: &[JournalRecord], synced: u64) -> Vec<u8> {
        let line = |(sequence, record)| encode(sequence, synced.min(sequence - 1), record).unwrap();
        (1..).zip(records).flat_map(line).collect()
    }

    #[test]
    fn records_survive_their_own_bytes() {
        let records = world::records();
        let bytes = bytes(&records, 2);
        assert_eq!(decode(&bytes).unwrap(), Journal { records, length: bytes.len() as u64 });
    }

    #[test]
    fn the_bytes_of_a_record_stay_as_they_are() {
        insta::assert_snapshot!(String::from_utf8(bytes(&world::records(), 2)).unwrap());
    }

    #[test]
    fn a_cut_at_any_byte_leaves_the_whole_lines_before_it() {
        let records = world::records();
        let bytes = bytes(&records, 2);
        for cut in 0..=bytes.len() {
            let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(decode(&bytes[..cut]).unwrap().records, records[..whole], "cut at {cut}");
        }
    }

    #[test]
    fn a_lost_sector_ends_the_journal_unless_a_later_line_says_that_the_record_was_durable() {
        let records = world::records();
        let whole = bytes(&records, 3);
        let begins: Vec<usize> = whole
            .split_inclusive(|byte| *byte == b'\n')
            .scan(0, |at, line| {
                *at += line.len();
                Some(*at - line.len())
            })
            .collect();
        for (line, begin) in begins.iter().enumerate() {
            // From the middle of a line into its neighbour, so that a line end is lost.
            for length in [2, 40, 300] {
                let mut bytes = whole.clone();
                let end = (begin + 5 + length).min(bytes.len());
                bytes[begin + 5..end].fill(0);
                match decode(&bytes) {
                    Ok(journal) => {
                        assert!(line >= 3, "line {line} was durable");
                        assert_eq!(journal.records, records[..line]);
                        assert_eq!(journal.length, *begin as u64);
                    }
                    Err(JournalDamage::Lost { record, by }) => {
                        assert!(
                            line < 3 && record == line as u64 + 1 && by > record,
                            "{line}: {record}, {by}"
                        );
                    }
                    Err(other) => panic!("{line}: {other}"),
                }
            }
        }
    }

    #[test]
    fn rot_behind_a_lost_sector_is_damage() {
        let mut bytes = bytes(&world::records(), 1);
        let at = |bytes: &[u8], text: &str| String::from_utf8_lossy(bytes).find(text).unwrap();
        let (lost, rotten) = (at(&bytes, "\"seq\":3"), at(&bytes, "\"seq\":6"));
        bytes[lost..lost + 20].fill(0);
        assert_eq!(decode(&bytes).unwrap().records.len(), 2);
        bytes[rotten + 40] ^= 1;
        assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_line_of_before_the_number_of_the_last_durable_record_is_damage() {
        let line = br#"{"seq":1,"sum":"7e9aa4c67b6d5401","record":{"phase":"observed","write":0,"sighting":"present"}}"#;
        assert!(matches!(decode(&[line, &b"\n"[..]].concat()), Err(JournalDamage::Shape { line: 1 })));
    }

    #[test]
    fn a_missing_a_doubled_and_a_moved_line_are_damage() {
        let bytes = bytes(&world::records(), 2);
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        for order in [&[0, 2][..], &[0, 0, 1], &[1, 0], &[1]] {
            let shuffled: Vec<u8> = order.iter().flat_map(|line| lines[*line].to_vec()).collect();
            assert!(matches!(decode(&shuffled), Err(JournalDamage::Gap { .. })), "{order:?}");
        }
    }

    #[test]
    fn an_unknown_member_of_a_record_is_refused_wherever_it_stands() {
        for record in world::records() {
            let json = serde_json::to_string(&record).unwrap();
            for object in json.match_indices('{').map(|(at, _)| at) {
                let grown = format!("{}\"unheardOf\":{{}},{}", &json[..=object], &json[object + 1..]);
                let sum = sum(1, 0, &grown);
                let line = format!("{{\"seq\":1,\"synced\":0,\"sum\":\"{sum}\",\"record\":{grown}}}\n");
                assert!(
                    matches!(decode(line.as_bytes()), Err(JournalDamage::Undecodable { line: 1, .. })),
                    "accepted: {grown}"
                );
            }
        }
    }
}
