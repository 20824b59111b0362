//! How the database of a suite is reached (design.md 3.3, `mysql`): what is declared, with every default filled in.
//!
//! Promises: what is here was checked, so that nobody who connects asks again. Knows no client and resolves no secret.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::secret::Sealed;

/// `spec.mysql`: a server of the MySQL protocol, and how patient we are with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mysql {
    /// A host name or an IP address; never empty, without port, user or scheme.
    pub host: String,
    /// The TCP port; 3306.
    pub port: NonZeroU16,
    /// The schema into which rows are written.
    pub database: String,
    /// The user who logs in.
    pub username: String,
    /// The user's password, resolved when it is used; none is an empty one.
    pub password: Option<Sealed>,
    /// The character set of the connection.
    pub charset: Charset,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// How long a connection may take to be ready for statements; 30 s.
    pub connect_timeout: Duration,
    /// How long a statement may take; 30 s.
    pub query_timeout: Duration,
    /// The connections that are kept.
    pub pool: Pool,
    /// What is tried again.
    pub retry: Retry,
}

/// `mysql.charset`, of the connection. Rows are sent as UTF-8, so only what is UTF-8 is on offer: under any other name the
/// server would take the bytes for other characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// All of Unicode; the default.
    #[default]
    Utf8mb4,
    /// Characters of up to three bytes; those of four are refused by the server.
    Utf8mb3,
}

impl Charset {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Utf8mb4, Self::Utf8mb3];

    /// The name in a manifest and in `SET NAMES`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8mb4 => "utf8mb4",
            Self::Utf8mb3 => "utf8mb3",
        }
    }
}

/// `mysql.tls`. Only the modes that verify have a certificate authority: in the others it would be ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tls {
    /// `disabled`: never encrypted.
    Disabled,
    /// `preferred`: encrypted when the server offers it, without looking at its certificate; the default.
    #[default]
    Preferred,
    /// `required`: encrypted or refused, without looking at the certificate.
    Required,
    /// `verifyCa`: encrypted, and the certificate's chain leads to the authority.
    VerifyCa(Authority),
    /// `verifyIdentity`: as `verifyCa`, and the certificate is that of the host.
    VerifyIdentity(Authority),
}

impl Tls {
    /// The word in a manifest.
    pub fn mode(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Preferred => "preferred",
            Self::Required => "required",
            Self::VerifyCa(_) => "verifyCa",
            Self::VerifyIdentity(_) => "verifyIdentity",
        }
    }
}

/// Whose signature a server's certificate needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authority {
    /// One that is publicly trusted; `tls.caFile` is not declared.
    #[default]
    Public,
    /// Those in a PEM file, `tls.caFile`; a relative path was joined with the manifest's folder.
    File(PathBuf),
}

/// `mysql.pool`: the connections of a run together never exceed `size` (Property 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The most connections at a time, 1 to [`Pool::LARGEST`]; 10.
    pub size: NonZeroU16,
    /// How long one waits for a connection; 5 s.
    pub acquire_timeout: Duration,
    /// How many may wait at a time; 1,000.
    pub max_waiting: u32,
    /// What happens to one more than may wait.
    pub overflow: Overflow,
    /// After how long an idle connection is closed; 60 s.
    pub idle_timeout: Duration,
    /// What tells whether an idle connection is still good; `SELECT 1`.
    pub validation_query: String,
}

impl Pool {
    /// Beyond this no server of ours would accept connections.
    pub const LARGEST: u16 = 1_000;
    /// What is asked when nothing is declared.
    pub const VALIDATION_QUERY: &str = "SELECT 1";
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            size: NonZeroU16::new(10).unwrap_or(NonZeroU16::MIN),
            acquire_timeout: Duration::from_secs(5),
            max_waiting: 1_000,
            overflow: Overflow::default(),
            idle_timeout: Duration::from_mins(1),
            validation_query: Self::VALIDATION_QUERY.to_owned(),
        }
    }
}

/// `mysql.pool.overflow`: when `maxWaiting` wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The next one is held back until there is room in the queue; the default.
    #[default]
    Block,
    /// The next one fails at once.
    Fail,
}

impl Overflow {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Block, Self::Fail];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Fail => "fail",
        }
    }
}

/// `mysql.retry`: what waits before each further attempt; as many attempts follow the first one as there are delays
/// (Property 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    delays: Vec<Duration>,
}

impl Retry {
    /// The most retries.
    pub const MOST: u32 = 100;
    /// The delays when none are declared, in seconds.
    const DELAYS: [u64; 3] = [1, 2, 4];

    /// So many retries: each waits for its delay, and those beyond the last delay wait for the last one. `None` when there
    /// are retries and no delay, more delays than retries, more retries than [`Retry::MOST`], or a delay that is shorter
    /// than the one before it.
    pub fn new(max: u32, delays: &[Duration]) -> Option<Self> {
        let most = usize::try_from(max.min(Self::MOST)).ok()?;
        let grows = delays.windows(2).all(|pair| matches!(pair, [one, next] if one <= next));
        if max > Self::MOST || delays.len() > most || !grows || (max > 0 && delays.is_empty()) {
            return None;
        }
        let last = delays.last().copied().unwrap_or_default();
        Some(Self { delays: delays.iter().copied().chain(std::iter::repeat(last)).take(most).collect() })
    }

    /// So many retries with the delays that apply when none are declared: 1 s, 2 s, then 4 s. More than [`Retry::MOST`]
    /// are not made.
    pub fn times(max: u32) -> Self {
        let seconds = (0..max.min(Self::MOST)).map(|retry| match Self::DELAYS.get(retry as usize) {
            Some(seconds) => *seconds,
            None => 4,
        });
        Self { delays: seconds.map(Duration::from_secs).collect() }
    }

