//! What bytes make of an answer and of a literal: targets of `tests/fuzz`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::errors::Judge;
use super::redact::Redactor;
use super::request::Asker;
use super::settings::BaseUrl;
use super::statement::{Run, Transport};
use super::{description, sql, store};
use crate::domain::kind::store::Subtype;
use crate::domain::live::Census;
use crate::domain::natural_key::{Scope, StoreName};
use crate::platform::http::{HttpError, HttpRequest, HttpResponse, Origin};

const SECRET: &str = "canary-token-0001";

/// Answers once, and is then not there any more.
struct Once {
    answer: HttpResponse,
    is_given: AtomicBool,
}

impl Transport for Once {
    async fn send(&self, _: &HttpRequest) -> Result<HttpResponse, HttpError> {
        if self.is_given.swap(true, Ordering::Relaxed) {
            let Ok(origin) = Origin::parse("h.example") else { unreachable!("it is an origin") };
            return Err(HttpError::NotHttp { origin, detail: "gone".to_owned() });
        }
        Ok(self.answer.clone())
    }
}

/// Follows a statement to the answer: in the first line the verb and the status, then an empty line and the body. A listing
/// has the rows that were announced; the token that it echoes is shown to nobody.
///
/// # Panics
/// When that does not hold.
pub fn answer(bytes: &[u8]) {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let (verb, status) = head.split_once(' ').unwrap_or_default();
    let status = status.parse().ok().filter(|status| matches!(status, 200..=299 | 400..=599)).unwrap_or(200);
    let answer = HttpResponse { status, headers: [].into(), body: body.to_vec() };
    let token = SecretString::from(SECRET);
    let (Ok(base), Ok(name)) = (BaseUrl::parse("https://h.example/v2"), StoreName::new("s")) else {
        unreachable!("these are an address and a name");
    };
    let statement = match verb {
        "describe" => sql::describe(&name),
        "drop" => sql::drop_store(&name),
        _ => Ok(sql::list()),
    };
    let Ok(statement) = statement else { unreachable!("the name can be written") };
    let judge = Judge::new(statement.verb, Redactor::new(Some(&token), &statement), None, None);
    let asker = Asker { base: &base, token: &token, session: "s", organization: None, role: None };
    let transport = Once { answer, is_given: AtomicBool::new(false) };
    let limit = Duration::from_millis(200);
    let run = Run { transport: &transport, asker, statement: &statement, judge: &judge, limit };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    match runtime.block_on(run.complete("b")) {
        Err(error) => assert!(!format!("{error} {error:?}").contains(SECRET), "the token is shown"),
        Ok(outcome) if verb == "describe" => {
            for subtype in Subtype::ALL {
                drop(description::fields(*subtype, &outcome.table));
            }
        }
        Ok(_) if verb == "drop" => {}
        Ok(outcome) => {
            let said: Value = serde_json::from_slice(body).unwrap_or_default();
            let rows = said["data"].as_array().map_or(0, Vec::len);
            assert_eq!(outcome.table.rows.len(), rows, "another number of rows: {said}");
            if let Ok(lives) = store::lives(&outcome.table, |text| judge.clean(text)) {
                // A name that no statement carries is left out.
                assert!(lives.len() <= rows, "more stores than rows: {said}");
                drop(Census::complete(Scope::Stores, lives));
            }
        }
    }
}

/// Writes a text as a literal and as a name, and reads them by the rule that SQL has: the same text, and nothing behind it.
///
/// # Panics
/// When that does not hold.
pub fn literal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (written, mark) in [(sql::literal(&text), '\''), (sql::identifier(&text), '"')] {
        let Ok(written) = written else { continue };
        let mut read = String::new();
        let mut rest = written.chars();
        assert_eq!(rest.next(), Some(mark));
        let behind = loop {
            match rest.next() {
                Some(c) if c == mark => match rest.next() {
                    Some(c) if c == mark => read.push(mark),
                    behind => break behind,
                },
                Some(c) => read.push(c),
                None => unreachable!("{written} does not end"),
            }
        };
        assert!(behind.is_none() && read == text, "{written}");
        assert!(!written.contains(['\n', '\r', '\0', '\u{2028}']), "{written:?}");
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_answers_gives_what_was_announced() {
        replay("deltastream-answer", super::answer);
    }

    #[test]
    fn the_corpus_of_texts_is_read_back() {
        replay("literal", super::literal);
    }
}
