//! One test binary for everything that sees the product from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and looks at files and the environment directly"
)]

mod model;
mod support;
