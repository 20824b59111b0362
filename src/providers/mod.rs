//! The services: one module per vendor, each behind the provider port.

pub mod alicloud;
