//! Nothing is deleted because something could not be read, was not found or was not meant (G12).

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;
use crate::support::raw::RawService;
use crate::support::reliability::Report;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// What goes wrong with manifests, the command line, and the exit code that must come of it.
struct Case {
    name: &'static str,
    spoil: fn(&TestEnv),
    line: &'static str,
    exits: i32,
}

const CASES: [Case; 10] = [
    Case {
        name: "an empty folder",
        spoil: |env| NAMES.iter().for_each(|name| env.remove_manifest(&format!("{name}.yaml"))),
        line: "apply manifests --yes",
        exits: 6,
    },
    Case {
        name: "a folder without manifests",
        spoil: |env| env.write("elsewhere.txt", "words"),
        line: "apply .git --yes",
        exits: 6,
    },
    Case { name: "a folder that is not there", spoil: |_| {}, line: "apply nowhere --yes", exits: 65 },
    Case {
        name: "the manifests of somebody else, with a budget",
        spoil: |env| env.write("wrong.yaml", &connector("other").to_string()),
        line: "apply wrong.yaml --yes --max-delete 2",
        exits: 6,
    },
    Case {
        name: "an unreadable file",
        spoil: |env| {
            env.remove_manifest("a.yaml");
            // Nobody can read it, not even root: it leads to itself.
            std::os::unix::fs::symlink("a.yaml", env.work().join("manifests/a.yaml")).unwrap();
        },
        line: "apply manifests --yes",
        exits: 65,
    },
    Case {
        name: "bytes that are no text",
        spoil: |env| {
            let bytes = [b"kind: ", &[0xff, 0xfe][..]].concat();
            reconcile::platform::fs::replace(&env.work().join("manifests/a.yaml"), &bytes).unwrap();
        },
        line: "apply manifests --yes",
        exits: 65,
    },
    Case {
        name: "broken YAML",
        spoil: |env| env.write("manifests/a.yaml", "kind: FlinkConnector\nspec: ["),
        line: "apply manifests --yes",
        exits: 65,
    },
    Case {
        name: "a file that is cut off",
        spoil: |env| {
            let text = env.read("manifests/a.yaml");
            env.write("manifests/a.yaml", &text[..text.len() / 2]);
        },
        line: "apply manifests --yes",
        exits: 65,
    },
    Case {
        name: "an unset variable",
        spoil: |env| env.manifest("a.yaml", &[connector("a").with("connectorName", "${values.NAME}")]),
        line: "apply manifests --yes",
        exits: 65,
    },
    Case {
        name: "a set that is filtered out",
        spoil: |env| NAMES.iter().for_each(|name| env.remove_manifest(&format!("{name}.yaml"))),
        line: "apply manifests --yes -l team=nobody",
        exits: 64,
    },
];

#[test]
fn nothing_is_deleted_whatever_is_wrong_with_manifests_or_listings() {
    let mut deletes = 0;
    for Case { name, spoil, line, exits } in CASES {
        let emulator = Emulator::open("");
        let env = TestEnv::of(&emulator);
        for name in NAMES {
            env.manifest(&format!("{name}.yaml"), &[connector(name)]);
        }
        env.apply("").exits(0);
        emulator.new_requests();
        spoil(&env);
        let outcome = env.run(line);
        assert_eq!(outcome.code, Some(exits), "{name}: {outcome}");
        let asked = emulator.new_requests();
        deletes += asked.iter().filter(|request| request.short() != "list").count();
        assert_eq!(emulator.names("w:n"), NAMES.join(" "), "{name}");
    }
    let listings = listings_that_prove_nothing();
    // Reads are tried again after seconds: the cases wait side by side.
    deletes += std::thread::scope(|scope| {
        let play = |(name, answer): &(String, Vec<u8>)| writes_after(name, answer);
        let started: Vec<_> = listings.iter().map(|listing| scope.spawn(move || play(listing))).collect();
        started.into_iter().map(|case| case.join().unwrap()).sum::<usize>()
    });
    assert_eq!(deletes, 0);
    Report {
        harness: "cli::mass_delete",
        what: "manifests that are empty, elsewhere, unreadable, broken, cut off, undefined or filtered out; listings that are cut",
        cases: format!("{} cases of manifests, {} of listings", CASES.len(), listings.len()),
        seed: None,
        result: "0 deletes".to_owned(),
        planted: "manifests that declare one object less: `a_manifest_that_is_really_gone_is_a_delete`",
    }
    .hand_in();
}

/// Answers to a list call that name fewer objects than there are.
fn listings_that_prove_nothing() -> Vec<(String, Vec<u8>)> {
    let item = |name: &str| format!(r#"{{"name":"{name}","type":"{name}"}}"#);
    let whole = format!(r#"{{"requestId":"R","success":true,"data":[{}]}}"#, NAMES.map(item).join(","));
    let mut answers = vec![
        ("no data".to_owned(), RawService::json(r#"{"requestId":"R","success":true}"#, 32)),
        ("an empty answer".to_owned(), RawService::json("", 0)),
        (
            "no service".to_owned(),
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
        ),
    ];
    for cut in (0..whole.len()).step_by(41) {
        let part = &whole[..cut];
        answers.push((format!("{cut} bytes of {}", whole.len()), RawService::json(part, whole.len())));
        answers.push((format!("{cut} bytes, said to be all"), RawService::json(part, cut)));
    }
    answers
}

/// How many writes an apply makes that has one object less to declare, when its list call is answered like this.
fn writes_after(name: &str, answer: &[u8]) -> usize {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    for name in NAMES {
        env.manifest(&format!("{name}.yaml"), &[connector(name)]);
    }
    env.apply("").exits(0);
    let answer = answer.to_vec();
    let service = RawService::answering(move || answer.clone());
    env.project(&env.read("reconcile.yaml").replace(&emulator.url, &service.url));
    env.remove_manifest("a.yaml");
    let outcome = env.apply("");
    assert!(outcome.code.is_some_and(|code| code != 0), "{name}: {outcome}");
    service.writes().len()
}

#[test]
fn a_manifest_that_is_really_gone_is_a_delete() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    for name in NAMES {
        env.manifest(&format!("{name}.yaml"), &[connector(name)]);
    }
    env.apply("").exits(0);
    env.remove_manifest("a.yaml");
    env.apply("").exits(0).shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "b c");
}
