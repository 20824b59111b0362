//! ACS3-HMAC-SHA256 (ververica-api section 7.1).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::SignatureError;
use super::verifier::required;
use crate::emulator::encoding::{hex, percent_encode, unhex};
use crate::emulator::request::Request;

/// The first word of the `Authorization` header.
pub(super) const SCHEME: &str = "ACS3-HMAC-SHA256";

const FORM: &str = "ACS3-HMAC-SHA256 Credential=ID,SignedHeaders=NAME;NAME,Signature=HEX, with the names in \
                    lower case and sorted";

/// What the request says about its own signature.
pub(super) struct Claim<'r> {
    pub(super) key_id: &'r str,
    pub(super) date: Timestamp,
    signed_headers: Vec<&'r str>,
    signature: &'r str,
}

impl<'r> Claim<'r> {
    /// Reads the rest of the `Authorization` header and checks what can be checked without the secret.
    ///
    /// # Errors
    /// [`SignatureError`]: malformed, a required header missing or not signed, a date or a body hash that is wrong.
    pub(super) fn read(rest: &'r str, request: &'r Request) -> Result<Self, SignatureError> {
        let (key_id, signed_headers, signature) = split(rest).ok_or(SignatureError::Malformed(FORM))?;
        for name in ["host", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"] {
            required(request, name)?;
        }
        if let Some(absent) = signed_headers.iter().find(|name| !request.headers.contains_key(**name)) {
            return Err(SignatureError::HeaderMissing((*absent).to_owned()));
        }
        let must_be_signed =
            |name: &str| name == "host" || name == "content-type" || name.starts_with("x-acs-");
        let names = request.headers.keys().map(axum::http::HeaderName::as_str);
        if let Some(open) = names.filter(|name| must_be_signed(name)).find(|n| !signed_headers.contains(n)) {
            return Err(SignatureError::HeaderNotSigned(open.to_owned()));
        }
        if required(request, "x-acs-content-sha256")? != hex(&Sha256::digest(&request.body)) {
            return Err(SignatureError::BodyHash);
        }
        Ok(Self { key_id, date: date(request)?, signed_headers, signature })
    }

    /// Whether the holder of this secret signed this request.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`]
    pub(super) fn check(&self, secret: &str, request: &Request) -> Result<(), SignatureError> {
        let text = format!("{SCHEME}\n{}", hex(&Sha256::digest(self.canonical_request(request))));
        let claimed = unhex(self.signature).ok_or(SignatureError::Malformed(FORM))?;
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return Err(SignatureError::Mismatch);
        };
        mac.chain_update(text).verify_slice(&claimed).or(Err(SignatureError::Mismatch))
    }

    /// Method, path as received, query decoded and encoded again, headers, their names, body hash.
    fn canonical_request(&self, request: &Request) -> Vec<u8> {
        let mut pairs: Vec<&(String, String)> = request.query.iter().flatten().collect();
        pairs.sort_unstable();
        let pairs: Vec<String> =
            pairs.into_iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        let mut text = format!("{}\n{}\n{}\n", request.method, request.path, pairs.join("&")).into_bytes();
        for name in &self.signed_headers {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend(request.signed_value(name).unwrap_or_default());
            text.push(b'\n');
        }
        let end = format!("\n{}\n{}", self.signed_headers.join(";"), hex(&Sha256::digest(&request.body)));
        text.extend_from_slice(end.as_bytes());
        text
    }
}

/// Key id, header names, signature; `None` unless they are written exactly as documented.
fn split(rest: &str) -> Option<(&str, Vec<&str>, &str)> {
    let (credential, rest) = rest.strip_prefix("Credential=")?.split_once(",SignedHeaders=")?;
    let (names, signature) = rest.split_once(",Signature=")?;
    let names: Vec<&str> = names.split(';').collect();
    let in_order = names.is_sorted_by(|a, b| a < b);
    let lower_case = names.iter().all(|name| !name.is_empty() && *name == name.to_ascii_lowercase());
    (in_order && lower_case).then_some((credential, names, signature))
}

fn date(request: &Request) -> Result<Timestamp, SignatureError> {
    const EXAMPLE: &str = "2026-01-02T03:04:05Z";
    let text = required(request, "x-acs-date")?;
    let date = text.parse::<Timestamp>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| SignatureError::DateFormat {
        header: "x-acs-date",
        text: text.to_owned(),
        example: EXAMPLE,
    })
}
