//! Why a request is not believed, with the gateway's code for it (ververica-api section 4).

use jiff::Timestamp;

/// Why a request is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::emulator) enum SignatureError {
    /// No `Authorization` header.
    #[error("the request is not signed: the Authorization header is missing")]
    NotSigned,
    /// A scheme that is neither of the two.
    #[error("the signature method {0:?} is not supported: sign with ACS3-HMAC-SHA256 or HMAC-SHA1")]
    UnknownMethod(String),
    /// An `Authorization` header whose parts cannot be told apart.
    #[error("the Authorization header is malformed: write {0}")]
    Malformed(&'static str),
    /// A header that the scheme needs is not there.
    #[error("the header {0} is missing")]
    HeaderMissing(String),
    /// A header that must be covered by the signature is not in `SignedHeaders`.
    #[error("the header {0} is present but not in SignedHeaders")]
    HeaderNotSigned(String),
    /// Nobody has this key.
    #[error("the access key {0:?} does not exist")]
    KeyUnknown(String),
    /// `x-acs-accesskey-id` names another key than the signature.
    #[error("x-acs-accesskey-id is {announced:?} but the request is signed by {signed:?}")]
    KeyMismatch {
        /// The key in the header.
        announced: String,
        /// The key in `Authorization`.
        signed: String,
    },
    /// A date that is not written as the scheme wants it.
    #[error("the header {header} is {text:?}: write it like {example}")]
    DateFormat {
        /// Which header.
        header: &'static str,
        /// What it says.
        text: String,
        /// A date in the right form.
        example: &'static str,
    },
    /// A date outside the window of 15 minutes.
    #[error("the request is dated {date} but it is {now} here: more than 15 minutes apart")]
    DateExpired {
        /// The date of the request.
        date: Timestamp,
        /// The time of the server.
        now: Timestamp,
    },
    /// The nonce was used before.
    #[error("the nonce {0:?} has been used before")]
    NonceUsed(String),
    /// `x-acs-content-sha256` does not describe the body.
    #[error("x-acs-content-sha256 is not the SHA-256 of the body")]
    BodyHash,
    /// The signature is another one.
    #[error("the signature does not match the one calculated from the request as received")]
    Mismatch,
    /// A temporary key without its token.
    #[error("the access key {0:?} is temporary: send its x-acs-security-token")]
    TokenMissing(String),
    /// A token that does not belong to the key.
    #[error("x-acs-security-token does not belong to the access key {0:?}")]
    TokenMismatch(String),
}

impl SignatureError {
    /// The HTTP status and the gateway's code.
    pub(in crate::emulator) fn code(&self) -> (u16, &'static str) {
        match self {
            Self::NotSigned | Self::Malformed(_) | Self::HeaderNotSigned(_) => (400, "IncompleteSignature"),
            Self::UnknownMethod(_) => (400, "InvalidSignatureMethod"),
            Self::HeaderMissing(_) => (400, "MissingParameter"),
            Self::KeyUnknown(_) => (404, "InvalidAccessKeyId.NotFound"),
            Self::KeyMismatch { announced: _, signed: _ } => (400, "InvalidAccessKeyId.Mismatch"),
            Self::DateFormat { header: _, text: _, example: _ } => (400, "InvalidTimeStamp.Format"),
            Self::DateExpired { date: _, now: _ } => (400, "InvalidTimeStamp.Expired"),
            Self::NonceUsed(_) => (400, "SignatureNonceUsed"),
            Self::BodyHash | Self::Mismatch => (400, "SignatureDoesNotMatch"),
            Self::TokenMissing(_) => (400, "InvalidSecurityToken.Missing"),
            Self::TokenMismatch(_) => (400, "InvalidSecurityToken.MismatchWithAccessKey"),
        }
    }
}
