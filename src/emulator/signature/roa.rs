//! Classic ROA, HMAC-SHA1 (ververica-api section 7.2). It covers neither the body nor `workspace`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use sha1::Sha1;

use super::SignatureError;
use super::verifier::required;
use crate::emulator::request::Request;

/// The first word of the `Authorization` header.
pub(super) const SCHEME: &str = "acs";

const FORM: &str = "acs ID:SIGNATURE, with the signature in base64";

/// What the request says about its own signature.
pub(super) struct Claim<'r> {
    pub(super) key_id: &'r str,
    pub(super) date: Timestamp,
    signature: &'r str,
}

/// How an official client signs a query value that is empty. They disagree, so both are accepted.
#[derive(Clone, Copy)]
enum EmptyValue {
    /// `k`: the current Python package.
    NameAlone,
    /// `k=`: the TypeScript package and the older Python one.
    EqualsSign,
}

impl<'r> Claim<'r> {
    /// Reads the rest of the `Authorization` header and checks what can be checked without the secret.
    ///
    /// # Errors
    /// [`SignatureError`]: malformed, a required header missing, another method announced, a date that is wrong.
    pub(super) fn read(rest: &'r str, request: &'r Request) -> Result<Self, SignatureError> {
        const EXAMPLE: &str = "Fri, 02 Jan 2026 03:04:05 GMT";
        let (key_id, signature) = rest.rsplit_once(':').ok_or(SignatureError::Malformed(FORM))?;
        for name in ["x-acs-version", "x-acs-signature-nonce", "x-acs-signature-version"] {
            required(request, name)?;
        }
        let method = required(request, "x-acs-signature-method")?;
        if method != "HMAC-SHA1" {
            return Err(SignatureError::UnknownMethod(method.to_owned()));
        }
        let text = required(request, "date")?;
        let as_written = |date: &Timestamp| {
            DateTimePrinter::new().timestamp_to_rfc9110_string(date).is_ok_and(|t| t == text)
        };
        let date = DateTimeParser::new().parse_timestamp(text).ok().filter(as_written);
        let date = date.ok_or_else(|| SignatureError::DateFormat {
            header: "date",
            text: text.to_owned(),
            example: EXAMPLE,
        })?;
        Ok(Self { key_id, date, signature })
    }

    /// Whether the holder of this secret signed this request.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`]
    pub(super) fn check(&self, secret: &str, request: &Request) -> Result<(), SignatureError> {
        let claimed = STANDARD.decode(self.signature).or(Err(SignatureError::Malformed(FORM)))?;
        let matches = [EmptyValue::NameAlone, EmptyValue::EqualsSign].into_iter().any(|empty| {
            Hmac::<Sha1>::new_from_slice(secret.as_bytes()).is_ok_and(|mac| {
                mac.chain_update(string_to_sign(request, empty)).verify_slice(&claimed).is_ok()
            })
        });
        if matches { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// Method, four headers, every `x-acs-*` header sorted, then the path as received with the query unescaped.
fn string_to_sign(request: &Request, empty: EmptyValue) -> Vec<u8> {
    let mut text = format!("{}\n", request.method).into_bytes();
    for name in ["accept", "content-md5", "content-type", "date"] {
        text.extend(request.signed_value(name).unwrap_or_default());
        text.push(b'\n');
    }
    let names = request.headers.keys().map(axum::http::HeaderName::as_str);
    let mut names: Vec<&str> = names.filter(|name| name.starts_with("x-acs-")).collect();
    names.sort_unstable();
    for name in names {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend(request.signed_value(name).unwrap_or_default());
        text.push(b'\n');
    }
    text.extend_from_slice(request.path.as_bytes());
    let mut pairs: Vec<&(String, String)> = request.query.iter().flatten().collect();
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.into_iter().enumerate() {
        let separator = if index == 0 { '?' } else { '&' };
        let pair = match empty {
            EmptyValue::NameAlone if value.is_empty() => format!("{separator}{name}"),
            EmptyValue::NameAlone | EmptyValue::EqualsSign => format!("{separator}{name}={value}"),
        };
        text.extend_from_slice(pair.as_bytes());
    }
    text
}
