//! The webhook (features 1.7; ADR 0029): one message for each change of the situation, whatever the number of passes.
//!
//! Promises: `situation` decides what is worth a message, and is pure; nothing here delays or fails a pass; of the webhook's
//! URL only the host is ever shown. Knows no plan: whoever watches says what a pass has shown.

mod courier;
mod message;
mod outbox;
mod situation;
mod webhook;

pub(crate) use courier::Courier;
pub(crate) use message::{Message, Sender, schema};
pub(crate) use outbox::{Outbox, Tally};
pub(crate) use situation::{Fault, News, Seen, Situation, Standstill};
pub(crate) use webhook::Webhook;
