//! What the backend of a store says to its credentials. There is no backend, so a secret that begins with `wrong` is
//! wrong; a Postgres database that answers is asked itself (see `postgres`).

use super::kind::{HASH_FUNCTION, Kind};
use super::parameters::{Given, Parameters};

/// What came of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) enum Login {
    /// The backend let us in.
    Accepted,
    /// The backend did not, and said so.
    Refused(String),
    /// Nothing about the login was sent: it is as it was.
    Unchanged,
}

impl Login {
    /// The refusal after it, given the one before it.
    pub(super) fn refusal(self, before: Option<String>) -> Option<String> {
        match self {
            Self::Accepted => None,
            Self::Refused(message) => Some(message),
            Self::Unchanged => before,
        }
    }

    /// What the rule says about the parameters of a statement.
    pub(super) fn by_rule(kind: Kind, given: &Parameters) -> Self {
        let secrets = || {
            given.values().filter_map(|value| match value {
                Given::Secret(bytes) => Some(bytes),
                Given::Plain(_) | Given::File(_) | Given::Detached => None,
            })
        };
        if secrets().any(|secret| secret.starts_with(b"wrong")) {
            Self::Refused(words_of_refusal(kind, given))
        } else if secrets().next().is_some() || given.keys().any(|name| kind.group().contains(name)) {
            Self::Accepted
        } else {
            Self::Unchanged
        }
    }
}

/// The words that such a backend has for it, as far as they are known.
fn words_of_refusal(kind: Kind, given: &Parameters) -> String {
    let plain = |name: &str| match given.get(name) {
        Some(Given::Plain(value)) => value.as_str(),
        _ => "",
    };
    match kind {
        Kind::Kafka => {
            let mechanism = match plain(HASH_FUNCTION) {
                "SHA256" => "SCRAM-SHA-256",
                "SHA512" => "SCRAM-SHA-512",
                _ => "PLAIN",
            };
            format!(
                "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed during \
                 authentication due to invalid credentials with SASL mechanism {mechanism}"
            )
        }
        Kind::Postgresql => format!(
            "FATAL: password authentication failed for user \"{}\" (SQLSTATE 28P01)",
            plain("postgres.username")
        ),
        Kind::Snowflake => "390144 (08004): JWT token is invalid.".to_owned(),
        Kind::S3 | Kind::IcebergGlue => {
            "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. \
             Check your key and signing method. (Status Code: 403)"
        }
        .to_owned(),
        Kind::Kinesis => "UnrecognizedClientException: The security token included in the request is invalid. \
                          (Service: Kinesis, Status Code: 400)"
            .to_owned(),
        Kind::Clickhouse => format!(
            "Code: 516. DB::Exception: {}: Authentication failed: password is incorrect, or there is no user with such \
             name. (AUTHENTICATION_FAILED)",
            plain("clickhouse.username")
        ),
        Kind::IcebergRest => {
            "NotAuthorizedException: Not authorized: invalid_client: Client authentication failed".to_owned()
        }
        Kind::Databricks => "403: Invalid access token.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&'static str, Given)]) -> Parameters {
        pairs.iter().cloned().collect()
    }

    fn secret(text: &'static str) -> Given {
        Given::Secret(text.into())
    }

    #[test]
    fn a_secret_that_begins_with_wrong_is_refused_by_every_backend_and_not_repeated() {
        for kind in Kind::ALL {
            let rule = kind.rules().filter(|rule| rule.secret).last().unwrap();
            let Login::Refused(message) = Login::by_rule(kind, &given(&[(rule.name, secret("wrong-hush"))]))
            else {
                panic!("{kind:?} accepts it");
            };
            assert!(message.len() > 20 && !message.contains("hush"), "{message}");
            let right = given(&[(rule.name, secret("hush-wrong"))]);
            assert_eq!(Login::by_rule(kind, &right), Login::Accepted);
        }
    }

    #[test]
    fn only_what_belongs_to_a_login_changes_what_came_of_the_last_one() {
        let uris = given(&[("uris", Given::Plain("a".into()))]);
        assert_eq!(Login::by_rule(Kind::Kafka, &uris), Login::Unchanged);
        let none = given(&[(HASH_FUNCTION, Given::Plain("NONE".into()))]);
        assert_eq!(Login::by_rule(Kind::Kafka, &none), Login::Accepted);
        let before = || Some("no".to_owned());
        assert_eq!(Login::Unchanged.refusal(before()), before());
        assert_eq!(Login::Accepted.refusal(before()), None);
    }
}
