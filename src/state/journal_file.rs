//! `journal.jsonl`: bytes ⇄ [`JournalRecord`]s. Pure.
//!
//! One record per line, `{"seq":N,"sum":"…","record":{…}}`. The sum is the first 16 hexadecimal digits of SHA-256
//! over `N:` and the record's bytes; the rest of the line is fixed, byte by byte. Numbers run from 1 without a gap.
//!
//! A kill or a power cut can tear the last line, and only that one: it is then left out, for it was never reported
//! as written. Tears look different from rot: what was not written is missing at the end, or reads as zeros. A last
//! line that is bad in any other way, and every bad line before it, is damage.

use crate::domain::journal::JournalRecord;
use crate::platform::checksum::sha256_hex;

/// What the bytes of a journal hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The whole records.
    pub(crate) records: Vec<JournalRecord>,
    /// How many bytes they take; what follows is a torn line.
    pub(crate) length: u64,
}

/// Why the bytes are not a journal. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalDamage {
    #[error("line {line} is not a journal record")]
    Shape { line: usize },
    #[error("line {line} has number {found}: records are missing or doubled")]
    Gap { line: usize, found: u64 },
    #[error("the checksum of line {line} does not match: it was edited, or the disk changed it")]
    Checksum { line: usize },
    #[error(
        "the checksum of line {line} matches, but this program does not understand it: use a newer reconcile"
    )]
    Undecodable { line: usize, source: serde_json::Error },
}

/// One line, with its line end.
///
/// # Errors
/// The serialiser refused; with these types it does not.
pub(crate) fn encode(sequence: u64, record: &JournalRecord) -> serde_json::Result<Vec<u8>> {
    let record = serde_json::to_string(record)?;
    Ok(format!("{{\"seq\":{sequence},\"sum\":\"{}\",\"record\":{record}}}\n", sum(sequence, &record)).into())
}

/// The records in the bytes.
///
/// # Errors
/// [`JournalDamage`]
pub(crate) fn decode(bytes: &[u8]) -> Result<Journal, JournalDamage> {
    let mut journal = Journal::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let line = journal.records.len().saturating_add(1);
        let (text, tail) =
            match rest.iter().position(|byte| *byte == b'\n').and_then(|at| rest.split_at_checked(at)) {
                Some((text, tail)) => (text, tail.get(1..).unwrap_or_default()),
                None => {
                    return if is_rotten_end(line, rest) {
                        Err(JournalDamage::Shape { line })
                    } else {
                        Ok(journal)
                    };
                }
            };
        match decode_line(line, text) {
            Ok(record) => journal.records.push(record),
            Err(_) if tail.is_empty() && has_lost_sector(text) => return Ok(journal),
            Err(damage) => return Err(damage),
        }
        journal.length = journal.length.saturating_add(text.len() as u64).saturating_add(1);
        rest = tail;
    }
    Ok(journal)
}

fn decode_line(line: usize, text: &[u8]) -> Result<JournalRecord, JournalDamage> {
    let shape = || JournalDamage::Shape { line };
    let (found, sum_found, record) = split(text).ok_or_else(shape)?;
    if sum(found, record) != sum_found {
        return Err(JournalDamage::Checksum { line });
    }
    if usize::try_from(found).ok() != Some(line) {
        return Err(JournalDamage::Gap { line, found });
    }
    serde_json::from_str(record).map_err(|source| JournalDamage::Undecodable { line, source })
}

/// Number, sum and record of a line; `None` when a fixed byte is another one.
fn split(text: &[u8]) -> Option<(u64, &str, &str)> {
    let text = std::str::from_utf8(text).ok()?;
    let (number, text) = text.strip_prefix("{\"seq\":")?.split_once(",\"sum\":\"")?;
    let (sum, text) = text.split_once("\",\"record\":")?;
    let sequence: u64 = number.parse().ok()?;
    // `+1` and `01` are numbers for `parse`.
    (sequence.to_string() == number).then_some((sequence, sum, text.strip_suffix('}')?))
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

fn sum(sequence: u64, record: &str) -> String {
    let mut digits = sha256_hex(&[format!("{sequence}:").as_bytes(), record.as_bytes()]);
    digits.truncate(16);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::world;

    fn bytes(records: &[JournalRecord]) -> Vec<u8> {
        (1..).zip(records).flat_map(|(sequence, record)| encode(sequence, record).unwrap()).collect()
    }

    #[test]
    fn records_survive_their_own_bytes() {
        let records = world::records();
        let bytes = bytes(&records);
        assert_eq!(decode(&bytes).unwrap(), Journal { records, length: bytes.len() as u64 });
    }

    #[test]
    fn the_bytes_of_a_record_stay_as_they_are() {
        insta::assert_snapshot!(String::from_utf8(bytes(&world::records())).unwrap());
    }

    #[test]
    fn a_cut_at_any_byte_leaves_the_whole_lines_before_it() {
        let records = world::records();
        let bytes = bytes(&records);
        for cut in 0..=bytes.len() {
            let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(decode(&bytes[..cut]).unwrap().records, records[..whole], "cut at {cut}");
        }
    }

    #[test]
    fn a_last_line_with_a_lost_sector_is_torn_and_the_same_in_the_middle_is_damage() {
        let records = world::records();
        let mut bytes = bytes(&records);
        let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        bytes[last + 5..last + 40].fill(0);
        assert_eq!(decode(&bytes).unwrap().records, records[..records.len() - 1]);
        bytes[3..30].fill(0);
        assert!(matches!(decode(&bytes), Err(JournalDamage::Shape { line: 1 })));
    }

    #[test]
    fn a_missing_a_doubled_and_a_moved_line_are_damage() {
        let bytes = bytes(&world::records());
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
                let line = format!("{{\"seq\":1,\"sum\":\"{}\",\"record\":{grown}}}\n", sum(1, &grown));
                assert!(
                    matches!(decode(line.as_bytes()), Err(JournalDamage::Undecodable { line: 1, .. })),
                    "accepted: {grown}"
                );
            }
        }
    }
}
