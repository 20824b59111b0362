//! FR-010, D-005: create, update, delete and invalid credentials, for each core subtype, in both ways in which a service
//! may refuse a login.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Store, kafka, postgres, snowflake};

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nTk9UIEEgUkVBTCBLRVk=\n-----END PRIVATE KEY-----\n";

struct Case {
    declared: Store,
    /// Changed in place.
    changed: Store,
    /// With credentials that are refused.
    refused: Store,
    /// What the backend says to them.
    words: &'static str,
}

fn walk(case: &Case) {
    let Case { declared, changed, refused, words } = case;
    for (check, exit) in [("create", 1), ("later", 3)] {
        let emulator = Emulator::open(&format!("--login-check {check} --provisioning-for 200ms"));
        let env = TestEnv::with_stores(&emulator);
        env.write("manifests/key.pem", KEY);
        let apply = |store: &Store| {
            env.manifest("store.yaml", &[store]);
            env.apply("")
        };
        let state = || {
            let document = env.run("list Store -o json").exits(0).json("list");
            document["objects"][0]["state"].as_str().map(str::to_owned)
        };

        // Created with credentials that are refused: told, and mended by correcting them.
        apply(refused).exits(exit).tells(words);
        apply(declared).exits(0).shows("Converged.");
        assert_eq!(state().as_deref(), Some("ready"), "{check}");
        emulator.new_requests();

        // Updated in place: one statement, no replacement.
        apply(changed).exits(0).shows("0 to replace").shows("Converged.");
        let counts = emulator.new_counts();
        assert_eq!((counts["update-store"], counts.get("drop-store")), (1, None), "{check}");

        // Updated with credentials that are refused: told; then mended.
        apply(refused).exits(exit).tells(words);
        // Where the statement failed nothing was changed, and nothing is to be done.
        apply(changed).exits(0);
        assert_eq!(state().as_deref(), Some("ready"), "{check}");
        env.plan("--detailed-exitcode").exits(0);

        // Deleted, and gone.
        env.run("destroy --all --yes").exits(0);
        assert_eq!(state(), None, "{check}");
    }
}

#[test]
fn fr_010_kafka() {
    walk(&Case {
        declared: kafka("k"),
        changed: kafka("k").with("kafka.sasl.password", "kafka-pass-2"),
        refused: kafka("k").with("kafka.sasl.password", "wrong-pass"),
        words: "uthentication failed",
    });
}

#[test]
fn fr_010_postgres() {
    walk(&Case {
        declared: postgres("p"),
        changed: postgres("p").with("postgres.uris", "postgresql://db-2.example.test:5432/orders"),
        refused: postgres("p").with("postgres.password", "wrong-pass"),
        words: "password authentication failed",
    });
}

#[test]
fn fr_010_snowflake() {
    walk(&Case {
        declared: snowflake("s"),
        changed: snowflake("s").with("snowflake.warehouseName", "WH2"),
        refused: snowflake("s").with("snowflake.client.keyPassphrase", "wrong-pass"),
        words: "JWT",
    });
}
