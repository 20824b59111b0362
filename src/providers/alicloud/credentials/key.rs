//! An access key. Its secret parts never print.

use std::fmt;

use jiff::Timestamp;

use super::error::CredentialError;

/// An access key, long-lived or temporary.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: String,
    access_key_secret: String,
    security_token: Option<String>,
    expires: Option<Timestamp>,
}

impl Credentials {
    /// A key. An empty token means none.
    ///
    /// # Errors
    /// [`CredentialError::NotSendable`] when a part is empty or has characters that no HTTP header carries, such as
    /// the line end of a file that was pasted whole.
    pub fn new(
        access_key_id: impl Into<String>,
        access_key_secret: impl Into<String>,
        security_token: Option<String>,
        expires: Option<Timestamp>,
    ) -> Result<Self, CredentialError> {
        let key = Self {
            access_key_id: access_key_id.into(),
            access_key_secret: access_key_secret.into(),
            security_token: security_token.filter(|token| !token.is_empty()),
            expires,
        };
        let sendable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        for (part, text) in [
            ("access key id", Some(&key.access_key_id)),
            ("access key secret", Some(&key.access_key_secret)),
            ("security token", key.security_token.as_ref()),
        ] {
            if text.is_some_and(|text| !sendable(text)) {
                return Err(CredentialError::NotSendable { part });
            }
        }
        Ok(key)
    }

    /// The id; public.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When it ends, for a temporary key.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The secret, for signing and redaction only.
    pub(in crate::providers::alicloud) fn secret(&self) -> &str {
        &self.access_key_secret
    }

    /// The token of a temporary key, for the request header and redaction only.
    pub(in crate::providers::alicloud) fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("access_key_secret", &"[redacted]")
            .field("security_token", &self.security_token.as_ref().map(|_| "[redacted]"))
            .field("expires", &self.expires)
            .finish()
    }
}
