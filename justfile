# Recipes for every day; `tests/run` is what counts.

# Everything that CI checks, with what it needs installed first.
ci:
    tests/run

fmt:
    cargo fmt

lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# All tests, or those whose path contains FILTER: `just test planner`.
test FILTER='':
    cargo test {{FILTER}}

doc:
    RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items

deny:
    target/tools/bin/cargo-deny --offline check bans licenses sources

# Accept the snapshots that differ; read `git diff` before you commit them.
bless:
    INSTA_UPDATE=always cargo test
    UPDATE_DOCS=1 cargo test hygiene

# The pictures of the README, drawn from the real binary.
pictures:
    docs/pictures/make

bench:
    cargo bench --bench plan
