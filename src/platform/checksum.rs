//! SHA-256, and JSON documents that end with a checksum over themselves.
//!
//! Such a document has its checksum as the last member: SHA-256 over the whole file with its own 64 digits replaced by
//! zeros. So every byte counts, white space included. Every format, also a future one, ends like this; the checksum is
//! judged before anything else is.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The last member's value before [`seal`] puts the digits in their place.
pub const BLANK: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

const ZEROS: &[u8; 64] = &[b'0'; 64];
const TAIL: &[u8] = b"\"\n}\n";

/// Why a document does not end with its own checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsealed {
    /// The last member is something else.
    #[error("it does not end with a checksum: it was cut off or edited")]
    Missing,
    /// The digits are those of another document.
    #[error("its checksum does not match: it was edited, or the disk changed it")]
    Mismatch,
}

/// Puts the checksum into pretty JSON with a line end, whose last member is `"checksum": "sha256:…"`.
pub fn seal(mut document: Vec<u8>) -> Vec<u8> {
    let digits = document.len().saturating_sub(ZEROS.len() + TAIL.len());
    let (head, tail) = document.split_at(digits);
    let tail = tail.get(ZEROS.len()..).unwrap_or_default();
    let digest = sha256_hex(&[head, ZEROS, tail]);
    for (place, digit) in document.iter_mut().skip(digits).zip(digest.bytes()) {
        *place = digit;
    }
    document
}

/// Whether the document is as it was sealed.
///
/// # Errors
/// [`Unsealed`]
pub fn check(document: &[u8]) -> Result<(), Unsealed> {
    let (body, digits) = document
        .strip_suffix(TAIL)
        .and_then(<[u8]>::split_last_chunk::<64>)
        .filter(|(body, _)| body.ends_with(b"\"checksum\": \"sha256:"))
        .ok_or(Unsealed::Missing)?;
    if sha256_hex(&[body, ZEROS, TAIL]).as_bytes() == digits { Ok(()) } else { Err(Unsealed::Mismatch) }
}

/// 64 digits over the parts, one after the other.
pub fn sha256_hex(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    hex(&digest.finalize())
}

/// Two lower-case digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        if write!(text, "{byte:02x}").is_err() {
            unreachable!("writing to a String cannot fail");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_of_abc_holds() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(&[b"a", b"bc"]), expected);
    }

    #[test]
    fn a_sealed_document_holds_and_every_other_byte_breaks_it() {
        let sealed = seal(format!("{{\n  \"a\": 1,\n  \"checksum\": \"{BLANK}\"\n}}\n").into_bytes());
        assert_eq!(check(&sealed), Ok(()));
        assert_eq!(seal(sealed.clone()), sealed);
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(check(&damaged).is_err(), "byte {at}");
        }
        assert_eq!(check(b""), Err(Unsealed::Missing));
    }
}
