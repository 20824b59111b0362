//! The native engine against a real server.

mod check;
mod configuration;
mod exact;
mod flow;
mod flow_properties;
mod mysql_batch;
mod mysql_client;
mod mysql_schema;
mod mysql_server;
pub(crate) mod planted;
mod properties;
mod tables;
mod types;
