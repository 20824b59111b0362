//! Reports for pipelines (features 3.8): what a run knows, in the formats that GitHub and GitLab show.
//!
//! Promises: each format is a pure function of [`Facts`]; a report is written at the end of the run, also of one that
//! failed; nothing in it was not also told to the person, and secrets are concealed by the same code. It decides nothing.

mod actions;
mod code_quality;
mod facts;
mod github;
mod gitlab_terraform;
mod junit;
mod locate;
mod reports;
mod sarif;
#[cfg(test)]
mod tests;
mod wanted;

pub(crate) use facts::Facts;
pub(crate) use reports::Reports;
pub(crate) use wanted::Wanted;