    /// What waits before each retry, the first one first.
    pub fn delays(&self) -> &[Duration] {
        &self.delays
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::times(3)
    }
}

/// What somebody says about the database: a suite, which needs more than the defaults, or a profile, which wins over the
/// suite (`profiles.NAME.verification.mysql`; Property 22). What is `None` is left as it is. `tls` and `retry` are
/// whole: their parts belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MysqlSettings {
    /// `host`
    pub host: Option<String>,
    /// `port`
    pub port: Option<NonZeroU16>,
    /// `database`
    pub database: Option<String>,
    /// `username`
    pub username: Option<String>,
    /// `password`
    pub password: Option<Sealed>,
    /// `charset`
    pub charset: Option<Charset>,
    /// `tls`
    pub tls: Option<Tls>,
    /// `connectTimeout`
    pub connect_timeout: Option<Duration>,
    /// `queryTimeout`
    pub query_timeout: Option<Duration>,
    /// `pool`
    pub pool: PoolSettings,
    /// `retry`
    pub retry: Option<Retry>,
}

/// What somebody says about the pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolSettings {
    /// `size`
    pub size: Option<NonZeroU16>,
    /// `acquireTimeout`
    pub acquire_timeout: Option<Duration>,
    /// `maxWaiting`
    pub max_waiting: Option<u32>,
    /// `overflow`
    pub overflow: Option<Overflow>,
    /// `idleTimeout`
    pub idle_timeout: Option<Duration>,
    /// `validationQuery`
    pub validation_query: Option<String>,
}

impl Mysql {
    /// The usual port.
    pub const PORT: u16 = 3306;
    /// The default of both timeouts.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// A server of which only what has no default is known.
    pub fn new(host: String, database: String, username: String) -> Self {
        Self {
            host,
            port: NonZeroU16::new(Self::PORT).unwrap_or(NonZeroU16::MIN),
            database,
            username,
            password: None,
            charset: Charset::default(),
            tls: Tls::default(),
            connect_timeout: Self::TIMEOUT,
            query_timeout: Self::TIMEOUT,
            pool: Pool::default(),
            retry: Retry::default(),
        }
    }

    /// With what somebody says about it.
    #[must_use]
    pub fn with(self, settings: MysqlSettings) -> Self {
        Self {
            host: settings.host.unwrap_or(self.host),
            port: settings.port.unwrap_or(self.port),
            database: settings.database.unwrap_or(self.database),
            username: settings.username.unwrap_or(self.username),
            password: settings.password.or(self.password),
            charset: settings.charset.unwrap_or(self.charset),
            tls: settings.tls.unwrap_or(self.tls),
            connect_timeout: settings.connect_timeout.unwrap_or(self.connect_timeout),
            query_timeout: settings.query_timeout.unwrap_or(self.query_timeout),
            pool: self.pool.with(settings.pool),
            retry: settings.retry.unwrap_or(self.retry),
        }
    }
}

impl Pool {
    /// With what somebody says about it.
    #[must_use]
    pub fn with(self, settings: PoolSettings) -> Self {
        Self {
            size: settings.size.unwrap_or(self.size),
            acquire_timeout: settings.acquire_timeout.unwrap_or(self.acquire_timeout),
            max_waiting: settings.max_waiting.unwrap_or(self.max_waiting),
            overflow: settings.overflow.unwrap_or(self.overflow),
            idle_timeout: settings.idle_timeout.unwrap_or(self.idle_timeout),
            validation_query: settings.validation_query.unwrap_or(self.validation_query),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(delays: &[u64]) -> Vec<Duration> {
        delays.iter().copied().map(Duration::from_secs).collect()
    }

    #[test]
    fn retries_beyond_the_last_delay_wait_for_the_last_one() {
        assert_eq!(Retry::default().delays(), seconds(&[1, 2, 4]));
        assert_eq!(Retry::times(5).delays(), seconds(&[1, 2, 4, 4, 4]));
        assert_eq!(Retry::times(1).delays(), seconds(&[1]));
        assert_eq!(Retry::new(4, &seconds(&[1, 3])).unwrap().delays(), seconds(&[1, 3, 3, 3]));
        assert_eq!(Retry::new(0, &[]), Some(Retry::times(0)));
    }

    #[test]
    fn delays_that_shrink_or_that_nothing_waits_for_are_none() {
        for (max, delays) in [(1, &[1, 2][..]), (2, &[2, 1]), (1, &[]), (0, &[1]), (Retry::MOST + 1, &[1])] {
            assert_eq!(Retry::new(max, &seconds(delays)), None, "{max} {delays:?}");
        }
    }

    #[test]
    fn what_a_profile_says_wins_and_the_rest_stays() {
        let suite = Mysql::new("here".into(), "shop".into(), "loader".into());
        let pool = PoolSettings { size: NonZeroU16::new(3), ..PoolSettings::default() };
        let settings = MysqlSettings { host: Some("there".into()), pool, ..MysqlSettings::default() };
        let both = suite.clone().with(settings);
        assert_eq!((both.host.as_str(), both.pool.size.get()), ("there", 3));
        let back = MysqlSettings {
            host: Some("here".into()),
            pool: PoolSettings { size: NonZeroU16::new(10), ..PoolSettings::default() },
            ..MysqlSettings::default()
        };
        assert_eq!(both.with(back), suite);
    }
}
