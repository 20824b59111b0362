//! The declared TLS modes, in terms of the driver, and what its failures mean.
//!
//! What the driver cannot do by itself is done here, explicitly:
//! - `preferred`: the driver either demands TLS or does not ask for it. The mode asks, and goes on without encryption only
//!   when the server does not offer any ([`is_unoffered`]); any other failure of TLS stays a failure.
//! - `verifyCa`: the driver's switch that leaves the host name out has no effect with this version of rustls, which names
//!   its error differently. The certificate is checked for the host first; when the chain is good and only the name is
//!   not, a second connection is checked for a name that the certificate presents ([`presented_name`]). Both connections
//!   check the whole chain. A certificate without any name (`subjectAltName`) cannot be checked that way and is refused.

use std::io;

use mysql_async::{DriverError, Error, IoError, SslOpts, TlsError};

use crate::domain::suite::mysql::{Authority, Tls};

/// The driver's options for a mode; `None` without encryption.
///
/// # Errors
/// The file of the authority cannot be used; the text says why.
pub(super) fn options(tls: &Tls) -> Result<Option<SslOpts>, String> {
    let authority = match tls {
        Tls::Disabled => return Ok(None),
        Tls::Preferred | Tls::Required => {
            return Ok(Some(SslOpts::default().with_danger_accept_invalid_certs(true)));
        }
        Tls::VerifyCa(authority) | Tls::VerifyIdentity(authority) => authority,
    };
    let options = match authority {
        Authority::Public => SslOpts::default(),
        Authority::File(path) => {
            let pem = crate::platform::fs::read(path, LARGEST_FILE).map_err(|error| error.to_string())?;
            if !pem.windows(MARK.len()).any(|part| part == MARK) {
                return Err(format!("{} holds no PEM certificate", path.display()));
            }
            let roots = vec![pem.into()];
            SslOpts::default().with_root_certs(roots).with_disable_built_in_roots(true)
        }
    };
    Ok(Some(options))
}

const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Bytes; the public authorities of an operating system are a fifth of it.
const LARGEST_FILE: u64 = 1 << 20;

/// Whether the server offers no encryption at all.
pub(super) fn is_unoffered(error: &Error) -> bool {
    matches!(error, Error::Driver(DriverError::NoClientSslFlagFromServer))
}

/// Why TLS failed; `None` when it was not TLS.
pub(super) fn failure(error: &Error) -> Option<String> {
    match error {
        Error::Driver(DriverError::NoClientSslFlagFromServer) => {
            Some("the server offers no encryption".to_owned())
        }
        Error::Io(IoError::Tls(TlsError::Pem(_))) => {
            Some("the caFile holds no readable certificate".to_owned())
        }
        Error::Io(IoError::Tls(other)) => Some(other.to_string()),
        _ => rustls_error(error).map(ToString::to_string),
    }
}

/// Of whom a certificate is whose chain is good, and which is not that of the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// Of a host with another name, or of several: one of them.
    Name(String),
    /// Of nobody that can be compared.
    Nobody,
}

/// Whether only the name of the host spoke against the certificate.
pub(super) fn presented_name(error: &Error) -> Option<Presented> {
    let rustls::Error::InvalidCertificate(rustls::CertificateError::NotValidForNameContext {
        expected: _,
        presented,
    }) = rustls_error(error)?
    else {
        return None;
    };
    Some(presented.iter().find_map(|name| name_in(name)).map_or(Presented::Nobody, Presented::Name))
}

/// The name in the verifier's notation: `DnsName("db.test")`, `IpAddress(127.0.0.1)`. Any host matches a wildcard.
fn name_in(notation: &str) -> Option<String> {
    let (_, rest) = notation.split_once('(')?;
    let name = rest.strip_suffix(')')?.trim_matches('"');
    let name = name.strip_prefix("*.").map_or_else(|| name.to_owned(), |domain| format!("any.{domain}"));
    rustls::pki_types::ServerName::try_from(name.as_str()).is_ok().then_some(name)
}

fn rustls_error(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Io(IoError::Io(io)) => io.get_ref()?.downcast_ref(),
        Error::Io(IoError::Tls(TlsError::Tls(error))) => Some(error),
        _ => None,
    }
}

/// Whether the other side ended the connection, or never made it.
pub(super) fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    match error {
        Error::Io(IoError::Io(io)) => Some(io.kind()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presented_name_is_read_and_anything_else_is_none() {
        assert_eq!(name_in("DnsName(\"db.test\")").as_deref(), Some("db.test"));
        assert_eq!(name_in("DnsName(\"*.db.test\")").as_deref(), Some("any.db.test"));
        assert_eq!(name_in("IpAddress(127.0.0.1)").as_deref(), Some("127.0.0.1"));
        assert_eq!(name_in("DirectoryName"), None);
        assert_eq!(name_in("DnsName(\"a b\")"), None);
    }

    #[test]
    fn an_authority_that_is_no_certificate_is_refused_before_anything_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        crate::platform::fs::write_new(&path, b"not a certificate").unwrap();
        let said = options(&Tls::VerifyCa(Authority::File(path))).unwrap_err();
        assert!(said.ends_with("ca.pem holds no PEM certificate"), "{said}");
        let missing = Authority::File(folder.path().join("missing.pem"));
        assert!(options(&Tls::VerifyIdentity(missing)).unwrap_err().contains("missing.pem"));
        assert!(options(&Tls::Disabled).unwrap().is_none());
    }
}
