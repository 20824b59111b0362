use std::fs::File;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde::Deserialize;

use super::{SignatureError, Verifier};
use crate::emulator::credentials::{AccessKey, KEYS};
use crate::emulator::request::Request;

/// The key of the two examples printed in the vendor's documentation.
const PUBLISHED: AccessKey =
    AccessKey { id: "YourAccessKeyId", secret: "YourAccessKeySecret", security_token: None };

const WRONG_SECRETS: [AccessKey; 3] = [
    AccessKey { secret: "fake-secret-not-a-real-key-0000", ..KEYS[0] },
    AccessKey { secret: "fake-sts-secret-not-a-real-key-0000", ..KEYS[1] },
    AccessKey { secret: "YourAccessKeySecreT", ..PUBLISHED },
];

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    algorithm: String,
    method: String,
    date: String,
    body: Option<String>,
    headers: Vec<(String, String)>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    wire_target: String,
    authorization: String,
}

impl Vector {
    fn is_acs3(&self) -> bool {
        self.algorithm == "ACS3-HMAC-SHA256"
    }

    fn now(&self) -> Timestamp {
        if self.is_acs3() { self.date.parse().unwrap() } else { rfc1123(&self.date) }
    }

    fn request(&self) -> Request {
        let mut headers: HeaderMap = self
            .headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        headers.insert("authorization", HeaderValue::from_str(&self.expected.authorization).unwrap());
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let body = Bytes::from(self.body.clone().unwrap_or_default());
        Request::new(&method, &self.expected.wire_target.parse().unwrap(), headers, body)
    }
}

fn rfc1123(text: &str) -> Timestamp {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a fixture of the repository")]
fn vectors() -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/alibaba-signing.json");
    serde_json::from_reader::<_, Vectors>(std::io::BufReader::new(File::open(path).unwrap())).unwrap().vectors
}

fn vector(id: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.id == id).unwrap()
}

fn verifier() -> Verifier {
    Verifier::new(&[KEYS[0], KEYS[1], PUBLISHED])
}

fn flip(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_request_that_an_official_client_signed_is_believed() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 107);
    for vector in vectors {
        let verdict = verifier().verify(&vector.request(), vector.now());
        assert_eq!(verdict, Ok(()), "{}", vector.id);
    }
}

#[test]
fn an_empty_query_value_signed_the_other_way_is_believed() {
    // Signed in the form of the TypeScript package; the vector file has the Python package's.
    let mut other = vector("roa-register-empty");
    other.expected.authorization = "acs FAKE-AK-ID-0001:xalUYCww+VuN4VlubB/0gJaIufo=".to_owned();
    assert_eq!(verifier().verify(&other.request(), other.now()), Ok(()));
}

#[test]
fn one_changed_byte_in_the_path_is_noticed() {
    for vector in vectors() {
        let mut request = vector.request();
        for at in 1..request.path.len() {
            // A changed escape digit is a changed byte too.
            let original = std::mem::take(&mut request.path);
            request.path = flip(&original, at);
            let verdict = verifier().verify(&request, vector.now());
            assert_eq!(verdict, Err(SignatureError::Mismatch), "{} byte {at}", vector.id);
            request.path = original;
        }
    }
}

#[test]
fn one_changed_byte_in_a_query_value_is_noticed() {
    for vector in vectors() {
        let request = vector.request();
        for pair in 0..request.query.as_ref().unwrap().len() {
            let mut request = vector.request();
            let value = &mut request.query.as_mut().unwrap()[pair].1;
            value.push('x');
            let verdict = verifier().verify(&request, vector.now());
            assert_eq!(verdict, Err(SignatureError::Mismatch), "{} pair {pair}", vector.id);
        }
    }
}

#[test]
fn one_changed_byte_in_a_signed_header_is_noticed() {
    for vector in vectors() {
        let signed = |name: &str| {
            if vector.is_acs3() {
                let names = vector.expected.authorization.split("SignedHeaders=").nth(1).unwrap();
                names.split(',').next().unwrap().split(';').any(|signed| signed == name)
            } else {
                name.starts_with("x-acs-")
                    || ["accept", "content-md5", "content-type", "date"].contains(&name)
            }
        };
        for name in vector.request().headers.keys().filter(|name| signed(name.as_str())) {
            let mut request = vector.request();
            let value = request.headers.get_mut(name).unwrap();
            let last = value.len() - 1;
            *value = HeaderValue::from_str(&flip(value.to_str().unwrap(), last)).unwrap();
            assert!(verifier().verify(&request, vector.now()).is_err(), "{} {name}", vector.id);
        }
    }
}

