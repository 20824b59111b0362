//! The order of the checks, the same for both schemes.

use jiff::{SignedDuration, Timestamp};

use super::nonce::NonceMemory;
use super::{SignatureError, acs3, roa};
use crate::emulator::credentials::AccessKey;
use crate::emulator::request::Request;

/// How far the date of a request may be from now, in either direction.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Believes requests, or says why not.
pub(in crate::emulator) struct Verifier {
    keys: Vec<AccessKey>,
    nonces: NonceMemory,
}

/// What a signed request says about itself, read but not believed yet.
pub(super) enum Claim<'r> {
    /// ACS3-HMAC-SHA256.
    Acs3(acs3::Claim<'r>),
    /// Classic ROA, HMAC-SHA1.
    Roa(roa::Claim<'r>),
}

impl<'r> Claim<'r> {
    fn read(request: &'r Request) -> Result<Self, SignatureError> {
        let authorization = request.header("authorization").ok_or(SignatureError::NotSigned)?;
        match authorization.split_once(' ') {
            Some((acs3::SCHEME, rest)) => acs3::Claim::read(rest, request).map(Self::Acs3),
            Some((roa::SCHEME, rest)) => roa::Claim::read(rest, request).map(Self::Roa),
            other => {
                let method = other.map_or(authorization, |(method, _)| method);
                Err(SignatureError::UnknownMethod(method.chars().take(40).collect()))
            }
        }
    }

    fn key_id(&self) -> &str {
        match self {
            Self::Acs3(claim) => claim.key_id,
            Self::Roa(claim) => claim.key_id,
        }
    }

    fn date(&self) -> Timestamp {
        match self {
            Self::Acs3(claim) => claim.date,
            Self::Roa(claim) => claim.date,
        }
    }

    fn check(&self, secret: &str, request: &Request) -> Result<(), SignatureError> {
        match self {
            Self::Acs3(claim) => claim.check(secret, request),
            Self::Roa(claim) => claim.check(secret, request),
        }
    }
}

impl Verifier {
    /// Knows these keys, and no nonce yet.
    pub(in crate::emulator) fn new(keys: &[AccessKey]) -> Self {
        Self { keys: keys.to_vec(), nonces: NonceMemory::default() }
    }

    /// Checks one request. Only a request that passes everything else uses up its nonce.
    ///
    /// # Errors
    /// [`SignatureError`], the first that applies of: form, key, date, signature, token, nonce.
    pub(in crate::emulator) fn verify(
        &mut self,
        request: &Request,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let claim = Claim::read(request)?;
        let key = *self
            .keys
            .iter()
            .find(|key| key.id == claim.key_id())
            .ok_or_else(|| SignatureError::KeyUnknown(claim.key_id().to_owned()))?;
        if let Some(announced) = request.header("x-acs-accesskey-id").filter(|id| *id != key.id) {
            let (announced, signed) = (announced.to_owned(), key.id.to_owned());
            return Err(SignatureError::KeyMismatch { announced, signed });
        }
        if now.duration_since(claim.date()).abs() > WINDOW {
            return Err(SignatureError::DateExpired { date: claim.date(), now });
        }
        claim.check(key.secret, request)?;
        match (key.security_token, request.header("x-acs-security-token")) {
            (None, None) => {}
            (Some(known), Some(sent)) if known == sent => {}
            (Some(_), None) => return Err(SignatureError::TokenMissing(key.id.to_owned())),
            (_, Some(_)) => return Err(SignatureError::TokenMismatch(key.id.to_owned())),
        }
        let nonce = required(request, "x-acs-signature-nonce")?;
        let until = claim.date().checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        if self.nonces.record(key.id, nonce, until, now) {
            Ok(())
        } else {
            Err(SignatureError::NonceUsed(nonce.to_owned()))
        }
    }

    /// How many nonces are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.nonces.len()
    }
}

/// The value of a header that must be there and must not be empty.
pub(super) fn required<'r>(request: &'r Request, name: &str) -> Result<&'r str, SignatureError> {
    let value = request.header(name).filter(|value| !value.is_empty());
    value.ok_or_else(|| SignatureError::HeaderMissing(name.to_owned()))
}
