//! Takes secrets out of what the service says before anyone sees it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::credentials::Credentials;
use super::encode::{form, percent};

/// The longest text that is passed on, in characters.
const LIMIT: usize = 2000;

const REDACTED: &str = "[redacted]";

/// Knows the secrets of one call.
pub(super) struct Redactor {
    /// Every spelling of every secret, longest first.
    spellings: Vec<String>,
}

impl Redactor {
    /// The secrets of a key; none for no key.
    pub(super) fn new(key: Option<&Credentials>) -> Self {
        let mut redactor = Self { spellings: Vec::new() };
        if let Some(key) = key {
            redactor.also(key.secret());
            if let Some(token) = key.security_token() {
                redactor.also(token);
            }
        }
        redactor
    }

    /// The JAR's URL, too: its user and its query may be a password or a signature, as a whole or value by value.
    pub(super) fn and_url(mut self, url: &str) -> Self {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let authority =
            address.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(rest));
        if let Some((user, _)) = authority.rsplit_once('@') {
            self.also(&format!("{user}@"));
        }
        if !query.is_empty() {
            self.also(&format!("?{query}"));
        }
        for pair in query.split('&') {
            // A short value (`v=1`) is no secret, and taking it out of every text would leave nothing readable.
            let value = pair.split_once('=').map_or(pair, |(_, value)| value);
            if value.len() >= 8 {
                self.also(value);
            }
        }
        self
    }

    fn also(&mut self, secret: &str) {
        let encoded = [percent(secret), form(secret)];
        let lower: Vec<String> = encoded.iter().map(|text| lower_hex(text)).collect();
        let base = [STANDARD_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
        self.spellings.push(secret.to_owned());
        self.spellings.extend(encoded.into_iter().chain(lower).chain(base));
        self.spellings.retain(|spelling| !spelling.is_empty());
        self.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    }

    /// The text without secrets, with control characters escaped, cut at 2,000 characters.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for spelling in &self.spellings {
            text = text.replace(spelling.as_str(), REDACTED);
        }
        let mut clean = String::new();
        for (index, c) in text.chars().enumerate() {
            if index == LIMIT {
                clean.push('…');
                break;
            }
            if c.is_control() { clean.extend(c.escape_default()) } else { clean.push(c) }
        }
        clean
    }
}

/// `%2F` as `%2f`.
fn lower_hex(text: &str) -> String {
    let mut left = 0_u8;
    text.chars()
        .map(|c| {
            let digit = left > 0;
            left = if c == '%' { 2 } else { left.saturating_sub(1) };
            if digit { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(secret: &str, token: &str) -> Redactor {
        Redactor::new(Some(&Credentials::new("id", secret, Some(token.to_owned()), None).unwrap()))
    }

    #[test]
    fn every_spelling_of_a_secret_is_taken_out() {
        let token = "CAIS/tok+en==~x";
        let redactor = redactor("hush-secret", token);
        for spelling in [
            token.to_owned(),
            percent(token),
            percent(token).to_lowercase().replace("cais", "CAIS"),
            STANDARD_NO_PAD.encode(token),
            format!("{}=", URL_SAFE_NO_PAD.encode(token)),
            "hush-secret".to_owned(),
        ] {
            let clean = redactor.clean(&format!("the string to sign is <{spelling}>"));
            assert!(clean.contains(REDACTED) && !clean.contains("tok"), "{clean}");
        }
    }

    #[test]
    fn the_query_and_the_user_of_a_jar_url_are_taken_out() {
        let redactor = Redactor::new(None).and_url("https://me:pw@h.example/a.jar?Signature=s%2Fxyzabcd&v=1");
        let clean =
            redactor.clean("no https://me:pw@h.example/a.jar?Signature=s%2Fxyzabcd&v=1 (s%2Fxyzabcd), v=1");
        assert_eq!(clean, "no https://[redacted]h.example/a.jar[redacted] ([redacted]), v=1");
        assert_eq!(Redactor::new(None).and_url("oss://b/a.jar").clean("oss://b/a.jar"), "oss://b/a.jar");
    }

    #[test]
    fn text_is_cut_and_its_control_characters_are_escaped() {
        assert_eq!(Redactor::new(None).clean("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        let long = Redactor::new(None).clean(&"ä".repeat(3000));
        assert_eq!(long.chars().count(), LIMIT + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_secret_survives(secret in "[!-~]{6,40}", before in any::<String>(), after in any::<String>()) {
            let clean = redactor(&secret, "some-token").clean(&format!("{before}{secret}{after}"));
            prop_assert!(!clean.contains(&secret));
        }
    }
}
