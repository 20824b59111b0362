//! `import …`

use std::path::PathBuf;

use clap::Args;

use super::{LockWait, Pace};

/// `import …`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The kind: FlinkConnector or Store
    pub(crate) kind: String,
    /// WORKSPACE:NAMESPACE:NAME of a connector, the name of a store
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) id: Option<String>,
    /// The name under metadata.name; default: the name of the object
    #[arg(long = "as", value_name = "NAME", conflicts_with = "all")]
    pub(crate) name: Option<String>,
    /// Import everything of the kind that is not recorded yet
    #[arg(long)]
    pub(crate) all: bool,
    /// Id of the Flink workspace, with --all
    #[arg(long, value_name = "ID", requires = "all", conflicts_with = "id")]
    pub(crate) workspace: Option<String>,
    /// Namespace of the workspace, with --all (repeatable)
    #[arg(long, value_name = "NAME", requires = "all", conflicts_with = "id")]
    pub(crate) namespace: Vec<String>,
    /// Only objects with such a name, with --all; `*` stands for any text, `?` for one character
    #[arg(long = "name", value_name = "GLOB", requires = "all", conflicts_with = "id")]
    pub(crate) glob: Option<String>,
    /// Also write a manifest for each imported object into this folder; nothing is overwritten
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) lock: LockWait,
    #[command(flatten)]
    pub(crate) pace: Pace,
}
