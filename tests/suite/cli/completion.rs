//! `completion`: bash really completes; the scripts of the other shells are there and ask the program.

use std::path::Path;
use std::process::Command;

use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// What bash offers when Tab is pressed at the end of this line.
fn offered(env: &TestEnv, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let last = words.len() - 1;
    let script = format!(
        "source <(reconcile completion bash)\nCOMP_TYPE=9 COMP_CWORD={last} COMP_WORDS=({})\n\
         $(complete -p reconcile | sed 's/.*-F \\([^ ]*\\).*/\\1/') reconcile '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words[last],
        words[last - 1],
    );
    let folder = Path::new(env!("CARGO_BIN_EXE_reconcile")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", &script])
        .env_clear()
        .env("PATH", path)
        .current_dir(env.work())
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn bash_completes_commands_flags_and_recorded_addresses() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("alpha"), connector("beta")]);
    env.apply("").exits(0);
    let both = ["FlinkConnector/alpha", "FlinkConnector/beta"];
    for line in [
        "show ",
        "state show ",
        "state mv ",
        "state rm ",
        "state rm FlinkConnector/x ",
        "plan --replace ",
        "apply --replace ",
    ] {
        let offered = offered(&env, &format!("reconcile {line}"));
        assert!(both.iter().all(|address| offered.iter().any(|it| it == address)), "{line}: {offered:?}");
    }
    assert_eq!(offered(&env, "reconcile show FlinkConnector/b"), ["FlinkConnector/beta"]);
    assert_eq!(offered(&env, "reconcile --state nowhere show F"), [""]);
    assert_eq!(
        offered(&env, "reconcile --state state/local show FlinkConnector/a"),
        ["FlinkConnector/alpha"]
    );
    assert_eq!(offered(&env, "reconcile valid"), ["validate"]);
    assert_eq!(offered(&env, "reconcile fmt --che"), ["--check"]);
    assert_eq!(offered(&env, "reconcile completion z"), ["zsh"]);
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        env.run(&format!("completion {shell}")).exits(0).shows("RECONCILE_COMPLETE").shows("reconcile");
    }
    env.run("completion tcsh").exits(64).tells("tcsh");
}
