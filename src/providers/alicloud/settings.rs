//! Settings of one account and region, checked, and what a workspace may override.

use super::credentials::CredentialSource;
use crate::platform::http::{Deadlines, HttpError, Origin, OriginError, Proxy};

/// Which of the vendor's hosts a region means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// `ververica.REGION.aliyuncs.com`
    #[default]
    Public,
    /// `ververica-vpc.REGION.aliyuncs.com`; written out, because the vendor's own table ignores the choice
    /// (ververica-api.md section 1).
    Vpc,
}

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureVersion {
    /// ACS3-HMAC-SHA256.
    #[default]
    Acs3,
    /// The classic HMAC-SHA1; opt-in.
    Roa,
}

/// Settings of one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `cn-hangzhou`, …; ignored when there is an endpoint.
    pub region: Option<String>,
    /// `HOST[:PORT]` or `http(s)://HOST[:PORT]`; plain HTTP only on loopback.
    pub endpoint: Option<String>,
    /// Public or VPC host of the region.
    pub network: Network,
    /// The signature.
    pub signature: SignatureVersion,
    /// Whether a registration also carries the declared definition (`sendDefinition`, design.md 3.1).
    pub send_definition: bool,
    /// The proxy.
    pub proxy: Proxy,
    /// The deadlines of a call.
    pub deadlines: Deadlines,
    /// Where the key comes from.
    pub credentials: CredentialSource,
}

/// What a workspace may have of its own (design.md 3.5, `workspaces`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkspaceSettings {
    /// Its region.
    pub region: Option<String>,
    /// Its endpoint.
    pub endpoint: Option<String>,
    /// Its key.
    pub credentials: Option<CredentialSource>,
}

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is nowhere to send requests.
    #[error(
        "neither region nor endpoint of Alibaba Cloud is set: set `region` in the profile of reconcile.yaml, or pass --ververica-endpoint"
    )]
    NoEndpoint,
    /// Not a region's name.
    #[error("`{region}` is not a region: use lower-case letters, digits and `-`, for example cn-hangzhou")]
    Region {
        /// The text.
        region: String,
    },
    /// Not an endpoint.
    #[error("the endpoint of Alibaba Cloud cannot be used: {0}")]
    Endpoint(#[from] OriginError),
    /// Credentials would cross a network in the clear.
    #[error("the endpoint {endpoint} is refused: plain http is for loopback addresses only, use https")]
    InTheClear {
        /// The endpoint.
        endpoint: Origin,
    },
    /// The HTTP client could not be built.
    #[error(transparent)]
    Client(#[from] HttpError),
}

impl Settings {
    /// These settings with what a workspace has of its own. A region of its own also replaces an inherited endpoint,
    /// which would otherwise win over it.
    #[must_use]
    pub fn with(&self, own: &WorkspaceSettings) -> Settings {
        let mut settings = self.clone();
        if own.region.is_some() || own.endpoint.is_some() {
            settings.region.clone_from(&own.region);
            settings.endpoint.clone_from(&own.endpoint);
        }
        if let Some(credentials) = &own.credentials {
            settings.credentials = credentials.clone();
        }
        settings
    }

    /// Where requests go.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub fn origin(&self) -> Result<Origin, SettingsError> {
        let origin = match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => Origin::parse(endpoint)?,
            (None, Some(region)) => {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                if region.is_empty() || !region.chars().all(plain) {
                    return Err(SettingsError::Region { region: region.clone() });
                }
                let host = match self.network {
                    Network::Public => "ververica",
                    Network::Vpc => "ververica-vpc",
                };
                Origin::parse(&format!("{host}.{region}.aliyuncs.com"))?
            }
            (None, None) => return Err(SettingsError::NoEndpoint),
        };
        if origin.travels_in_the_clear() {
            return Err(SettingsError::InTheClear { endpoint: origin });
        }
        Ok(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(region: Option<&str>, endpoint: Option<&str>) -> Settings {
        Settings { region: region.map(Into::into), endpoint: endpoint.map(Into::into), ..Settings::default() }
    }

    #[test]
    fn a_region_means_its_public_or_its_vpc_host_and_an_endpoint_wins() {
        let mut region = settings(Some("cn-hangzhou"), None);
        assert_eq!(region.origin().unwrap().to_string(), "https://ververica.cn-hangzhou.aliyuncs.com");
        region.network = Network::Vpc;
        assert_eq!(region.origin().unwrap().to_string(), "https://ververica-vpc.cn-hangzhou.aliyuncs.com");
        region.endpoint = Some("h.example:8443".to_owned());
        assert_eq!(region.origin().unwrap().to_string(), "https://h.example:8443");
    }

    #[test]
    fn nowhere_to_send_is_an_error_and_a_region_cannot_name_another_host() {
        assert_eq!(settings(None, None).origin(), Err(SettingsError::NoEndpoint));
        for bad in ["", "evil.example/", "a@b", "x.evil.example#", "CN"] {
            assert!(
                matches!(settings(Some(bad), None).origin(), Err(SettingsError::Region { .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(settings(None, Some("http://127.0.0.1:80")).origin().is_ok());
        let error = settings(None, Some("http://h.example")).origin().unwrap_err();
        assert!(matches!(error, SettingsError::InTheClear { .. }));
    }

    #[test]
    fn a_workspace_with_a_region_of_its_own_does_not_inherit_the_endpoint() {
        let own = WorkspaceSettings { region: Some("us-east-1".into()), ..WorkspaceSettings::default() };
        let merged = settings(None, Some("h.example")).with(&own);
        assert_eq!(merged.origin().unwrap().authority(), "ververica.us-east-1.aliyuncs.com");
        let same = settings(None, Some("h.example")).with(&WorkspaceSettings::default());
        assert_eq!(same.origin().unwrap().authority(), "h.example");
    }
}
