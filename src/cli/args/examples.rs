//! One or two command lines for each command, shown at the end of its help. A test reads each as it stands.

pub(super) const VALIDATE: &str = "Example:\n  reconcile validate connectors stores.yaml";
pub(super) const PLAN: &str =
    "Examples:\n  reconcile plan connectors --out week.plan\n  reconcile plan -l team=payments --concise";
pub(super) const SNAPSHOT: &str = "Examples:\n  reconcile snapshot connectors --out live.json\n  reconcile plan connectors --offline live.json";
pub(super) const SIMULATE: &str = "Examples:\n  reconcile simulate week.plan --crash-at 3\n  reconcile simulate connectors --fault 'FlinkConnector/orders:503x2'";
pub(super) const APPLY: &str = "Examples:\n  reconcile apply connectors --yes\n  reconcile apply week.plan\n  reconcile apply --resume 7f3a21c0";
pub(super) const DESTROY: &str = "Examples:\n  reconcile destroy connectors/orders.yaml\n  reconcile destroy --target 'FlinkConnector/test-*'";
pub(super) const STATUS: &str = "Example:\n  reconcile status --live";
pub(super) const DRIFT: &str =
    "Examples:\n  reconcile drift connectors --detailed-exitcode\n  reconcile drift connectors --write";
pub(super) const VERIFY: &str = "Examples:\n  reconcile verify suites --start-mysql\n  reconcile verify suites --category dataTypes --property 6-10";
pub(super) const FMT: &str = "Example:\n  reconcile fmt connectors --check";
pub(super) const INIT: &str = "Example:\n  reconcile init streaming";
pub(super) const LIST: &str =
    "Examples:\n  reconcile list demo-workspace:streaming --unmanaged\n  reconcile list Store -o json";
pub(super) const SHOW: &str =
    "Examples:\n  reconcile show FlinkConnector/orders-kafka\n  reconcile show week.plan";
pub(super) const IMPORT: &str = "Examples:\n  reconcile import FlinkConnector demo-workspace:streaming:orders-kafka\n  reconcile import Store --all --write imported";
pub(super) const REFRESH: &str = "Example:\n  reconcile refresh connectors";
pub(super) const STATE: &str = "Examples:\n  reconcile state list\n  reconcile state history";
pub(super) const UNLOCK: &str = "Example:\n  reconcile unlock";
pub(super) const EMULATOR: &str = "Example:\n  reconcile emulator --data world --fail 'register:503x2'";
pub(super) const CONFIG: &str = "Example:\n  reconcile config --show-origin";
pub(super) const DOCTOR: &str = "Example:\n  reconcile doctor connectors --live";
pub(super) const SCHEMA: &str = "Examples:\n  reconcile schema\n  reconcile schema Store";
pub(super) const EXPLAIN: &str =
    "Examples:\n  reconcile explain FlinkConnector.spec.jarUrl\n  reconcile explain RC0107";
pub(super) const COMPLETION: &str = "Example:\n  reconcile completion bash";
pub(super) const VERSION: &str = "Example:\n  reconcile version -o json";
pub(super) const HELP: &str = "Examples:\n  reconcile help apply\n  reconcile help exit-codes";
pub(super) const WATCH: &str =
    "Examples:\n  reconcile watch connectors\n  reconcile watch connectors --mode report --resync 1m";
pub(super) const STATE_LIST: &str = "Example:\n  reconcile state list";
pub(super) const STATE_SHOW: &str = "Example:\n  reconcile state show FlinkConnector/orders-kafka";
pub(super) const STATE_MV: &str =
    "Example:\n  reconcile state mv FlinkConnector/orders FlinkConnector/orders-v2";
pub(super) const STATE_RM: &str = "Example:\n  reconcile state rm FlinkConnector/orders-kafka";
pub(super) const STATE_REBUILD: &str = "Example:\n  reconcile state rebuild connectors";
pub(super) const STATE_HISTORY: &str = "Example:\n  reconcile state history";
pub(super) const STATE_RESTORE: &str = "Example:\n  reconcile state restore 41";
pub(super) const STATE_CHECK: &str = "Example:\n  reconcile state check";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::cli::args::Cli;

    fn wrong(command: &clap::Command, found: &mut Vec<String>) {
        let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        if lines.is_empty() {
            found.push(format!("{} has no example", command.get_name()));
        }
        for line in lines {
            if let Err(error) = Cli::try_parse_from(line.split(' ').map(|word| word.trim_matches('\''))) {
                found.push(format!("{line}: {error}"));
            }
        }
        command.get_subcommands().for_each(|below| wrong(below, found));
    }

    #[test]
    fn every_command_shows_an_example_that_it_understands() {
        let mut found = Vec::new();
        Cli::command().get_subcommands().for_each(|command| wrong(command, &mut found));
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}
