//! The native engine against a real server.

mod mysql_client;
