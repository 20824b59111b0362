//! Equal inputs, equal bytes (G11): the same plan, however documents are spread over files, in which order a service lists, with
//! one thread or several, in any language and time zone.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::support::chance::Chance;
use crate::support::emulator::Emulator;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::{Connector, connector};
use crate::support::raw::RawService;
use crate::support::reliability::{self, Report};

const SEED: u64 = 20_261_121;
const NAMES: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
const LANGUAGES: [&str; 5] = ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "ja_JP.eucJP"];
const ZONES: [&str; 4] = ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns"];

fn shuffled<T: Clone>(items: &[T], chance: &mut Chance) -> Vec<T> {
    let mut items = items.to_vec();
    for at in (1..items.len()).rev() {
        items.swap(at, chance.below(at + 1));
    }
    items
}

/// The plan without the places of its objects, which are what is permuted: everything else stays, byte for byte.
fn without_places(document: &str) -> String {
    let mut text = String::new();
    let mut rest = document;
    while let Some((before, behind)) = rest.split_once("\"source\": {") {
        text.push_str(before);
        rest = behind.split_once('}').unwrap().1;
    }
    text + rest
}

/// Creates, updates, replacements and deletes, and what stays.
fn declared() -> Vec<Connector> {
    let changed = NAMES.iter().enumerate().map(|(nth, name)| match nth % 4 {
        0 => connector(name).with("jarUrl", &format!("oss://jars/{name}-2.jar")),
        1 => connector(name).with("connectorType", &format!("{name}-other")),
        2 => connector(name).label("team", "one").lifecycle("protect", "true"),
        _ => connector(name),
    });
    changed.skip(2).chain(["x", "y", "z"].map(connector)).collect()
}

struct Setting {
    env: TestEnv,
    order: Arc<Mutex<Vec<&'static str>>>,
}

fn setting() -> Setting {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("all.yaml", &NAMES.map(connector));
    env.apply("").exits(0);
    env.remove_manifest("all.yaml");
    let order = Arc::new(Mutex::new(NAMES.to_vec()));
    let names = Arc::clone(&order);
    let service = RawService::answering(move || {
        let item = |name: &&str| format!(r#"{{"name":"{name}","type":"{name}"}}"#);
        let items: Vec<String> = names.lock().unwrap().iter().map(item).collect();
        let body = format!(r#"{{"requestId":"R","success":true,"data":[{}]}}"#, items.join(","));
        RawService::json(&body, body.len())
    });
    env.project(&env.read("reconcile.yaml").replace(&emulator.url, &service.url));
    Setting { env, order }
}

impl Setting {
    fn plan(&self, chance: &mut Chance) -> String {
        let folder = self.env.work().join("manifests");
        std::fs::remove_dir_all(&folder).unwrap();
        *self.order.lock().unwrap() = shuffled(&NAMES, chance);
        let mut files = vec![String::new(); 1 + chance.below(5)];
        for document in shuffled(&declared(), chance) {
            let file = chance.below(files.len());
            write!(files[file], "---\n{document}").unwrap();
        }
        for (nth, text) in files.iter().enumerate() {
            let path = ["", "deep/er/"][chance.below(2)].to_owned() + &format!("{}{nth}.yaml", chance.draw());
            reconcile::platform::fs::create_folder(folder.join(&path).parent().unwrap()).unwrap();
            self.env.write(format!("manifests/{path}"), text);
        }
        let inner = self.env.command("plan manifests -o json");
        // One processor or all of them: the program takes as many threads.
        let mut command = Command::new("taskset");
        command.args(["-c", *chance.one_of(&["0", "0-63"])]).arg(inner.get_program()).args(inner.get_args());
        command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let language = *chance.one_of(&LANGUAGES);
        command.env("LANG", language).env("LC_ALL", language).env("TZ", *chance.one_of(&ZONES));
        command.env("PATH", reconcile::platform::env::var("PATH").unwrap());
        command.current_dir(self.env.work()).stdin(Stdio::null());
        let said = Outcome::of("plan", command.output().unwrap()).exits(0);
        without_places(said.stdout())
    }
}

#[test]
fn the_same_plan_comes_of_every_order_of_files_documents_and_listings_and_of_every_surrounding() {
    let rounds = if reliability::is_long() { 500 } else { 100 };
    let plans = |threads: u64| {
        let play = |thread: u64| {
            let setting = setting();
            let mut chance = Chance::new(SEED + thread);
            let share = rounds / usize::try_from(threads).unwrap();
            (0..share).map(|_| setting.plan(&mut chance)).collect::<Vec<String>>()
        };
        let played: Vec<Vec<String>> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || play(thread))).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        played.concat()
    };
    let plans = plans(4);
    // Each state has a lineage and times of its own, which no plan shows.
    for (round, plan) in plans.iter().enumerate() {
        assert!(plan == &plans[0], "round {round}, seed {SEED}:\n{plan}\nis not\n{}", plans[0]);
    }
    assert!(
        plans[0].contains("FlinkConnector/z") && plans[0].matches("\"delete\"").count() > 0,
        "{}",
        plans[0]
    );
    Report {
        harness: "cli::permutations",
        what: "plans of the same documents: other files, order, listing, number of threads, language, time zone",
        cases: format!("{} plans of the program", plans.len()),
        seed: Some(SEED),
        result: "all the same, byte for byte".to_owned(),
        planted: "the places of objects in the plan: `the_place_of_an_object_is_what_differs`",
    }
    .hand_in();
}

#[test]
fn the_place_of_an_object_is_what_differs() {
    let text = r#"{"a": 1, "source": {"file": "x.yaml", "line": 1, "column": 1}, "b": 2}"#;
    assert_eq!(without_places(text), r#"{"a": 1, , "b": 2}"#);
    assert_ne!(without_places(text), without_places(&text.replace("\"b\": 2", "\"b\": 3")));
}
