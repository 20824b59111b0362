//! What a signature covers, and the key it is made with.

use crate::providers::alicloud::credentials::Credentials;

/// A request before its `authorization` header. Everything that varies from call to call (date, nonce) is in the
/// headers already, so a signature is a pure function of this and the key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signable<'a> {
    /// Upper case.
    pub(super) method: &'a str,
    /// Escaped, exactly as sent.
    pub(super) path: &'a str,
    /// Raw names and values.
    pub(super) query: &'a [(String, String)],
    /// The headers to be covered.
    pub(super) headers: &'a [(String, String)],
    /// Empty without a body.
    pub(super) body: &'a [u8],
    /// The key.
    pub(super) key: &'a Credentials,
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 15)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
