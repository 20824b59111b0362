//! The README, the tour and the pages about the watch and on simulations are true: their console blocks are run, in order,
//! in one shell in a fresh home, and compared.
//!
//! In a block tagged `console` a line that begins with `$ ` is a command, everything else is what it printed. A `…` stands for
//! anything, lines included; durations are not compared. A command succeeds unless `$ echo $?` follows it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{none, read, root, tracked};

/// The addresses that the pages give to the emulator and to the page of a watch; free ones take their places.
const ADDRESSES: [&str; 2] = ["127.0.0.1:7070", "127.0.0.1:9890"];

/// A command that waits for ever must not stop all tests.
const LIMIT: &str = "180s";

struct Step {
    line: usize,
    command: String,
    expected: String,
}

/// The commands of all console blocks with what they should print.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            steps.push(Step { line: index + 1, command: command.to_owned(), expected: String::new() });
        } else if let (true, Some(step)) = (inside, steps.last_mut()) {
            step.expected.push_str(line);
            step.expected.push('\n');
        }
    }
    steps
}

/// Replaces the number before ` s` in times, which differ from run to run.
fn normalised(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(" s") {
        let (head, tail) = rest.split_at(at);
        let after = tail.chars().nth(2);
        let number = head.len() - head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        if number > 0 && !after.is_some_and(char::is_alphanumeric) {
            result.push_str(&head[..head.len() - number]);
            result.push('N');
        } else {
            result.push_str(head);
        }
        result.push_str(" s");
        rest = &tail[2..];
    }
    result + rest
}

/// Whether a text is what was expected, where `…` stands for anything.
fn matches(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    let Some((last, middle)) = parts.collect::<Vec<_>>().split_last().map(|(l, m)| (*l, m.to_vec())) else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn text(raw: &str) -> String {
    normalised(raw.trim_end().trim_start_matches('\n'))
}

/// The repository as a newcomer has it, as far as the commands need it.
fn clone_into(folder: &Path) {
    for file in ["manifests-examples/", "reconcile.yaml"].into_iter().flat_map(|part| tracked(part, "")) {
        let to = folder.join(&file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(root().join(&file), to).unwrap();
    }
}

/// One script: each command, then a mark with its exit code, which `$?` still holds for the next command.
fn script(steps: &[Step], addresses: &[String]) -> String {
    let mut script =
        "cargo() { shift 2; reconcile \"$@\"; }\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n".to_owned();
    for (index, step) in steps.iter().enumerate() {
        let named = ADDRESSES.iter().zip(addresses);
        let command =
            named.fold(step.command.clone(), |command, (name, address)| command.replace(name, address));
        script.push_str(&format!(
            "{command}\n__code=$?; printf '\\n@@%s %s@@\\n' {index} $__code; (exit $__code)\n"
        ));
    }
    script
}

/// As many as there are names; no two are the same.
fn free_addresses() -> Vec<String> {
    let listeners = ADDRESSES.map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.iter().map(|listener| listener.local_addr().unwrap().to_string()).collect()
}

/// Runs the steps in one shell; what each printed, on both streams, and its exit code.
fn run(steps: &[Step]) -> Vec<(String, i32)> {
    let home = tempfile::tempdir().unwrap();
    let clone = home.path().join("reconcile");
    clone_into(&clone);
    let addresses = free_addresses();
    let binaries = Path::new(env!("CARGO_BIN_EXE_reconcile")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("timeout")
        .args([LIMIT, "bash", "-c", "exec bash --noprofile --norc -s 2>&1"])
        .env_clear()
        .envs([("PATH", path.as_str()), ("HOME", home.path().to_str().unwrap()), ("LANG", "C.UTF-8")])
        .current_dir(&clone)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The commands must not read the script: each gets an empty input.
    let script = script(steps, &addresses);
    let body = format!("{{\n{script}}} </dev/null\n");
    shell.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    let mut rest = String::from_utf8(output.stdout).unwrap();
    for (name, address) in ADDRESSES.iter().zip(&addresses) {
        rest = rest.replace(address, name);
    }
    let mut results = Vec::new();
    for index in 0..steps.len() {
        let mark = format!("\n@@{index} ");
        let (printed, tail) =
            rest.split_once(&mark).unwrap_or_else(|| panic!("step {index} did not end:\n{rest}"));
        let (code, tail) = tail.split_once("@@\n").unwrap();
        results.push((printed.to_owned(), code.parse().unwrap()));
        rest = tail.to_owned();
    }
    results
}

/// What differs from the text.
fn differences(file: &str, steps: &[Step], results: &[(String, i32)]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, (step, (printed, code))) in steps.iter().zip(results).enumerate() {
        let Step { line, command, expected } = step;
        let code_is_shown = steps.get(index + 1).is_some_and(|next| next.command == "echo $?");
        if *code != 0 && !code_is_shown {
            found.push(format!("{file}:{line}: `{command}` ended with {code}:\n{printed}"));
        } else if !matches(&text(expected), &text(printed)) {
            found.push(format!(
                "{file}:{line}: `{command}` printed something else\n--- expected\n{}\n--- printed\n{}\n",
                text(expected),
                text(printed)
            ));
        }
    }
    found
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let steps = steps(&read("README.md"));
    assert!(steps.len() >= 20, "{} commands", steps.len());
    none(&differences("README.md", &steps, &run(&steps)));
}

#[test]
fn every_command_of_the_tour_does_what_it_says() {
    let steps = steps(&read("docs/tour.md"));
    assert!(steps.len() >= 20, "{} commands", steps.len());
    none(&differences("docs/tour.md", &steps, &run(&steps)));
}

#[test]
fn every_command_of_the_page_about_the_watch_does_what_it_says() {
    let steps = steps(&read("docs/watch.md"));
    assert!(steps.len() >= 4, "{} commands", steps.len());
    none(&differences("docs/watch.md", &steps, &run(&steps)));
}

#[test]
fn every_command_of_the_page_on_simulations_does_what_it_says() {
    let steps = steps(&read("docs/simulate.md"));
    assert!(steps.len() >= 5, "{} commands", steps.len());
    none(&differences("docs/simulate.md", &steps, &run(&steps)));
}

#[test]
fn every_command_of_the_page_on_verifications_does_what_it_says() {
    let steps = steps(&read("docs/verify.md"));
    assert!(steps.len() >= 3, "{} commands", steps.len());
    none(&differences("docs/verify.md", &steps, &run(&steps)));
}

#[test]
fn a_readme_that_lies_is_noticed() {
    let steps = steps(
        "```console\n$ echo yes\nno\n$ false\n$ false\n$ echo $?\n1\n$ echo took 0.31 s\ntook 7 s\n```\n",
    );
    let found = differences("x.md", &steps, &run(&steps));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("x.md:2: `echo yes` printed something else"), "{}", found[0]);
    assert!(found[1].starts_with("x.md:4: `false` ended with 1"), "{}", found[1]);
}

#[test]
fn dots_stand_for_anything_and_only_for_that() {
    assert!(matches("a\n…\nd", "a\nb\nc\nd"));
    assert!(matches("held by …, since …", "held by pid 7, since noon"));
    assert!(!matches("a\n…\nd", "a\nb\nc"));
    assert!(!matches("a", "ab"));
    assert_eq!(normalised("in 12 s. Reads (0.41 s). 3 steps"), "in N s. Reads (N s). 3 steps");
}
