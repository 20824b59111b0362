//! Fingerprints: what is remembered of a value that is not (design.md 3.4, NFR-005).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::secret::Fingerprint;

/// Makes fingerprints with the key of one state (NFR-005).
pub struct Fingerprinter {
    key: SecretBox<[u8; 32]>,
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprinter")
    }
}

impl Fingerprinter {
    /// With this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: SecretBox::new(Box::new(key)) }
    }

    /// The fingerprint of a secret: without the key nobody can try values against it.
    pub fn secret(&self, value: &SecretString) -> Fingerprint {
        // A key shorter than the block is filled with zeros: that is how HMAC is defined, and so no key is refused.
        let mut block = [0_u8; 64];
        for (filled, byte) in block.iter_mut().zip(self.key.expose_secret()) {
            *filled = *byte;
        }
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(value.expose_secret().as_bytes());
        Fingerprint { fingerprint: format!("hmac-sha256:{}", hex(&mac.finalize().into_bytes())) }
    }
}

/// The fingerprint of a file that is no secret: anybody can check it against the file.
pub fn digest(content: &SecretString) -> Fingerprint {
    let digest = Sha256::digest(content.expose_secret().as_bytes());
    Fingerprint { fingerprint: format!("sha256:{}", hex(&digest)) }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_the_value_and_on_the_key() {
        let (one, two) = (SecretString::from("a"), SecretString::from("b"));
        let print = |key, value| Fingerprinter::new([key; 32]).secret(value);
        assert_eq!(print(1, &one), print(1, &one));
        assert_ne!(print(1, &one), print(1, &two));
        assert_ne!(print(1, &one), print(2, &one));
        assert!(!format!("{:?}", Fingerprinter::new([7; 32])).contains('7'));
    }
}
