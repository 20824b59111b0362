//! The spec types, one module per kind.

pub mod flink_connector;
pub mod store;
