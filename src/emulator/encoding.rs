//! Percent-encoding, form-encoding and hexadecimal, as the protocol writes them.
//!
//! Written from the protocol (ververica-api section 2) and not shared with our client, so that the two can disagree.

use std::fmt::Write as _;

/// Decodes `%XX`; nothing else is special. `None` when an escape is malformed or the result is not UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Decodes a query as a form: `+` is a space, then [`percent_decode`]. A part without `=` has the value `""`. Wire order.
pub(super) fn form_decode(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// Encodes everything except `A-Z a-z 0-9 - . _ ~`, with upper-case digits.
pub(super) fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else if write!(encoded, "%{byte:02X}").is_err() {
            unreachable!("writing to a String cannot fail");
        }
        encoded
    })
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        if write!(text, "{byte:02x}").is_err() {
            unreachable!("writing to a String cannot fail");
        }
        text
    })
}

/// Reads lower-case hexadecimal; `None` for anything else.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut digits = text.bytes().map(digit);
    let mut bytes = Vec::with_capacity(text.len() / 2);
    while let Some(high) = digits.next() {
        bytes.push(high? << 4 | digits.next()??);
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_two_wire_forms_of_a_space_decode_alike() {
        let pair = vec![("jarUrl".to_owned(), "a b+c".to_owned())];
        assert_eq!(form_decode("jarUrl=a+b%2Bc"), Some(pair.clone()));
        assert_eq!(form_decode("jarUrl=a%20b%2bc"), Some(pair));
    }

    #[test]
    fn a_value_may_be_empty_or_missing_and_may_hold_an_equals_sign() {
        let pairs = [("a", ""), ("b", ""), ("c", "d=e")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(form_decode("a=&b&&c=d=e"), Some(pairs.to_vec()));
        assert_eq!(form_decode(""), Some(vec![]));
    }

    #[test]
    fn a_malformed_escape_is_not_guessed() {
        for text in ["%", "%4", "%4g", "%+1", "%ff"] {
            assert_eq!(percent_decode(text), None, "{text}");
        }
        for text in ["0", "0g", "+1", "AB"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_text_survives_encoding(text in any::<String>()) {
            let encoded = percent_encode(&text);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            prop_assert_eq!(percent_decode(&encoded), Some(text.clone()));
            prop_assert_eq!(form_decode(&format!("k={encoded}")), Some(vec![("k".to_owned(), text)]));
        }

        #[test]
        fn every_byte_survives_hexadecimal(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        }
    }
}
