//! The signature check, written from the protocol (ververica-api section 7) and from nothing of ours.
//!
//! It promises that a request which passes was made by the holder of a known secret, within 15 minutes of now, and has
//! not passed before. It knows requests and keys; it does not know what a connector is.

mod acs3;
mod error;
mod nonce;
mod roa;
mod verifier;

pub(super) use error::SignatureError;
pub(super) use verifier::Verifier;

#[cfg(test)]
mod tests;
