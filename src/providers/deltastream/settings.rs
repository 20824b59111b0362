//! Settings of one DeltaStream organization, checked. It must not know what is sent.

use std::time::Duration;

use secrecy::SecretString;

use crate::platform::http::{Deadlines, Origin, OriginError, Proxy};

/// Where the service is, unless a profile says otherwise (deltastream-api section 1).
pub const DEFAULT_URL: &str = "https://api.deltastream.io/v2";

/// How long one statement may take, from its first byte to its last row.
const STATEMENT_DEADLINE: Duration = Duration::from_mins(1);

/// The vendor's variable of the API token.
const TOKEN: &str = "DELTASTREAM_API_TOKEN";

/// Where the API token comes from.
#[derive(Debug, Clone, Default)]
pub enum TokenSource {
    /// `DELTASTREAM_API_TOKEN`, read with the first call.
    #[default]
    Environment,
    /// Another variable, read with the first call: a folder may serve several organizations.
    Variable(String),
    /// This one; for the emulator.
    Static(SecretString),
}

impl TokenSource {
    /// The variable that holds the token.
    pub fn variable(&self) -> &str {
        match self {
            TokenSource::Variable(name) => name,
            TokenSource::Environment | TokenSource::Static(_) => TOKEN,
        }
    }
}

/// Settings of one organization.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Scheme, host and base path; [`DEFAULT_URL`] when left out. Plain HTTP on loopback only.
    pub url: Option<String>,
    /// Name or id; `DELTASTREAM_ORGANIZATION` when left out, and without that the token's own.
    pub organization: Option<String>,
    /// `DELTASTREAM_ROLE` when left out, and without that the token's default role.
    pub role: Option<String>,
    /// The proxy.
    pub proxy: Proxy,
    /// The deadlines.
    pub deadlines: StatementDeadlines,
    /// Where the token comes from.
    pub token: TokenSource,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementDeadlines {
    /// One HTTP call.
    pub call: Deadlines,
    /// A whole statement: submitting, polling, fetching.
    pub statement: Duration,
}

impl Default for StatementDeadlines {
    fn default() -> Self {
        Self { call: Deadlines::default(), statement: STATEMENT_DEADLINE }
    }
}

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an address.
    #[error("the address of DeltaStream cannot be used: {0}")]
    Address(#[from] OriginError),
    /// Its path is more than a plain one. The text is not repeated: it may hold a token.
    #[error(
        "the address of DeltaStream cannot be used: its path has a query, an escape or a dot segment; write for example {DEFAULT_URL}"
    )]
    Path,
    /// The token would cross a network in the clear.
    #[error(
        "the address {origin} of DeltaStream is refused: plain http is for loopback addresses only, use https"
    )]
    InTheClear {
        /// Where it would go.
        origin: Origin,
    },
}

/// Where the endpoints of the API hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: Origin,
    path: String,
}

impl BaseUrl {
    /// Reads `https://HOST[:PORT][/PATH]`. The path, `/v2` usually, is part of the address: nothing is added to it.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let start = text.find("://").map_or(0, |at| at + "://".len());
        let slash = text.get(start..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| start + at);
        let (authority, path) = text.split_at(slash);
        let origin = Origin::parse(authority)?;
        if origin.travels_in_the_clear() {
            return Err(SettingsError::InTheClear { origin });
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
        let folded = path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".."));
        if folded || !path.chars().all(plain) {
            return Err(SettingsError::Path);
        }
        Ok(Self { origin, path: path.to_owned() })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The target of an endpoint below the base path; `endpoint` begins with `/`.
    pub(super) fn target(&self, endpoint: &str) -> String {
        format!("{}{endpoint}", self.path)
    }
}

impl Settings {
    /// Where the service is.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub fn base(&self) -> Result<BaseUrl, SettingsError> {
        BaseUrl::parse(self.url.as_deref().unwrap_or(DEFAULT_URL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> String {
        let base = BaseUrl::parse(url).unwrap();
        format!("{}{}", base.origin(), base.target("/statements"))
    }

    #[test]
    fn the_path_of_the_address_is_kept_and_nothing_is_added() {
        assert_eq!(target(DEFAULT_URL), "https://api.deltastream.io/v2/statements");
        assert_eq!(
            target("https://api-x1.deltastream.io:8443/v2/"),
            "https://api-x1.deltastream.io:8443/v2/statements"
        );
        assert_eq!(target("h.example"), "https://h.example/statements");
        assert_eq!(target("http://[::1]:80/a/v2"), "http://[::1]:80/a/v2/statements");
        assert_eq!(Settings::default().base(), BaseUrl::parse(DEFAULT_URL));
    }

    #[test]
    fn an_address_that_means_another_place_or_crosses_a_network_in_the_clear_is_refused() {
        for bad in ["https://h/v2?x=1", "https://h/../v2", "https://h//v2", "https://h/v%32", "https://h/a#b"]
        {
            assert_eq!(BaseUrl::parse(bad), Err(SettingsError::Path), "{bad}");
        }
        for bad in ["", "ftp://h/v2", "https://user:pw@h/v2", "https://?x/v2"] {
            assert!(matches!(BaseUrl::parse(bad), Err(SettingsError::Address(_))), "{bad}");
        }
        assert!(matches!(BaseUrl::parse("http://h.example/v2"), Err(SettingsError::InTheClear { .. })));
    }

    #[test]
    fn settings_never_print_the_token() {
        let token = TokenSource::Static(SecretString::from("canary"));
        let text = format!("{:?}", Settings { token, ..Settings::default() });
        assert!(!text.contains("canary"), "{text}");
    }
}
