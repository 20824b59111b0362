//! Randomness.

use std::fmt::Write as _;

/// 16 random bytes as 32 lower-case hexadecimal digits: request nonces, run ids, lineages.
///
/// # Errors
/// The operating system has no randomness to give.
#[expect(clippy::disallowed_methods, reason = "this is the one place for randomness")]
pub fn hex_128() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        if write!(text, "{byte:02x}").is_err() {
            unreachable!("writing to a String cannot fail");
        }
        text
    }))
}

/// 32 random bytes: keys.
///
/// # Errors
/// The operating system has no randomness to give.
#[expect(clippy::disallowed_methods, reason = "this is the one place for randomness")]
pub fn bytes_256() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}
