//! Properties 9 and 33: text up to the limits of its column, and every character of Unicode.

use std::io::Cursor;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::round_trip::{RoundTrip, fields, keyed, numbered, seen, table, there_and_back, words};
use super::trial::{Judged, Trial, judge_sharing, require};
use super::values::opened;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::source::FileFormat;
use crate::domain::suite::table::{Constraint, ConstraintRule, Table};
use crate::domain::suite::types::Schema;
use crate::domain::suite::verdict::Verdict;
use crate::platform::checksum::hex;
use crate::verify::row::{Row, Value};
use crate::verify::source::FileRows;

/// Text columns with the most that each takes: bytes, but of the VARCHAR characters.
const COLUMNS: &[(&str, &str, usize)] = &[
    ("tiny", "TINYTEXT", (1 << 8) - 1),
    ("usual", "TEXT", (1 << 16) - 1),
    ("varying", "VARCHAR(4000)", 4_000),
    ("medium", "MEDIUMTEXT", (1 << 24) - 1),
    ("long", "LONGTEXT", (1 << 32) - 1),
];
/// What is left of a packet for a text, in bytes.
const BESIDE: usize = 64 << 10;
/// The largest text by default (design.md 3.3): a packet has 16 MiB.
const LARGE: usize = 8 << 20;

/// A text of one column.
#[derive(Debug, Clone)]
struct Long {
    /// Its place in [`COLUMNS`].
    column: usize,
    /// What is repeated until there is enough.
    piece: String,
    size: Size,
}

#[derive(Debug, Clone, Copy)]
enum Size {
    /// A share of the smaller limits, in thousandths.
    Some(usize),
    /// As much as the column takes, or the packet.
    Most,
    /// One more than the column takes.
    TooMuch,
}

fn longs() -> impl Strategy<Value = Long> {
    let piece = || select(vec!["a", "ß", "日", "😀", "aß日😀z", "'\\\0\n\"", " x "]);
    let small = (
        0..3_usize,
        prop_oneof![
            6 => (0..1_000_usize).prop_map(Size::Some),
            2 => Just(Size::Most),
            1 => Just(Size::TooMuch),
        ],
    );
    let large =
        (3..COLUMNS.len(), prop_oneof![8 => (0..1_000_usize).prop_map(Size::Some), 1 => Just(Size::Most)]);
    let longs = prop_oneof![3 => small, 1 => large];
    (longs, piece()).prop_map(|((column, size), piece)| Long { column, piece: piece.to_owned(), size })
}

impl Long {
    /// The text, and whether the column takes it.
    fn text(&self, packet: usize) -> (String, bool) {
        let (_, _, limit) = COLUMNS.get(self.column).copied().unwrap_or_default();
        let room = limit.min(packet.saturating_sub(BESIDE)).min((1 << 24) - 1);
        let room = if limit > 1 << 24 { room.min(LARGE) } else { room };
        let in_characters = COLUMNS.get(self.column).is_some_and(|(_, kind, _)| kind.starts_with("VARCHAR"));
        let measure = match self.size {
            Size::Some(share) => room.min(1 << 16) * share / 1_000,
            Size::Most => room,
            Size::TooMuch => limit.saturating_add(1),
        };
        let (mut text, mut size) = (String::new(), 0);
        for c in self.piece.chars().cycle() {
            let more = if in_characters { 1 } else { c.len_utf8() };
            if size + more > measure {
                break;
            }
            text.push(c);
            size += more;
        }
        // The last bytes, where no whole character fits.
        text.extend(std::iter::repeat_n('.', measure - size));
        (text, !matches!(self.size, Size::TooMuch))
    }
}

/// Property 9: for any text up to the limit of its column, in bytes or characters, the same text comes back; one beyond it is
/// refused, not cut. `packet` is the server's `max_allowed_packet` in bytes, which is a limit too.
pub fn large_text<T: RoundTrip>(
    open: impl AsyncFn() -> Result<T, String>,
    packet: usize,
    trial: Trial,
) -> Verdict {
    let flink: Vec<_> = COLUMNS.iter().map(|(name, ..)| (*name, "STRING")).collect();
    let columns: Vec<_> = std::iter::once(("id", "BIGINT"))
        .chain(COLUMNS.iter().map(|(name, kind, _)| (*name, *kind)))
        .collect();
    let schema = match fields(&flink).and_then(keyed) {
        Ok(schema) => schema,
        Err(reason) => return Verdict::NotApplicable { reason },
    };
    judge_sharing(
        trial,
        &longs(),
        async || opened(&open, "texts", &columns, &schema).await,
        &async |trip: &mut T, long: Long| -> Judged {
            let (text, fits) = long.text(packet);
            let (bytes, characters) = (text.len(), text.chars().count());
            let mut values = vec![Value::Null; COLUMNS.len()];
            if let Some(value) = values.get_mut(long.column) {
                *value = Value::text(text);
            }
            let rows = numbered(&[values.into()]);
            let (name, kind, limit) = COLUMNS.get(long.column).copied().unwrap_or_default();
            if !fits {
                let Err(refused) = trip.write(&rows).await else {
                    return Err(format!("{bytes} bytes were not refused by `{name}` {kind}"));
                };
                let wanted = format!("the column takes {limit}");
                require(refused.contains(&wanted), || format!("`{name}` {kind}: {refused}"))?;
                return Ok(vec![("texts refused as too long", 1)]);
            }
            there_and_back(trip, &schema, &rows).await?;
            let asked = [format!("OCTET_LENGTH(`{name}`)"), format!("CHAR_LENGTH(`{name}`)")];
            seen(trip, &asked, &[vec![Some(bytes.to_string()), Some(characters.to_string())]]).await?;
            let most = matches!(long.size, Size::Most);
            Ok(vec![
                ("bytes", bytes as u64),
                ("texts at a limit", u64::from(most)),
                ("texts of 8 MiB or more", u64::from(bytes >= LARGE)),
            ])
        },
        RoundTrip::close,
    )
}

