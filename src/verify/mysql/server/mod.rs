//! A database server of one's own, from the installed package: for `verify --start-mysql` and for tests.

mod error;
mod guard;
mod private;
mod program;

pub use error::ServerError;
pub use private::{Options, PrivateServer, TlsMaterial};
