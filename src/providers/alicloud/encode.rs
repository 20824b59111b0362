//! The three ways in which text becomes part of a request (ververica-api.md section 2). Input is raw text: nothing is
//! taken for escaped already, nothing is normalised.

use std::fmt::Write as _;

/// A path segment, and a value of the canonical query: UTF-8, everything but `A-Z a-z 0-9 - . _ ~` as upper-case
/// `%XX`.
pub(super) fn percent(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else if write!(escaped, "%{byte:02X}").is_err() {
            unreachable!("writing to a String cannot fail");
        }
    }
    escaped
}

/// A query value on the wire: as [`percent`], but a space is `+`, like in the vendor's own client.
pub(super) fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// The query on the wire, pairs in the given order; empty without pairs. Names are plain ASCII and stay as they are.
pub(super) fn wire_query(pairs: &[(String, String)]) -> String {
    join(pairs.iter().map(|(name, value)| format!("{name}={}", form(value))))
}

/// The query as it is signed: pairs sorted by name, byte order. Names stay as they are.
pub(super) fn canonical_query(pairs: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    join(sorted.into_iter().map(|(name, value)| format!("{name}={}", percent(value))))
}

fn join(pairs: impl Iterator<Item = String>) -> String {
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Decodes without sharing anything with the encoder.
    fn decode(text: &str, plus_is_space: bool) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((&first, tail)) = rest.split_first() {
            rest = tail;
            match first {
                b'%' => {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
                    rest = &rest[2..];
                }
                b'+' if plus_is_space => bytes.push(b' '),
                other => bytes.push(other),
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn any_text_survives_both_encodings(text in any::<String>()) {
            prop_assert_eq!(decode(&percent(&text), false), text.clone());
            prop_assert_eq!(decode(&form(&text), true), text);
        }

        #[test]
        fn an_encoded_segment_never_ends_the_segment(text in any::<String>()) {
            let safe = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
            prop_assert!(percent(&text).chars().all(safe));
        }
    }

    #[test]
    fn escaped_text_is_escaped_again() {
        assert_eq!(percent("a%2Fb"), "a%252Fb");
        assert_eq!(percent("+*: /"), "%2B%2A%3A%20%2F");
        assert_eq!(form("a b+"), "a+b%2B");
    }
}
