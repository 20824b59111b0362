//! The native engine against a real server.

mod configuration;
mod mysql_batch;
mod mysql_client;
mod mysql_schema;
mod mysql_server;
mod properties;
