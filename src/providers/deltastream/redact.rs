//! Takes secrets, and what looks like our statements, out of what the service says before anyone sees it.
//!
//! A service that cuts its messages can cut a secret in half, so a secret is recognised by any eight characters of it, in
//! any of its spellings.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use super::sql::Statement;

/// The longest text that is looked at, and the longest that is passed on, in characters.
const LOOKED_AT: usize = 20_000;
const PASSED_ON: usize = 2_000;

/// So many characters of a secret are the secret.
const WINDOW: usize = 8;

const REDACTED: &str = "[redacted]";

/// Knows the secrets of one call.
pub(super) struct Redactor {
    /// Spellings and pieces of spellings; none is longer than a window.
    pieces: BTreeSet<Vec<char>>,
    /// The statement, as sent and as JSON.
    statement: Vec<String>,
}

impl Redactor {
    /// Knows the token, if there is one, and the statement with all its secrets.
    pub(super) fn new(token: Option<&SecretString>, statement: &Statement) -> Self {
        let mut redactor = Self { pieces: BTreeSet::new(), statement: Vec::new() };
        for secret in token.into_iter().chain(&statement.secrets) {
            for spelling in spellings(secret.expose_secret()) {
                redactor.also(&spelling);
            }
        }
        redactor.statement = vec![statement.text().to_owned(), json(statement.text())];
        redactor
    }

    fn also(&mut self, spelling: &str) {
        let characters: Vec<char> = spelling.chars().collect();
        if characters.len() <= WINDOW {
            self.pieces.insert(characters);
        } else {
            self.pieces.extend(characters.windows(WINDOW).map(<[char]>::to_vec));
        }
        self.pieces.remove([].as_slice());
    }

    /// The text without secrets and without our statement, with control characters escaped, cut at 2,000 characters.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text: String = text.chars().take(LOOKED_AT).collect();
        for statement in &self.statement {
            text = text.replace(statement.as_str(), "[statement]");
        }
        if let Some(kept) = echo(&text).and_then(|at| text.get(..at)) {
            text = format!("{kept}[statement]");
        }
        let characters: Vec<char> = text.chars().collect();
        let mut clean = String::new();
        let mut at = 0;
        for Range { start, end } in self.found(&characters) {
            escape(characters.get(at..start).unwrap_or_default(), &mut clean);
            clean.push_str(REDACTED);
            at = end;
        }
        escape(characters.get(at..).unwrap_or_default(), &mut clean);
        match clean.char_indices().nth(PASSED_ON) {
            Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
            None => clean,
        }
    }

    /// Where secrets are: sorted, apart from each other.
    fn found(&self, text: &[char]) -> Vec<Range<usize>> {
        let lengths: BTreeSet<usize> = self.pieces.iter().map(Vec::len).collect();
        let mut found: Vec<Range<usize>> = Vec::new();
        for start in 0..text.len() {
            let longest = lengths.iter().rev().find(|length| {
                text.get(start..start + **length).is_some_and(|piece| self.pieces.contains(piece))
            });
            let Some(length) = longest else { continue };
            let end = start + length;
            match found.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        found
    }
}

fn escape(characters: &[char], into: &mut String) {
    for c in characters {
        if c.is_control() { into.extend(c.escape_default()) } else { into.push(*c) }
    }
}

/// Where a text begins to repeat the list of a statement, ours or anybody's: `WITH ('`, or `'key' =`.
fn echo(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let list = lower.match_indices("with").find(|(at, word)| {
        let list = lower.get(at + word.len()..).and_then(|rest| rest.trim_start().strip_prefix('('));
        list.is_some_and(|list| list.trim_start().starts_with('\''))
    });
    let quotes: Vec<usize> = lower.match_indices('\'').map(|(at, _)| at).collect();
    let key = quotes.windows(2).find_map(|pair| {
        let [open, close] = pair else { return None };
        let name = lower.get(open + 1..*close)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let equals = lower.get(close + 1..)?.trim_start().starts_with('=');
        (equals && !name.is_empty() && name.chars().all(plain)).then_some(*open)
    });
    [list.map(|(at, _)| at), key].into_iter().flatten().min()
}

/// How a secret may come back.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let sql = secret.replace('\'', "''");
    let mut hex = String::new();
    for byte in bytes {
        hex.push_str(&format!("{byte:02x}"));
    }
    let percent = percent(secret);
    // Plain; Go's; Python's; the most careful ones'.
    let encoders: [fn(char) -> bool; 4] = [
        |_| false,
        |c| matches!(c, '<' | '>' | '&'),
        |c| !c.is_ascii(),
        |c| !c.is_ascii() || matches!(c, '<' | '>' | '&' | '\'' | '+'),
    ];
    let texts = [secret, sql.as_str()];
    let encoded = encoders.iter().flat_map(|encoder| texts.map(|text| json_with(text, *encoder)));
    let mut all: Vec<String> = encoded.collect();
    all.extend([
        secret.to_owned(),
        hex.to_ascii_uppercase(),
        hex,
        percent.replace("%20", "+"),
        lower_escapes(&percent),
        percent,
        sql,
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ]);
    // Within a longer text that was encoded as a whole, a secret has three spellings, by where it begins; the characters
    // at its ends also depend on its neighbours.
    for (before, begins) in [(0, 0), (1, 2), (2, 3)] {
        let shifted = [vec![0_u8; before], bytes.to_vec()].concat();
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        let end = if shifted.len().is_multiple_of(3) { encoded.len() } else { encoded.len() - 1 };
        let inner = encoded.get(begins..end).unwrap_or_default();
        if inner.len() >= WINDOW {
            all.push(inner.to_owned());
            all.push(inner.replace('+', "-").replace('/', "_"));
        }
    }
    all
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
}

