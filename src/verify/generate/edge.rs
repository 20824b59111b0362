//! The values of a type at which pipelines break: extremes, blanks, rare characters, leap days.
//!
//! NaN and the infinities are left out: no column has them, so the rows would be refused.

use crate::domain::suite::types::{FlinkKind, FlinkType};
use crate::verify::row::{Map, Row, Value, read_text};

/// Texts that change when something takes them for more than text.
const TEXTS: &[&str] = &[
    "",
    " ",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "a ",
    " a",
    "a  b   ",
    "\0",
    "a\0b",
    "\u{1}\u{7}\u{1a}\u{1b}\u{7f}",
    "\u{85}\u{a0}",
    "\\",
    "\\\\",
    "\\n",
    "\\N",
    "'",
    "''",
    "\"",
    "`",
    "%",
    "_",
    "\\%\\_",
    "; --",
    "/*",
    "?",
    ":x",
    "NULL",
    "null",
    "0",
    "-0",
    "1e3",
    "true",
    "ä",
    "é",
    "e\u{301}",
    "A\u{30a}",
    "ß",
    "İ",
    "ﬁ",
    "日本語",
    "한국어",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{202e}abc\u{202c}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{e000}",
    "😀",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "𝔘",
    "\u{10ffff}",
    "a\u{300}\u{301}\u{302}\u{303}",
    "{\"a\":1}",
    "[",
    "<b>&amp;</b>",
    "\u{2028}\u{2029}",
];

/// Civil times; `#` stands for the largest fraction of the type, `~` for the smallest.
const CIVIL: &[&str] = &[
    "0001-01-01 00:00:00",
    "1000-01-01 00:00:00",
    "1582-10-10 12:00:00",
    "1899-12-31 23:59:59#",
    "1969-12-31 23:59:59#",
    "1970-01-01 00:00:00",
    "1970-01-01 00:00:01~",
    "2000-02-29 12:00:00",
    "2016-12-31 23:59:59#",
    "2024-02-29 23:59:59#",
    "2024-03-10 02:30:00",
    "2024-03-31 02:30:00",
    "2024-03-31 02:59:59#",
    "2024-10-27 02:30:00",
    "2024-11-03 01:30:00~",
    "2038-01-19 03:14:07#",
    "2038-01-19 03:14:08",
    "2100-02-28 23:59:59#",
    "9999-12-31 23:59:59#",
];

const DATES: &[&str] = &[
    "0001-01-01",
    "1000-01-01",
    "1582-10-10",
    "1752-09-08",
    "1900-02-28",
    "1969-12-31",
    "1970-01-01",
    "2000-02-29",
    "2024-02-29",
    "2024-03-31",
    "2100-03-01",
    "9999-12-31",
];

/// The edges of a type, NULL first when it has one; never empty.
pub(super) fn edges(declared: &FlinkType) -> Vec<Value> {
    let mut values = if declared.nullable { vec![Value::Null] } else { Vec::new() };
    match &declared.kind {
        FlinkKind::Array(element) => arrays(element, &mut values),
        FlinkKind::Map(key, value) => maps(key, value, &mut values),
        FlinkKind::Row(fields) => {
            let edges: Vec<Vec<Value>> = fields.iter().map(|field| edges(&field.value)).collect();
            let most = edges.iter().map(Vec::len).max().unwrap_or(1);
            // In the n-th row each field has its n-th edge.
            values.extend((0..most).map(|index| {
                let row = edges.iter().filter_map(|edges| edges.iter().cycle().nth(index).cloned());
                Value::Row(Row::from(row.collect::<Vec<_>>()))
            }));
        }
        FlinkKind::Binary(length) | FlinkKind::VarBinary(length) => {
            let exactly = matches!(declared.kind, FlinkKind::Binary(_));
            values.extend(octets(usize::try_from(*length).unwrap_or(usize::MAX), exactly));
        }
        kind => {
            // A text that the type does not have is simply none of its edges.
            values.extend(texts(kind).iter().filter_map(|text| read_text(kind, text).ok()));
        }
    }
    values
}

