//! ACS3-HMAC-SHA256, the vendor's current signature (ververica-api.md 7.1).

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::encode::canonical_query;
use super::signable::{Signable, hex};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A signature with the steps that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignatureV3 {
    /// Step 2.
    pub(super) canonical_request: String,
    /// Step 3.
    pub(super) string_to_sign: String,
    /// Step 4, lower-case hexadecimal.
    pub(super) signature: String,
    /// The value of the header.
    pub(super) authorization: String,
}

/// Lower-case hexadecimal SHA-256: the value of `x-acs-content-sha256`.
pub(super) fn content_hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Signs. Covers all given headers; `x-acs-content-sha256` must be among them.
pub(super) fn sign(request: &Signable<'_>) -> SignatureV3 {
    let mut headers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, value) in request.headers {
        headers.entry(name.to_ascii_lowercase()).or_default().push(value.trim());
    }
    let mut canonical_headers = String::new();
    for (name, values) in &mut headers {
        values.sort_unstable();
        canonical_headers.extend([name, ":", &values.join(","), "\n"]);
    }
    let signed_headers = headers.into_keys().collect::<Vec<_>>().join(";");
    let path = if request.path.is_empty() { "/" } else { request.path };
    let canonical_request = [
        request.method,
        path,
        &canonical_query(request.query),
        &canonical_headers,
        &signed_headers,
        &content_hash(request.body),
    ]
    .join("\n");
    let string_to_sign = format!("{ALGORITHM}\n{}", content_hash(canonical_request.as_bytes()));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(request.key.secret().as_bytes()) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(string_to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let id = request.key.access_key_id();
    let authorization =
        format!("{ALGORITHM} Credential={id},SignedHeaders={signed_headers},Signature={signature}");
    SignatureV3 { canonical_request, string_to_sign, signature, authorization }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::alicloud::credentials::Credentials;

    #[test]
    fn header_values_are_trimmed_outside_only_and_equal_names_are_joined_in_order() {
        let headers = [("X-B", " y  z "), ("x-a", "2"), ("x-A", "1\t")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = Credentials::new("i", "s", None, None).unwrap();
        let request =
            Signable { method: "GET", path: "", query: &[], headers: &headers, body: &[], key: &key };
        let empty = content_hash(&[]);
        assert_eq!(
            sign(&request).canonical_request,
            format!("GET\n/\n\nx-a:1,2\nx-b:y  z\n\nx-a;x-b\n{empty}")
        );
    }
}
