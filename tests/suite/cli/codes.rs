//! Every diagnostic code, through the binary: its example is refused with it and with no other, and the mended one is not.

use reconcile::domain::diagnostic::Code;
use reconcile::manifest::codes;
use reconcile::manifest::examples::{self, Around, Example};

use crate::support::env::TestEnv;

/// The codes that the binary tells, and how it ends.
fn told(example: &Example, text: &str) -> (Vec<String>, Option<i32>) {
    let env = TestEnv::new();
    let whole = example.around.text(text);
    let mut path = "manifests";
    env.write("manifests/ca.pem", "a certificate\n");
    match example.around {
        Around::Project => env.project(&whole),
        Around::Path => path = text,
        Around::Latin1 => {
            let bytes: Vec<u8> = whole.chars().map(|c| u8::try_from(c).unwrap()).collect();
            reconcile::platform::fs::replace(&env.work().join("manifests/example.yaml"), &bytes).unwrap();
        }
        _ => env.write("manifests/example.yaml", &whole),
    }
    // Secrets are fetched for a plan only.
    let fetched = [codes::SECRET_VARIABLE, codes::SECRET_FILE, codes::SECRET_COMMAND].contains(&example.code);
    let outcome = env.run(&format!("{} {path} --color never", if fetched { "plan" } else { "validate" }));
    let found = outcome.stderr.lines().filter_map(|line| line.split_once("[RC")?.1.split_once(']'));
    let mut found: Vec<String> = found.map(|(number, _)| format!("RC{number}")).collect();
    found.dedup();
    (found, outcome.code)
}

fn check(example: &Example) -> Option<String> {
    let Example { code, wrong, right, .. } = example;
    let is_warning = [codes::REPEATED_ITEM, codes::SECRET_LITERAL].contains(code);
    let wanted = (vec![code.to_string()], Some(if is_warning { 0 } else { 65 }));
    let (mut found, exit) = told(example, wrong);
    // The thousand errors before the last one have codes of their own.
    if *code == codes::TOO_MANY_ERRORS {
        found.retain(|found| *found == code.to_string());
    }
    if (found.clone(), exit) != wanted {
        return Some(format!("{code}: the wrong text is told as {found:?} with exit code {exit:?}"));
    }
    let (found, exit) = told(example, right);
    (!found.is_empty() || exit != Some(0))
        .then(|| format!("{code}: the right text is told as {found:?}, {exit:?}"))
}

#[test]
fn each_example_is_refused_with_its_code_alone_and_mended_it_is_not() {
    let findings: Vec<String> = examples::TABLE.iter().filter_map(check).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn every_code_has_its_example() {
    let shown: Vec<Code> = examples::TABLE.iter().map(|example| example.code).collect();
    // What these two say comes of the formatter and of live, not of a text alone: `cli::fmt` and `cli::accept` show them.
    let others = [codes::NOT_FORMATTED, codes::NOT_ACCEPTED];
    let all: Vec<Code> =
        codes::TABLE.iter().map(|entry| entry.code).filter(|code| !others.contains(code)).collect();
    assert_eq!(shown, all);
}

#[test]
fn an_explanation_shows_the_example_and_how_to_mend_it() {
    let env = TestEnv::new();
    env.run("explain RC0110")
        .exits(0)
        .shows("wrong:\n\n    jarVersion: 1.10\n")
        .shows("right:\n\n    jarVersion: '1.10'\n");
    let told = env.run("explain RC0110 -o json").exits(0).json("explain");
    assert_eq!(told["example"]["right"], "  jarVersion: '1.10'\n");
}

#[test]
fn the_codes_of_verifications_are_explained_too() {
    let env = TestEnv::new();
    for entry in reconcile::verify::codes::all() {
        let said = env.run(&format!("explain {}", entry.code)).exits(0);
        let _said = said.shows(entry.code).shows(entry.about);
    }
    let told = env.run("explain rv02 -o json").exits(0).json("explain");
    assert_eq!(told["title"], "a suite cannot be run as it says in mysql.port");
    assert!(told["explanation"].as_str().unwrap().starts_with("Correct mysql.port (3306 is usual), or "));
}
