//! Who may read: on loopback whoever asks for this machine, elsewhere whoever has the token.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// A token has at least so many characters: it stands between a network and what is shown.
const SHORTEST: usize = 16;

/// What readers have to present. Holds a digest, not the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// A text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too short.
    #[error("a token has at least {SHORTEST} characters")]
    Short,
    /// It could not be sent in a header.
    #[error("a token consists of visible ASCII characters without blanks")]
    Characters,
}

impl Token {
    /// The token in a text; a line end behind it is not part of it.
    ///
    /// # Errors
    /// [`TokenError`]
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Characters);
        }
        if text.len() < SHORTEST { Err(TokenError::Short) } else { Ok(Self::digest(text)) }
    }

    fn digest(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// How long it takes says nothing about the token: digests are compared.
    fn is(self, presented: &str) -> bool {
        Self::digest(presented) == self
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever is on this machine, and asked for it by a name that only this machine has.
    Loopback,
    /// Whoever has the token.
    Token(Token),
}

/// Nobody could be kept from reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} can be reached from other machines, so readers need a token")]
pub struct NeedsToken(SocketAddr);

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It needs the token.
    Unauthorized,
    /// A page elsewhere may have made a browser ask: its name for this machine is not ours.
    Host,
}

impl Access {
    /// Who may read at this address.
    ///
    /// # Errors
    /// [`NeedsToken`] for any address that is not loopback, without a token.
    pub fn at(address: SocketAddr, token: Option<Token>) -> Result<Self, NeedsToken> {
        match token {
            Some(token) => Ok(Access::Token(token)),
            None if address.ip().is_loopback() => Ok(Access::Loopback),
            None => Err(NeedsToken(address)),
        }
    }

    /// Whether a request may be answered.
    pub(super) fn check(self, headers: &HeaderMap) -> Result<(), Refused> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match self {
            Access::Loopback => {
                let host = text(header::HOST).unwrap_or_default();
                if is_this_machine(host) { Ok(()) } else { Err(Refused::Host) }
            }
            Access::Token(token) => {
                let presented = text(header::AUTHORIZATION).and_then(|value| value.split_once(' '));
                let presented = presented.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
                if presented.is_some_and(|(_, presented)| token.is(presented.trim())) {
                    Ok(())
                } else {
                    Err(Refused::Unauthorized)
                }
            }
        }
    }
}

/// Whether a `Host` header names this machine in a way that no name server decides.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn an_address_that_others_can_reach_needs_a_token() {
        for address in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(Access::at(address, None), Err(NeedsToken(address)));
            let token = Token::new("0123456789abcdef").unwrap();
            assert_eq!(Access::at(address, Some(token)), Ok(Access::Token(token)));
        }
        assert_eq!(Access::at("127.0.0.1:1".parse().unwrap(), None), Ok(Access::Loopback));
        assert_eq!(Access::at("[::1]:1".parse().unwrap(), None), Ok(Access::Loopback));
    }

    #[test]
    fn only_the_whole_token_opens() {
        let access = Access::Token(Token::new("0123456789abcdef\n").unwrap());
        let open = |value| access.check(&with(header::AUTHORIZATION, value)).is_ok();
        assert!(open("Bearer 0123456789abcdef") && open("bearer 0123456789abcdef"));
        let shut =
            ["Bearer 0123456789abcde", "Basic 0123456789abcdef", "Bearer", "0123456789abcdef", "Bearer "];
        assert!(!shut.into_iter().any(open));
        assert_eq!(access.check(&HeaderMap::new()), Err(Refused::Unauthorized));
    }

    #[test]
    fn a_name_that_somebody_else_may_have_given_this_machine_is_refused() {
        let open = |host| Access::Loopback.check(&with(header::HOST, host)).is_ok();
        assert!(
            ["localhost", "localhost:9890", "127.0.0.1:9890", "[::1]:9890", "127.8.8.8"]
                .into_iter()
                .all(open)
        );
        assert!(
            !["evil.example:9890", "localhost.evil.example", "10.0.0.1", "", "[::2]:1"].into_iter().any(open)
        );
        assert_eq!(Access::Loopback.check(&HeaderMap::new()), Err(Refused::Host));
    }

    #[test]
    fn a_token_is_long_and_can_stand_in_a_header_and_never_prints() {
        assert_eq!(Token::new("short"), Err(TokenError::Short));
        assert_eq!(Token::new("0123456789 abcdef"), Err(TokenError::Characters));
        assert_eq!(Token::new("0123456789äbcdef"), Err(TokenError::Characters));
        assert_eq!(format!("{:?}", Token::new("0123456789abcdef").unwrap()), "Token(…)");
    }
}
