//! What `doctor` looks at. Every check is a value; nothing here prints, and nothing changes state or service.

mod check;
mod live;
mod place;
mod project;

pub(crate) use check::{Check, Verdict, exit};
pub(crate) use live::live;
pub(crate) use place::place;
pub(crate) use project::{project, unopened};