#[test]
fn another_secret_is_noticed() {
    for vector in vectors() {
        let verdict = Verifier::new(&WRONG_SECRETS).verify(&vector.request(), vector.now());
        assert_eq!(verdict, Err(SignatureError::Mismatch), "{}", vector.id);
    }
}

#[test]
fn another_body_is_noticed_by_acs3() {
    for vector in vectors().into_iter().filter(Vector::is_acs3) {
        let mut request = vector.request();
        request.body = Bytes::from_static(b"{}");
        assert_eq!(verifier().verify(&request, vector.now()), Err(SignatureError::BodyHash), "{}", vector.id);
    }
}

#[test]
fn the_classic_signature_does_not_cover_the_workspace() {
    let vector = vector("roa-list-plain");
    let mut request = vector.request();
    request.headers.insert("workspace", HeaderValue::from_static("another"));
    assert_eq!(verifier().verify(&request, vector.now()), Ok(()));
}

#[test]
fn a_header_that_was_slipped_in_is_refused_when_it_should_have_been_signed() {
    let vector = vector("acs3-minimal-list");
    for (name, refused) in
        [("x-acs-extra", true), ("content-type", true), ("accept-encoding", false), ("workspace", false)]
    {
        let mut request = vector.request();
        request.headers.insert(name, HeaderValue::from_static("text"));
        let verdict = verifier().verify(&request, vector.now());
        let expected = if refused { Err(SignatureError::HeaderNotSigned(name.to_owned())) } else { Ok(()) };
        assert_eq!(verdict, expected, "{name}");
    }
}

#[test]
fn a_required_header_that_is_missing_is_named() {
    for (id, name) in [
        ("acs3-list-plain", "host"),
        ("acs3-list-plain", "x-acs-version"),
        ("acs3-list-plain", "x-acs-date"),
        ("acs3-list-plain", "x-acs-signature-nonce"),
        ("acs3-list-plain", "x-acs-content-sha256"),
        ("acs3-list-plain", "accept"),
        ("roa-list-plain", "date"),
        ("roa-list-plain", "x-acs-signature-nonce"),
        ("roa-list-plain", "x-acs-signature-method"),
        ("roa-list-plain", "x-acs-version"),
    ] {
        let vector = vector(id);
        let mut request = vector.request();
        request.headers.remove(name);
        let verdict = verifier().verify(&request, vector.now());
        assert_eq!(verdict, Err(SignatureError::HeaderMissing(name.to_owned())), "{id} {name}");
    }
}

#[test]
fn an_authorization_header_must_be_written_exactly() {
    let vector = vector("acs3-minimal-list");
    let right = vector.expected.authorization.clone();
    for (wrong, code) in [
        (right.replace(',', ", "), "IncompleteSignature"),
        (right.replace("host;x-acs-action", "x-acs-action;host"), "IncompleteSignature"),
        (right.replace("host;", "Host;"), "IncompleteSignature"),
        (right.replace("host;", ""), "IncompleteSignature"),
        (right.replace("ACS3-HMAC-SHA256", "ACS3-HMAC-SM3"), "InvalidSignatureMethod"),
        (right.replace("FAKE-AK-ID-0001", "NOBODY"), "InvalidAccessKeyId.NotFound"),
        (right.split(',').next().unwrap().to_owned(), "IncompleteSignature"),
        (format!("{}0", &right[..right.len() - 2]), "IncompleteSignature"),
    ] {
        let mut request = vector.request();
        request.headers.insert("authorization", HeaderValue::from_str(&wrong).unwrap());
        let error = verifier().verify(&request, vector.now()).unwrap_err();
        assert_eq!(error.code().1, code, "{wrong}");
    }
    let mut unsigned = vector.request();
    unsigned.headers.remove("authorization");
    assert_eq!(verifier().verify(&unsigned, vector.now()), Err(SignatureError::NotSigned));
}

