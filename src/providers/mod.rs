//! The services: one module per vendor, each behind the provider port, and the one provider that is made of them.

pub mod alicloud;
pub mod deltastream;

mod router;

pub use router::Router;
