//! One program for all targets: `RECONCILE_FUZZ_TARGET` says which.
#![no_main]

use std::sync::LazyLock;

use reconcile::providers::{alicloud, deltastream};

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    match std::env::var("RECONCILE_FUZZ_TARGET").as_deref() {
        Ok("arguments") => reconcile::cli::fuzz::arguments,
        Ok("deltastream-answer") => deltastream::fuzz::answer,
        Ok("flink-answer") => alicloud::fuzz::answer,
        Ok("literal") => deltastream::fuzz::literal,
        Ok("manifest") => reconcile::manifest::fuzz::text,
        Ok("plan") => reconcile::saved::fuzz::file,
        Ok("signature") => alicloud::fuzz::signature,
        Ok("state") => reconcile::state::fuzz::files,
        other => panic!("RECONCILE_FUZZ_TARGET is {other:?}: the folders of tests/fuzz/corpus are the targets"),
    }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
