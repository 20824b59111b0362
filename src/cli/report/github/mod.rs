//! What GitHub Actions takes from a step: annotations, a job summary, outputs. Texts only; who writes them is `actions`.

pub(super) mod annotation;
pub(super) mod output;
pub(super) mod summary;