/// JSON as other encoders write it: also these characters as `\uXXXX`.
fn json_with(text: &str, escaped: fn(char) -> bool) -> String {
    let mut json_text = String::new();
    for c in json(text).chars() {
        if escaped(c) {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                json_text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            json_text.push(c);
        }
    }
    json_text
}

/// UTF-8, everything but `A-Z a-z 0-9 - . _ ~` as `%XX`.
fn percent(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut left = 0_u8;
    let lower = |c: char| {
        let digit = left > 0;
        left = if c == '%' { 2 } else { left.saturating_sub(1) };
        if digit { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::providers::deltastream::sql::list;

    fn redactor(secrets: &[&str]) -> Redactor {
        let mut statement = list();
        statement.secrets = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        Redactor::new(Some(&SecretString::from("token-eyJhbGciOi.x/y+z")), &statement)
    }

    #[test]
    fn every_spelling_of_a_secret_is_taken_out() {
        let secret = "p'w d/+<ü>\\\"x-long";
        let redactor = redactor(&[secret]);
        for spelling in spellings(secret).into_iter().chain(spellings("token-eyJhbGciOi.x/y+z")) {
            let clean = redactor.clean(&format!("before <{spelling}> after"));
            assert_eq!(clean, "before <[redacted]> after", "{spelling}");
        }
        let basic = STANDARD_NO_PAD.encode(format!("some user:{secret}"));
        let clean = redactor.clean(&basic);
        // Of the character at the end the secret decides a part only.
        assert!(clean.split(REDACTED).nth(1).is_some_and(|rest| rest.len() <= 1), "{clean}");
    }

    /// Written out, so that a spelling that is forgotten is missed.
    #[test]
    fn these_spellings_are_known() {
        let redactor = redactor(&["it's a <pässword>/+?", "<ü<ö<ä<"]);
        for spelling in [
            r"<\u00fc<\u00f6<\u00e4<",
            r"\u003cü\u003cö\u003cä\u003c",
            "it's a <pässword>/+?",
            "it''s a <pässword>/+?",
            r"it's a \u003cpässword\u003e/+?",
            r"it's a <p\u00e4ssword>/+?",
            r"it\u0027s a \u003cp\u00e4ssword\u003e/\u002b?",
            "it%27s%20a%20%3Cp%C3%A4ssword%3E%2F%2B%3F",
            "it%27s+a+%3Cp%C3%A4ssword%3E%2F%2B%3F",
            "it%27s%20a%20%3cp%c3%a4ssword%3e%2f%2b%3f",
            "697427732061203c70c3a47373776f72643e2f2b3f",
            "697427732061203C70C3A47373776F72643E2F2B3F",
            "aXQncyBhIDxww6Rzc3dvcmQ+Lys/",
            "aXQncyBhIDxww6Rzc3dvcmQ-Lys_",
        ] {
            let clean = redactor.clean(&format!("<{spelling}>"));
            assert_eq!(clean, "<[redacted]>", "{spelling}");
        }
    }

    #[test]
    fn a_secret_that_was_cut_is_still_taken_out_and_a_short_one_too() {
        let redactor = redactor(&["correct-horse-battery", "x7"]);
        assert_eq!(redactor.clean("near 'correct-ho"), "near '[redacted]");
        assert_eq!(redactor.clean("…orse-battery'"), "…[redacted]'");
        assert_eq!(redactor.clean("user x7 failed"), "user [redacted] failed");
    }

    #[test]
    fn what_looks_like_a_statement_is_cut_off() {
        let redactor = redactor(&[]);
        for (text, clean) in [
            (r#"at input 'CREATE STORE "s" WITH ('uris' = 'h"#, r#"at input 'CREATE STORE "s" [statement]"#),
            ("no: create store s with\n ( 'ty", "no: create store s [statement]"),
            ("near 'kafka.sasl.password' = 'abc', 'uris'", "near [statement]"),
            ("'tls.ca_cert_file' file not attached", "'tls.ca_cert_file' file not attached"),
            ("login failed with (timeout)", "login failed with (timeout)"),
        ] {
            assert_eq!(redactor.clean(text), clean);
        }
        let text = list().text().to_owned();
        assert_eq!(redactor.clean(&format!("no <{text}> {}", json(&text))), "no <[statement]> [statement]");
    }

    #[test]
    fn text_is_cut_and_its_control_characters_are_escaped() {
        assert_eq!(redactor(&[]).clean("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(redactor(&[]).clean(&"ä".repeat(3000)).chars().count(), PASSED_ON + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_secret_and_no_eight_characters_of_one_survive(
            secret in "[!-Z^-~ä-öア-ン]{1,40}", before in any::<String>(), after in any::<String>(), cut in 0_usize..32,
        ) {
            let half: String = secret.chars().skip(cut).collect();
            let clean = redactor(&[&secret]).clean(&format!("{before}{secret}{after}{half}"));
            let clean = clean.replace(REDACTED, "\n");
            prop_assert!(!clean.contains(&secret));
            let characters: Vec<char> = secret.chars().collect();
            for window in characters.windows(WINDOW) {
                prop_assert!(!clean.contains(&window.iter().collect::<String>()));
            }
        }
    }
}