/// Texts that look alike, fold alike, or begin and end with what is not seen.
const RARE: &[&str] = &[
    "é",
    "e\u{301}",
    "Å",
    "A\u{30a}",
    "ﬁ",
    "ß",
    "SS",
    "İ",
    "ı",
    "K",
    "\u{212a}",
    "日本語",
    "한국어",
    "한",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{627}\u{644}\u{633}",
    "\u{202e}abc\u{202c}",
    "\u{200b}",
    "\u{200d}",
    "\u{200f}",
    "\u{feff}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{e000}",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "🏳️\u{200d}🌈",
    "𝔘",
    "\u{10ffff}",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\t",
    "\n",
    "'",
    "\\",
    "\"",
    "%",
    " ",
];

/// Bytes that are no UTF-8, and escapes that are half a character.
const BROKEN: &[&[u8]] = &[
    b"\xff",
    b"\x80",
    b"\xc3",
    b"\xc0\xaf",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98",
    b"\xf5\x80\x80\x80",
    b"\\ud800",
    b"\\udc00",
    b"\\ud800x",
    b"\\udc00\\ud800",
];

#[derive(Debug, Clone)]
struct Texts {
    text: String,
    escaped: bool,
    broken: Vec<u8>,
}

fn texts() -> impl Strategy<Value = Texts> {
    let piece = prop_oneof![
        2 => select(RARE).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => prop::char::range('a', 'z').prop_map(String::from),
    ];
    (vec(piece, 0..=12), any::<bool>(), select(BROKEN)).prop_map(|(pieces, escaped, broken)| Texts {
        text: pieces.concat(),
        escaped,
        broken: broken.to_vec(),
    })
}

impl Texts {
    /// The text, and others that a careless comparison takes for the same.
    fn alike(&self) -> Vec<String> {
        let text = &self.text;
        let mut all = vec![
            text.clone(),
            format!("{text} "),
            format!(" {text}"),
            text.to_uppercase(),
            text.to_lowercase(),
            format!("{text}\u{301}"),
            format!("{text}\u{200b}"),
            format!("{text}\0"),
        ];
        all.sort();
        all.dedup();
        all
    }

    /// A line of NDJSON, each character as it is or as an escape.
    fn line(&self, number: usize, text: &str) -> Result<String, String> {
        let mut quoted = serde_json::to_string(text).map_err(words)?;
        if self.escaped {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            quoted = format!("\"{}\"", units.collect::<String>());
        }
        Ok(format!("{{\"id\":{number},\"folded\":{quoted},\"free\":{quoted}}}\n"))
    }
}

fn unique_texts() -> Result<Table, String> {
    let folded = Identifier::near("folded");
    let unique = Constraint { name: None, rule: ConstraintRule::Unique(vec![folded]) };
    Ok(Table { constraints: vec![unique], ..table("letters", &[])? })
}

fn read_lines(schema: &Schema, lines: Vec<u8>) -> impl Iterator<Item = Result<Row, String>> {
    let rows = FileRows::new(Path::new("lines"), Cursor::new(lines), FileFormat::Ndjson, schema);
    rows.map(|row| row.map_err(words))
}

/// Property 33: for any text of any script, from a file through a table and back, each byte is the same, for us and for the
/// server, and texts that only look alike stay different under a unique index; what is no UTF-8 is refused where it is read.
pub fn utf8_preservation<T: RoundTrip>(open: impl AsyncFn() -> Result<T, String>, trial: Trial) -> Verdict {
    let schema = fields(&[("folded", "VARCHAR(300)"), ("free", "STRING")]).and_then(keyed);
    let (schema, table) = match schema.and_then(|schema| Ok((schema, unique_texts()?))) {
        Ok(both) => both,
        Err(reason) => return Verdict::NotApplicable { reason },
    };
    judge_sharing(
        trial,
        &texts(),
        async || {
            let mut trip = open().await?;
            trip.open(&table, &schema).await?;
            Ok(trip)
        },
        &async |trip: &mut T, case: Texts| -> Judged {
            let alike = case.alike();
            let lines: Result<Vec<String>, _> =
                alike.iter().enumerate().map(|(number, text)| case.line(number, text)).collect();
            let rows: Vec<Row> =
                read_lines(&schema, lines?.concat().into_bytes()).collect::<Result<_, _>>()?;
            let read = rows.iter().map(|row| row.get(1).cloned().unwrap_or_default());
            let meant: Vec<Value> = alike.iter().map(Value::text).collect();
            require(read.eq(meant), || format!("other texts were read from the file: {rows:?}"))?;
            let compared = there_and_back(trip, &schema, &rows).await?;
            let asked = ["HEX(`folded`)".to_owned(), "HEX(`free`)".to_owned()];
            let stored = |text: &String| Some(hex(text.as_bytes()).to_uppercase());
            let wanted: Vec<Vec<_>> = alike.iter().map(|text| vec![stored(text), stored(text)]).collect();
            seen(trip, &asked, &wanted).await?;

            let mut line = b"{\"id\":0,\"folded\":\"x".to_vec();
            line.extend(&case.broken);
            line.extend(b"\",\"free\":null}\n");
            let mut broken = read_lines(&schema, line);
            require(broken.next().is_some_and(|row| row.is_err()), || {
                format!("{:?} was read as a text", String::from_utf8_lossy(&case.broken))
            })?;
            Ok(vec![("texts", compared), ("texts that are no UTF-8, refused", 1)])
        },
        RoundTrip::close,
    )
}
