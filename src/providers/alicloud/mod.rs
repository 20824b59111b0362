//! Alibaba Cloud Realtime Compute for Apache Flink (the "Ververica" API, 2022-07-18), seen through the provider port.

pub mod credentials;
pub mod settings;

mod client;
mod connector;
mod encode;
mod errors;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod messages;
mod redact;
mod request;
mod sign_v1;
mod sign_v3;
mod signable;
#[cfg(test)]
mod tests;

pub use client::AlicloudProvider;