fn texts(kind: &FlinkKind) -> Vec<String> {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    match kind {
        FlinkKind::Boolean => owned(&["true", "false"]),
        FlinkKind::TinyInt | FlinkKind::SmallInt | FlinkKind::Int | FlinkKind::BigInt => {
            let powers = [7, 8, 15, 16, 31, 32, 53, 63].map(|bits| 1_i128 << bits);
            let around = powers
                .into_iter()
                .flat_map(|power| [power - 1, power, power + 1, -power - 1, -power, 1 - power]);
            [0, 1, -1].into_iter().chain(around).map(|number| number.to_string()).collect()
        }
        FlinkKind::Decimal { precision, scale } => decimals(*precision, *scale),
        FlinkKind::Float => [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.1,
            1.0 / 3.0,
            16_777_215.0,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            1e-45,
            f32::EPSILON,
        ]
        .map(|number: f32| format!("{number:?}"))
        .into(),
        FlinkKind::Double => [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.1,
            1.0 / 3.0,
            16_777_217.0,
            9_007_199_254_740_991.0,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            f64::EPSILON,
            1e22,
            123_456_789.123_456_79,
        ]
        .map(|number: f64| format!("{number:?}"))
        .into(),
        FlinkKind::Date => owned(DATES),
        FlinkKind::Time(digits) => {
            ["00:00:00", "00:00:00~", "11:59:59#", "12:00:00", "23:59:59", "23:59:59#"]
                .map(|time| with_fraction(time, *digits))
                .into()
        }
        FlinkKind::Timestamp(digits) => CIVIL.iter().map(|civil| with_fraction(civil, *digits)).collect(),
        FlinkKind::TimestampLtz(digits) => {
            let zones = ["Z", "+14:00", "-12:00", "+05:45"];
            let moments = CIVIL.iter().map(|civil| format!("{}Z", with_fraction(civil, *digits)));
            moments.chain(zones.map(|zone| format!("2024-02-29 23:59:59{zone}"))).collect()
        }
        FlinkKind::Char(length) | FlinkKind::VarChar(length) => {
            let mut texts = owned(TEXTS);
            // As long as it may be, in characters and in bytes.
            if let Some(length) = usize::try_from(*length).ok().filter(|length| *length <= 4_096) {
                texts.extend(["x".repeat(length), "😀".repeat(length), " ".repeat(length)]);
            }
            texts
        }
        _ => Vec::new(),
    }
}

fn decimals(precision: u8, scale: u8) -> Vec<String> {
    let (whole, fraction) = (usize::from(precision - scale.min(precision)), usize::from(scale));
    let numbers = [
        "0".to_owned(),
        "1".to_owned(),
        "0.5".to_owned(),
        "0.1".to_owned(),
        format!("{}.{}", "9".repeat(whole), "9".repeat(fraction)),
        format!("0.{}1", "0".repeat(fraction.saturating_sub(1))),
        format!("1{}", "0".repeat(whole.saturating_sub(1))),
        format!("0.{}", "5".repeat(fraction)),
        // The limits of 64 bits, signed and not, and of what a float holds.
        "9223372036854775808".to_owned(),
        "18446744073709551615".to_owned(),
        "9007199254740993".to_owned(),
    ];
    numbers
        .iter()
        .flat_map(|number| {
            [number.trim_end_matches('.').to_owned(), format!("-{}", number.trim_end_matches('.'))]
        })
        .collect()
}

fn with_fraction(text: &str, digits: u8) -> String {
    let digits = usize::from(digits);
    let (largest, smallest) = match digits {
        0 => (String::new(), String::new()),
        _ => (format!(".{}", "9".repeat(digits)), format!(".{}1", "0".repeat(digits - 1))),
    };
    text.replace('#', &largest).replace('~', &smallest)
}

fn octets(length: usize, exactly: bool) -> Vec<Value> {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let starts: [&[u8]; 8] =
        [&[], &[0], &[0xff], &[0x20, 0x20], &[1, 0, 0], &[0xc3, 0x28], b"'\\\0\n\x1a\"", &all];
    let fitting = starts.into_iter().filter(|bytes| bytes.len() <= length).map(|bytes| {
        let mut bytes = bytes.to_vec();
        if exactly {
            bytes.resize(length, 0);
        }
        Value::Bytes(bytes.into_boxed_slice())
    });
    fitting.collect()
}

fn arrays(element: &FlinkType, values: &mut Vec<Value>) {
    let edges = edges(element);
    values.push(Value::Array(Box::new([])));
    values.extend(edges.first().map(|first| Value::Array(Box::new([first.clone()]))));
    values.push(Value::Array(edges.into_boxed_slice()));
}

fn maps(key: &FlinkType, value: &FlinkType, values: &mut Vec<Value>) {
    let keys = edges(&key.kind.clone().not_null());
    let held = edges(value);
    values.push(Value::Map(Map::default()));
    let pairs = keys.into_iter().zip(held.into_iter().cycle());
    let pairs: Vec<(Value, Value)> = pairs.collect();
    values.extend(pairs.first().map(|pair| Value::Map(std::iter::once(pair.clone()).collect())));
    values.push(Value::Map(pairs.into_iter().collect()));
}
