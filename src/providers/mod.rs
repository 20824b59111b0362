//! The services: one module per vendor, each behind the provider port, the one provider that is made of them, and a model of
//! both.

pub mod alicloud;
pub mod deltastream;
pub mod memory;

mod router;

pub use router::Router;
