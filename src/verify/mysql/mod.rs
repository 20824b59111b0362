//! The database: sessions, pool, retries, transactions, and a private server for tests and for `verify --start-mysql`.

pub mod batch;
pub mod cell;
pub mod class;
pub mod client;
pub mod codes;
pub mod error;
pub mod facts;
pub mod identifier;
pub mod pool;
pub mod retry;
pub mod schema;
pub mod server;
pub mod session;
mod tls;
