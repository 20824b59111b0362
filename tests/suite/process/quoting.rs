//! Our quoting, read by a server that is not ours: what we encode is one statement, and means what we meant (NFR-002).
//!
//! PostgreSQL reads `'…'` and `"…"` by the rule of the standard that `DeltaStream` documents: the mark is doubled, and
//! a backslash is a backslash.

use std::fmt::Display;

use reconcile::providers::deltastream::sql;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::postgres::Postgres;

/// A server cuts names behind 63 bytes, before a character that does not fit.
const LONGEST_NAME: usize = 63;

/// Values of one statement; it may have 1,664.
const BATCH: usize = 500;

/// One way to write texts into statements: strings and names.
struct Encoder {
    literal: fn(&str) -> Result<String, String>,
    identifier: fn(&str) -> Result<String, String>,
}

fn told<T>(result: Result<T, impl Display>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// A generator of texts that is the same in each run: xorshift, with what has a meaning in SQL far more often than by
/// chance.
struct Texts(u64);

impl Texts {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn piece(&mut self) -> String {
        const PIECES: &[&str] = &[
            "'",
            "''",
            "\"",
            "\"\"",
            "\\",
            "\\'",
            "\\\\",
            "--",
            "/*",
            "*/",
            ";",
            "$$",
            "$a$",
            "E'",
            "U&'",
            "U&\"",
            "x'",
            "`",
            "@",
            "%",
            "?",
            ":a",
            "{}",
            "0",
            " ",
            "  ",
            "'; DROP STORE x; --",
            "\" = 'x",
            "NULL",
            "TRUE",
            "\u{a0}",
            "\u{200d}",
            "\u{202e}",
            "\u{feff}",
            "e\u{301}",
            "\u{2019}",
            "\u{ff07}",
            "\u{2bc}",
            "中文",
            "👩‍🔬",
            "\u{10ffff}",
            "\u{fffe}",
        ];
        // Each of these is refused: rare, so that most texts go on to the server.
        const REFUSED: &[char] =
            &['\0', '\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}'];
        match self.below(100) {
            0 => REFUSED[usize::try_from(self.below(REFUSED.len() as u64)).unwrap()].to_string(),
            1..60 => PIECES[usize::try_from(self.below(PIECES.len() as u64)).unwrap()].to_owned(),
            60..80 => char::from(b' ' + u8::try_from(self.below(95)).unwrap()).to_string(),
            _ => char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap()).unwrap_or('\'').to_string(),
        }
    }

    fn text(&mut self) -> String {
        let pieces = if self.below(200) == 0 { 500 } else { 1 + self.below(12) };
        (0..pieces).map(|_| self.piece()).collect()
    }
}

/// A name as the server keeps it.
fn kept(name: &str) -> &str {
    let end = (0..=LONGEST_NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or(0)]
}

/// Sends these texts, each as a string and as a name, in one statement, and says how many of them came back changed;
/// anything but one answer with one row is an error.
async fn changed(client: &Client, texts: &[(String, String, String)]) -> Result<Vec<String>, String> {
    let columns: Vec<String> =
        texts.iter().map(|(_, literal, identifier)| format!("{literal} AS {identifier}")).collect();
    let answer = client.simple_query(&format!("SELECT {}", columns.join(", "))).await;
    let answer =
        answer.map_err(|error| error.as_db_error().map_or(error.to_string(), ToString::to_string))?;
    let mut rows = Vec::new();
    let mut ends = 0;
    for message in &answer {
        match message {
            SimpleQueryMessage::Row(row) => rows.push(row),
            SimpleQueryMessage::CommandComplete(_) => ends += 1,
            _ => {}
        }
    }
    let ([row], 1) = (rows.as_slice(), ends) else {
        return Err(format!("{} rows of {ends} statements", rows.len()));
    };
    if row.len() != texts.len() {
        return Err(format!("{} values for {}", row.len(), texts.len()));
    }
    let differs = |(index, (text, ..)): (usize, &(String, String, String))| {
        let same = row.get(index) == Some(text) && row.columns()[index].name() == kept(text);
        (!same).then(|| {
            format!("{text:?} came back as {:?} and {:?}", row.get(index), row.columns()[index].name())
        })
    };
    Ok(texts.iter().enumerate().filter_map(differs).collect())
}

