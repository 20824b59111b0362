//! The half of the emulator that speaks the DeltaStream statement API (deltastream-api; design.md sections 3.2 and 6).
//!
//! It promises to be as strict as the strictest client needs it, to keep no secret (digests only) and to repeat none in
//! an error or a log. It must not know the other half; with it, it shares the server, the folder, the log and the faults.
//!
//! ```text
//! call ─▶ multipart, sql          what is asked for?
//! service ─▶ parameters ─▶ kind   is it complete?
//!    ├─────▶ login, postgres      what does the backend say?
//!    ├─────▶ ledger ─▶ stores     what does it change?
//!    ├─────▶ table                which rows are there?
//!    └─────▶ results, answer      what does the caller hear?
//! ```

mod account;
mod answer;
mod call;
mod context;
mod kind;
mod ledger;
mod login;
mod multipart;
mod operation;
mod parameters;
mod postgres;
mod results;
mod service;
mod sql;
mod stores;
mod table;

pub use account::api_token;
pub(super) use call::{Call, CallError};
pub(super) use ledger::Ledger;
pub(super) use login::Login;
pub(super) use operation::Operation;
pub(super) use service::Service;
