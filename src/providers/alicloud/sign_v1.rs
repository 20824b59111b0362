//! The classic ROA signature, HMAC-SHA1 (ververica-api.md 7.2): opt-in, for endpoints that know nothing newer. It
//! covers neither the workspace nor the body, and joins query values unescaped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::signable::Signable;

/// A signature with the step that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignatureV1 {
    /// Step 1.
    pub(super) string_to_sign: String,
    /// Step 2, base64.
    pub(super) signature: String,
    /// The value of the header.
    pub(super) authorization: String,
}

/// Signs. Covers `accept`, `content-md5`, `content-type`, `date` and every `x-acs-*` among the given headers. An empty
/// query value is signed without its equals sign, as the vendor's Python package does; the others keep it.
pub(super) fn sign(request: &Signable<'_>) -> SignatureV1 {
    let header = |wanted: &str| {
        let mut named = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        named.next().map_or("", |(_, value)| value.as_str())
    };
    let mut vendor: Vec<(String, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .filter(|(name, _)| name.starts_with("x-acs-"))
        .collect();
    vendor.sort();
    let mut pairs: Vec<_> = request.query.iter().collect();
    pairs.sort();
    let query = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
        .collect::<Vec<_>>()
        .join("&");

    let mut string_to_sign = String::new();
    for line in
        [request.method, header("accept"), header("content-md5"), header("content-type"), header("date")]
    {
        string_to_sign.extend([line, "\n"]);
    }
    for (name, value) in &vendor {
        string_to_sign.extend([name, ":", value, "\n"]);
    }
    string_to_sign.push_str(request.path);
    if !query.is_empty() {
        string_to_sign.extend(["?", &query]);
    }
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(request.key.secret().as_bytes()) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(string_to_sign.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let authorization = format!("acs {}:{signature}", request.key.access_key_id());
    SignatureV1 { string_to_sign, signature, authorization }
}