/// What an encoder did with so many texts: how many it refused, and what is wrong.
async fn judged(client: &Client, encoder: &Encoder, count: usize) -> (usize, Vec<String>) {
    let mut texts = Texts(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut findings) = (0, Vec::new());
    let mut batch = Vec::with_capacity(BATCH);
    for index in 1..=count {
        let text = texts.text();
        match ((encoder.literal)(&text), (encoder.identifier)(&text)) {
            (Ok(literal), Ok(identifier)) => batch.push((text, literal, identifier)),
            (Err(_), Err(_)) => {
                refused += 1;
                if !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
                    findings.push(format!("{text:?} was refused"));
                }
            }
            (literal, _) => findings.push(format!(
                "{text:?} is {} for one form only",
                if literal.is_ok() { "accepted" } else { "refused" }
            )),
        }
        if batch.len() < BATCH && index < count || batch.is_empty() {
            continue;
        }
        match changed(client, &batch).await {
            Ok(differing) => findings.extend(differing),
            // One text broke the statement: each is sent by itself.
            Err(_) => {
                for text in &batch {
                    match changed(client, std::slice::from_ref(text)).await {
                        Ok(differing) => findings.extend(differing),
                        Err(error) => findings.push(format!("{:?}: {error}", text.0)),
                    }
                }
            }
        }
        batch.clear();
        if findings.len() > 20 {
            break;
        }
    }
    (refused, findings)
}

fn many() -> usize {
    if std::env::var_os("RECONCILE_LONG").is_some() { 1_000_000 } else { 100_000 }
}

const OURS: Encoder =
    Encoder { literal: |text| told(sql::literal(text)), identifier: |text| told(sql::identifier(text)) };

#[tokio::test]
async fn what_we_quote_is_one_statement_and_comes_back_as_it_was() {
    let server = Postgres::start().await;
    let client = server.log_in(Postgres::ROLE, Postgres::PASSWORD).await.unwrap();
    client.batch_execute("SET standard_conforming_strings = on").await.unwrap();
    let (refused, findings) = judged(&client, &OURS, many()).await;
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    assert!(refused > 0 && refused < many() / 5, "{refused} of {} were refused", many());
}

#[tokio::test]
async fn an_encoder_that_is_wrong_is_noticed() {
    let server = Postgres::start().await;
    let client = server.log_in(Postgres::ROLE, Postgres::PASSWORD).await.unwrap();
    let wrong: [(&str, Encoder); 5] = [
        ("does not double the mark of a string", Encoder { literal: |text| Ok(format!("'{text}'")), ..OURS }),
        (
            "does not double the mark of a name",
            Encoder { identifier: |text| Ok(format!("\"{text}\"")), ..OURS },
        ),
        (
            "escapes by backslashes",
            Encoder { literal: |text| told(sql::literal(&text.replace('\\', "\\\\"))), ..OURS },
        ),
        ("loses a blank", Encoder { literal: |text| told(sql::literal(text.trim_end())), ..OURS }),
        (
            "sends what no statement carries",
            Encoder { literal: |text| Ok(format!("'{}'", text.replace('\'', "''"))), ..OURS },
        ),
    ];
    for (what, encoder) in wrong {
        let (_, findings) = judged(&client, &encoder, 3_000).await;
        assert!(!findings.is_empty(), "an encoder that {what} was let pass");
    }
}

#[test]
fn a_text_that_the_server_could_not_carry_is_refused() {
    for text in ["\0", "a\0b", "a\nb", "a\r", "\u{1b}[0m", "\u{85}", "\u{2028}"] {
        assert!((OURS.literal)(text).is_err() && (OURS.identifier)(text).is_err(), "{text:?}");
    }
}
