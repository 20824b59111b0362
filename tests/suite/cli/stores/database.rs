//! A Postgres store whose server is there: the emulator logs in, and the user reads the server's own words.

use crate::process::postgres::Postgres;
use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::postgres;

#[tokio::test]
async fn a_database_that_is_there_is_logged_in_to_and_speaks_for_itself() {
    let server = Postgres::start().await;
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator).with("DB_PASSWORD", Postgres::PASSWORD);
    let store = postgres("db")
        .with("postgres.uris", server.url())
        .with("postgres.username", Postgres::ROLE)
        .with("postgres.password", serde_json::json!({"fromEnv": "DB_PASSWORD"}));
    // Nothing about this password is special to the emulator: the server refuses it.
    let mistaken = store.clone().with("postgres.password", "mistaken");
    env.manifest("db.yaml", &[mistaken]);
    let words = format!("password authentication failed for user \"{}\"", Postgres::ROLE);
    env.apply("").exits(3).tells(&words);
    env.manifest("db.yaml", &[store]);
    env.apply("").exits(0).shows("Converged.");
    env.run("list Store").exits(0).shows("ready");
}