#[test]
fn a_date_in_another_form_is_refused() {
    for (id, header, dates) in [
        (
            "acs3-list-plain",
            "x-acs-date",
            ["2026-01-02T03:04:05.0Z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05+00:00"],
        ),
        (
            "roa-list-plain",
            "date",
            ["Fri, 2 Jan 2026 10:18:05 GMT", "2026-01-02T03:04:05Z", "Fri, 02 Jan 2026 10:18:05 +0000"],
        ),
    ] {
        let vector = vector(id);
        for date in dates {
            let mut request = vector.request();
            request.headers.insert(header, HeaderValue::from_static(date));
            let error = verifier().verify(&request, vector.now()).unwrap_err();
            assert_eq!(error.code().1, "InvalidTimeStamp.Format", "{date}");
        }
    }
}

#[test]
fn the_date_window_is_fifteen_minutes_in_both_directions() {
    for id in ["acs3-list-plain", "roa-list-plain"] {
        let vector = vector(id);
        for (seconds, believed) in [(900, true), (-900, true), (901, false), (-901, false)] {
            let now = vector.now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
            let verdict = verifier().verify(&vector.request(), now);
            assert_eq!(verdict.is_ok(), believed, "{id} {seconds}");
            assert_eq!(
                verdict.err().map_or("", |error| error.code().1),
                if believed { "" } else { "InvalidTimeStamp.Expired" }
            );
        }
    }
}

#[test]
fn a_request_cannot_be_replayed_while_its_date_is_valid_and_is_forgotten_afterwards() {
    let vector = vector("acs3-list-plain");
    let at = |seconds| vector.now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let mut verifier = verifier();
    // Dated 15 minutes ahead of the server: the replay stays possible for half an hour.
    assert_eq!(verifier.verify(&vector.request(), at(-900)), Ok(()));
    for seconds in [-900, 0, 900] {
        let verdict = verifier.verify(&vector.request(), at(seconds));
        assert!(matches!(verdict, Err(SignatureError::NonceUsed(_))), "{seconds}: {verdict:?}");
    }
    assert_eq!(verifier.remembered(), 1);
    let later = self::vector("acs3-minimal-list");
    assert_eq!(verifier.verify(&later.request(), later.now()), Ok(()));
    assert_eq!(verifier.remembered(), 1, "the expired nonce is still remembered");
}

#[test]
fn a_refused_request_does_not_use_up_its_nonce() {
    let vector = vector("acs3-list-plain");
    let mut verifier = verifier();
    let mut forged = vector.request();
    forged.path.push('x');
    assert_eq!(verifier.verify(&forged, vector.now()), Err(SignatureError::Mismatch));
    assert_eq!(verifier.verify(&vector.request(), vector.now()), Ok(()));
}

#[test]
fn a_temporary_key_needs_its_own_token() {
    let vector = vector("acs3-list-sts");
    let without = [AccessKey { security_token: None, ..KEYS[1] }];
    let other = [AccessKey { security_token: Some("another"), ..KEYS[1] }];
    for keys in [without, other] {
        let verdict = Verifier::new(&keys).verify(&vector.request(), vector.now());
        assert_eq!(verdict, Err(SignatureError::TokenMismatch(KEYS[1].id.to_owned())));
    }
    let vector = self::vector("acs3-list-plain");
    let needs_one = [AccessKey { security_token: Some("token"), ..KEYS[0] }];
    let verdict = Verifier::new(&needs_one).verify(&vector.request(), vector.now());
    assert_eq!(verdict, Err(SignatureError::TokenMissing(KEYS[0].id.to_owned())));
}

#[test]
fn a_request_that_announces_another_key_than_it_is_signed_with_is_refused() {
    let vector = vector("acs3-list-sts");
    let mut request = vector.request();
    request.headers.insert("x-acs-accesskey-id", HeaderValue::from_static("another"));
    let (announced, signed) = ("another".to_owned(), KEYS[1].id.to_owned());
    let verdict = verifier().verify(&request, vector.now());
    assert_eq!(verdict, Err(SignatureError::KeyMismatch { announced, signed }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_authorization_header_is_believed_by_accident_or_crashes(text in "(ACS3-HMAC-SHA256 |acs )?[ -~]{0,120}") {
        static VECTOR: LazyLock<Vector> = LazyLock::new(|| vector("acs3-list-plain"));
        let vector = &*VECTOR;
        let mut request = vector.request();
        request.headers.insert("authorization", HeaderValue::from_str(&text).unwrap());
        prop_assert!(verifier().verify(&request, vector.now()).is_err());
    }
}
