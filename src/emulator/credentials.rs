//! The fixed, documented, fake keys that the emulator knows.
//!
//! They open nothing but an emulator on this machine, and are the ones of the golden signature vectors.

use std::fmt;

/// An access key as the gateway knows it. `Debug` shows the id alone.
#[derive(Clone, Copy)]
pub(super) struct AccessKey {
    /// The public half.
    pub(super) id: &'static str,
    /// The secret half: the key of the signature.
    pub(super) secret: &'static str,
    /// The token that must travel with a temporary key.
    pub(super) security_token: Option<&'static str>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The long-lived key: the one in the ready line.
pub(super) const PLAIN: AccessKey =
    AccessKey { id: "FAKE-AK-ID-0001", secret: "fake-secret-not-a-real-key-0001", security_token: None };

/// The id and the secret of the long-lived key.
pub fn access_key() -> (&'static str, &'static str) {
    (PLAIN.id, PLAIN.secret)
}

/// The temporary key with its token.
pub(super) const TEMPORARY: AccessKey = AccessKey {
    id: "STS.FAKE-AK-ID-0002",
    secret: "fake-sts-secret-not-a-real-key-0002",
    security_token: Some("FAKE/security+token==~not.real"),
};

/// Every key.
pub(super) const KEYS: [AccessKey; 2] = [PLAIN, TEMPORARY];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_neither_its_secret_nor_its_token() {
        let text = format!("{TEMPORARY:?}");
        assert!(text.contains("STS.FAKE-AK-ID-0002"), "{text}");
        assert!(!text.contains("fake-sts-secret") && !text.contains("FAKE/security"), "{text}");
    }
}
