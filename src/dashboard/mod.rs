//! What a watch shows over HTTP (design.md 8; ADR 0028): probes, metrics, `/api/v1`, and the page.
//!
//! Promises: it only shows. Nothing that it is asked changes anything, and a slow or hostile reader never delays the watch.
//! Knows no manifest, no state and no service: whoever watches tells it.

mod access;
mod board;
mod connection;
mod metrics;
mod page;
mod picture;
mod schema;
mod server;
mod stream;
mod view;

pub use access::{Access, NeedsToken, Token, TokenError};
pub use board::{Board, Ended, Facts, PULSE};
pub use metrics::{Described, metrics};
pub use picture::{Happened, Planned};
pub use schema::schema;
pub use server::{ServeError, Server};
pub use view::{
    Delta, Detail, Diagnosed, FORMAT, FieldWord, Moment, Pass, Passes, Problem, Resource, Resources, State,
    Status, Tone,
};
