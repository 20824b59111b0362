//! How Flink is reached, and which engine runs a suite (design.md 3.3 and 7).

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::kind::store::UriShape;

/// `spec.engine` and `spec.sink`: who reads and transforms the rows, and who writes them. Flink's own connector can only
/// write on Flink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// Our own process does everything: the reference implementation; the default.
    Native,
    /// A Flink cluster reads and transforms.
    Flink {
        /// Who writes.
        sink: Sink,
        /// Which cluster.
        flink: Flink,
    },
}

impl Engine {
    /// The word in a manifest.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Flink { .. } => "flink",
        }
    }
}

/// `spec.sink`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sink {
    /// Ours: a refused row is set aside and reported; the default.
    #[default]
    Native,
    /// Flink's JDBC connector: a refused row fails the job.
    Jdbc,
}

impl Sink {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Native, Self::Jdbc];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Jdbc => "jdbc",
        }
    }
}

/// `spec.flink`: a cluster and its SQL Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flink {
    /// The URL of the SQL Gateway; `http://127.0.0.1:8083`.
    pub gateway: String,
    /// The URL of the job manager's REST interface; `http://127.0.0.1:8081`.
    pub job_manager: String,
    /// Files that are added to the session; relative paths were joined with the manifest's folder.
    pub jars: Vec<PathBuf>,
    /// The parallelism of jobs, 1 to [`Flink::MOST_PARALLEL`]; 2.
    pub parallelism: NonZeroU16,
    /// The time between checkpoints; 1 s.
    pub checkpoint_interval: Duration,
}

impl Flink {
    /// The usual address of a SQL Gateway.
    pub const GATEWAY: &str = "http://127.0.0.1:8083";
    /// The usual address of a job manager.
    pub const JOB_MANAGER: &str = "http://127.0.0.1:8081";
    /// The shape of both addresses.
    pub const URL: UriShape = UriShape { schemes: &["http://", "https://"], example: Self::GATEWAY };
    /// The most subtasks of a job.
    pub const MOST_PARALLEL: u16 = 1_000;
}

impl Default for Flink {
    fn default() -> Self {
        Self {
            gateway: Self::GATEWAY.to_owned(),
            job_manager: Self::JOB_MANAGER.to_owned(),
            jars: Vec::new(),
            parallelism: NonZeroU16::new(2).unwrap_or(NonZeroU16::MIN),
            checkpoint_interval: Duration::from_secs(1),
        }
    }
}

/// What somebody says about the cluster: a suite, or a profile, which wins (`profiles.NAME.verification.flink`;
/// Property 22). What is `None` is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlinkSettings {
    /// `gateway`
    pub gateway: Option<String>,
    /// `jobManager`
    pub job_manager: Option<String>,
    /// `jars`
    pub jars: Option<Vec<PathBuf>>,
    /// `parallelism`
    pub parallelism: Option<NonZeroU16>,
    /// `checkpointInterval`
    pub checkpoint_interval: Option<Duration>,
}

impl Flink {
    /// With what somebody says about it.
    #[must_use]
    pub fn with(self, settings: FlinkSettings) -> Self {
        Self {
            gateway: settings.gateway.unwrap_or(self.gateway),
            job_manager: settings.job_manager.unwrap_or(self.job_manager),
            jars: settings.jars.unwrap_or(self.jars),
            parallelism: settings.parallelism.unwrap_or(self.parallelism),
            checkpoint_interval: settings.checkpoint_interval.unwrap_or(self.checkpoint_interval),
        }
    }
}
