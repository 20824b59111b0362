//! What bytes make of an answer and of a signature: targets of `tests/fuzz`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::client::census;
use super::credentials::Credentials;
use super::encode::canonical_query;
use super::errors::Judge;
use super::messages::{Connector, List, TableMeta};
use super::redact::Redactor;
use super::request::Call;
use super::signable::Signable;
use super::{sign_v1, sign_v3};
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};
use crate::platform::http::HttpResponse;
use crate::ports::provider::{ErrorClass, ProviderError};

const SECRET: &str = "canary-secret-0001";

fn key() -> Option<Credentials> {
    Credentials::new("id", SECRET, None, None).ok()
}

/// Judges an answer: in the first line the call and the status, then headers, an empty line, the body. A listing counts only
/// with a list; a write is refused for sure only when the service said so; the secret that it echoes is shown to nobody.
///
/// # Panics
/// When that does not hold.
pub fn answer(bytes: &[u8]) {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (call, status) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    // What the client lets through.
    let status = status.parse().ok().filter(|status| matches!(status, 200..=299 | 400..=599)).unwrap_or(200);
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let answer = HttpResponse { status, headers, body: body.to_vec() };
    let (Ok(workspace), Ok(namespace), Ok(name), key) =
        (WorkspaceId::new("w"), NamespaceName::new("n"), ConnectorName::new("c"), key())
    else {
        unreachable!("these are names");
    };
    let call = match call {
        "register" => Call::Register { jar_url: "oss://b/a.jar?token=t", definition: None },
        "delete" => Call::Delete { name: &name },
        _ => Call::List,
    };
    let judge = Judge::new(&call, Redactor::new(key.as_ref()), "a test", Timestamp::UNIX_EPOCH);
    let outcome = match call {
        Call::List => judge.envelope::<List<Connector>>(&answer).and_then(|envelope| {
            let found = census(&workspace, &namespace, envelope, &judge)?;
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            assert_eq!(said["success"], true, "a listing without success: {said}");
            let listed = said["data"].as_array().map(Vec::len);
            assert_eq!(listed, Some(found.len()), "another number of objects: {said}");
            Ok(())
        }),
        Call::Register { .. } => judge.envelope::<List<Connector>>(&answer).map(drop),
        Call::Delete { .. } => judge.envelope::<List<TableMeta>>(&answer).map(drop),
    };
    if let Err(error) = outcome {
        assert_honest(&call, &answer, &error);
    }
}

fn assert_honest(call: &Call<'_>, answer: &HttpResponse, error: &ProviderError) {
    assert!(!format!("{error} {error:?}").contains(SECRET), "the secret is shown");
    let is_spoken = answer.status == 429
        || answer.headers.contains_key("x-acs-retry-after")
        || serde_json::from_slice::<Value>(&answer.body).is_ok_and(|said| said.is_object());
    assert!(
        !call.writes() || is_spoken || error.class == ErrorClass::Ambiguous,
        "nobody said that the write was not carried out: {error:?}"
    );
}

/// Signs: method, path, pairs of the query and headers, one on each line, then an empty line and the body. The same request
/// is signed the same whatever the order of its headers; the query is what it was; nothing but the sum covers a body.
///
/// # Panics
/// When that does not hold.
pub fn signature(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let (method, path) = (lines.next().unwrap_or("GET"), lines.next().unwrap_or_default());
    let (mut query, mut headers) = (Vec::new(), BTreeMap::new());
    for line in lines {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        } else if let Some((name, value)) = line.split_once('=') {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            query.push((name, value.to_owned()));
        }
    }
    headers.insert("x-acs-content-sha256".to_owned(), sign_v3::content_hash(body.as_bytes()));
    let Some(key) = key() else { unreachable!("it can be sent") };
    let headers: Vec<(String, String)> = headers.into_iter().collect();
    let backwards: Vec<(String, String)> = headers.iter().rev().cloned().collect();
    let request =
        Signable { method, path, query: &query, headers: &headers, body: body.as_bytes(), key: &key };
    let turned = Signable { headers: &backwards, ..request };
    let (three, one) = (sign_v3::sign(&request), sign_v1::sign(&request));
    assert_eq!(three, sign_v3::sign(&turned), "the order of headers is signed");
    assert_eq!(one, sign_v1::sign(&turned), "the order of headers is signed");
    assert!(three.signature.len() == 64 && !three.authorization.contains('\n'));
    let other = [body.as_bytes(), b"."].concat();
    assert_ne!(three.signature, sign_v3::sign(&Signable { body: &other, ..request }).signature);
    query.sort();
    let canonical = canonical_query(&query);
    let read = canonical.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or_default();
        (name.to_owned(), unescaped(value))
    });
    assert_eq!(read.collect::<Vec<_>>(), query, "{canonical}");
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0);
            u8::try_from(digit() * 16 + digit()).unwrap_or(0)
        } else {
            byte
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_answers_proves_nothing_that_was_not_said() {
        replay("flink-answer", super::answer);
    }

    #[test]
    fn the_corpus_of_requests_is_signed_as_it_is() {
        replay("signature", super::signature);
    }
}
