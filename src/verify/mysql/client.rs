//! Opens sessions as `spec.mysql` declares them, and says what is wrong with the declaration when that fails.
//!
//! Promises: a session that comes out is ready ([`Session`]); the password leaves this module towards the server only; a
//! failure is one [`MysqlError`] whose setting is the most precise one that can be told without guessing (Property 3).

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use mysql_async::{Conn, DriverError, Error, OptsBuilder};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::class::Setting;
use super::error::{MysqlError, Operation};
use super::session::Session;
use super::tls::{self, Presented};
use crate::domain::suite::mysql::{Mysql, Tls};

/// How often the operating system asks a silent peer whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a diagnosis may look whether somebody listens at the port.
const LOOK: Duration = Duration::from_secs(1);

/// Knows how the database is reached. Its `Debug` shows where the password comes from, and no more.
#[derive(Debug, Clone)]
pub struct Client {
    mysql: Arc<Mysql>,
    /// Where the connections go, if not to the declared address itself.
    via: Option<SocketAddr>,
}

impl Client {
    /// A client of this database.
    ///
    /// # Errors
    /// [`MysqlError::Misconfigured`]: the password has a source and was not resolved, or the authority of `tls` cannot be
    /// read.
    pub fn new(mysql: Mysql) -> Result<Self, MysqlError> {
        let client = Self { mysql: Arc::new(mysql), via: None };
        client.password()?;
        client.options(&client.mysql.tls, None)?;
        Ok(client)
    }

    /// The same by way of somebody who listens there and passes everything on (Property 13). A certificate is still that of
    /// the declared host.
    #[must_use]
    pub fn through(&self, via: SocketAddr) -> Self {
        Self { via: Some(via), ..self.clone() }
    }

    /// What is declared.
    pub fn declared(&self) -> &Mysql {
        &self.mysql
    }

    /// Opens a session: address, TCP, TLS, login, settings; within `connectTimeout`.
    ///
    /// # Errors
    /// [`MysqlError`]; nothing is left open then.
    pub async fn connect(&self) -> Result<Session, MysqlError> {
        let limit = self.mysql.connect_timeout;
        let addresses = match timeout(limit, self.resolve()).await {
            Ok(resolved) => resolved?,
            Err(_elapsed) => {
                return Err(unreachable(Setting::Host, "the name service did not answer".to_owned()));
            }
        };
        match timeout(limit, self.open(&addresses)).await {
            Ok(opened) => opened,
            Err(_elapsed) => Err(self.silence(&addresses).await),
        }
    }

    async fn open(&self, addresses: &[IpAddr]) -> Result<Session, MysqlError> {
        let conn = match self.log_in(&self.mysql.tls, addresses, None).await {
            Ok(conn) => conn,
            Err(error) => self.second_chance(addresses, error).await?,
        };
        Session::prepare(conn, &self.mysql).await
    }

    /// What the driver cannot do in one go; see [`tls`].
    async fn second_chance(&self, addresses: &[IpAddr], error: Error) -> Result<Conn, MysqlError> {
        let again = match &self.mysql.tls {
            Tls::Preferred if tls::is_unoffered(&error) => self.log_in(&Tls::Disabled, addresses, None).await,
            verify @ Tls::VerifyCa(_) => match tls::presented_name(&error) {
                Some(Presented::Name(name)) => self.log_in(verify, addresses, Some(name)).await,
                Some(Presented::Nobody) => {
                    let detail = "the server's certificate presents no name (subjectAltName), and such a certificate \
                                  cannot be verified";
                    return Err(misconfigured(Setting::Tls, detail.to_owned()));
                }
                None => Err(error),
            },
            _ => Err(error),
        };
        again.map_err(|error| diagnose(&error))
    }

    async fn log_in(
        &self,
        mode: &Tls,
        addresses: &[IpAddr],
        certificate_name: Option<String>,
    ) -> Result<Conn, Error> {
        let options = self.options(mode, certificate_name).map_err(|error| Error::Other(Box::new(error)))?;
        Conn::new(options.resolved_ips(Some(addresses.to_vec()))).await
    }

    fn options(&self, mode: &Tls, certificate_name: Option<String>) -> Result<OptsBuilder, MysqlError> {
        let mysql = &self.mysql;
        let mut tls = tls::options(mode).map_err(|detail| misconfigured(Setting::Tls, detail))?;
        if let Some(name) = certificate_name {
            tls = tls.map(|tls| tls.with_danger_tls_hostname_override(Some(name)));
        }
        Ok(OptsBuilder::default()
            .ip_or_hostname(mysql.host.clone())
            .tcp_port(self.port())
            .user(Some(mysql.username.clone()))
            .pass(self.password()?.map(|password| password.expose_secret().to_owned()))
            .db_name(Some(mysql.database.clone()))
            .ssl_opts(tls)
            .tcp_keepalive(Some(KEEP_ALIVE))
            // The way to the server is the declared one: a socket beside it would go round a proxy.
            .prefer_socket(false))
    }

    fn password(&self) -> Result<Option<&SecretString>, MysqlError> {
        match &self.mysql.password {
            None => Ok(None),
            Some(sealed) => match sealed.content() {
                Some(content) => Ok(Some(content)),
                None => Err(misconfigured(
                    Setting::Password,
                    format!("the value of {} is not at hand", sealed.source()),
                )),
            },
        }
    }

    fn port(&self) -> u16 {
        self.via.map_or(self.mysql.port.get(), |via| via.port())
    }

    async fn resolve(&self) -> Result<Vec<IpAddr>, MysqlError> {
        if let Some(via) = self.via {
            return Ok(vec![via.ip()]);
        }
        let (host, port) = (self.mysql.host.as_str(), self.mysql.port.get());
        let no_address = |detail: String| unreachable(Setting::Host, detail);
        let found = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| no_address(format!("{host} has no address: {error}")))?;
        let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        if addresses.is_empty() { Err(no_address(format!("{host} has no address"))) } else { Ok(addresses) }
    }

    /// Nobody answered in time: does anybody listen there?
    async fn silence(&self, addresses: &[IpAddr]) -> MysqlError {
        let (host, port) = (&self.mysql.host, self.port());
        let waited = self.mysql.connect_timeout.as_millis();
        let addresses: Vec<SocketAddr> =
            addresses.iter().map(|address| SocketAddr::new(*address, port)).collect();
        match timeout(LOOK, TcpStream::connect(&*addresses)).await {
            Ok(Ok(_listening)) => unreachable(
                Setting::Port,
                format!("{host} accepts connections on port {port} and said nothing useful for {waited} ms"),
            ),
            Ok(Err(_)) | Err(_) => {
                unreachable(Setting::Host, format!("{host} did not answer on port {port} within {waited} ms"))
            }
        }
    }
}

fn unreachable(setting: Setting, detail: String) -> MysqlError {
    MysqlError::Unreachable { setting, detail }
}

fn misconfigured(setting: Setting, detail: String) -> MysqlError {
    MysqlError::Misconfigured { setting, detail, answer: None }
}

/// What the failure of a login says about the declaration.
fn diagnose(error: &Error) -> MysqlError {
    if let Error::Other(inner) = error
        && let Some(ours) = inner.downcast_ref::<MysqlError>()
    {
        return ours.clone();
    }
    if let Some(detail) = tls::failure(error) {
        return misconfigured(Setting::Tls, detail);
    }
    if let Some(kind) = tls::io_kind(error) {
        let detail = error.to_string();
        return match kind {
            ErrorKind::ConnectionRefused => unreachable(Setting::Port, detail),
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::TimedOut
            | ErrorKind::AddrNotAvailable
            | ErrorKind::InvalidInput => unreachable(Setting::Host, detail),
            ErrorKind::InvalidData | ErrorKind::Other => unreachable(Setting::Port, foreign(&detail)),
            _ => MysqlError::of_driver(Operation::Connect, error),
        };
    }
    match error {
        // MySQL asks for some plugin or other where the account does not exist, so that nobody can find out that it does not.
        Error::Driver(DriverError::UnknownAuthPlugin { .. }) => {
            misconfigured(Setting::Credentials, error.to_string())
        }
        Error::Driver(DriverError::MysqlOldPasswordDisabled | DriverError::CleartextPluginDisabled) => {
            misconfigured(Setting::Username, error.to_string())
        }
        Error::Driver(DriverError::UnexpectedPacket { .. } | DriverError::PacketOutOfOrder) => {
            unreachable(Setting::Port, foreign("unexpected packet"))
        }
        _ => MysqlError::of_driver(Operation::Connect, error),
    }
}

fn foreign(detail: &str) -> String {
    format!("what answers there does not speak the MySQL protocol ({detail})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::desired::Origin;
    use crate::domain::secret::{Fingerprint, Sealed, Source};

    fn declared() -> Mysql {
        Mysql::new("127.0.0.1".into(), "shop".into(), "loader".into())
    }

    fn sealed() -> Sealed {
        let origin = Origin { file: "suite.yaml".into(), line: 1, column: 1 };
        Sealed::declared(Source::Env("MYSQL_PASSWORD".into()), origin)
    }

    #[test]
    fn a_password_that_was_not_resolved_is_noticed_before_anything_is_sent() {
        let mysql = Mysql { password: Some(sealed()), ..declared() };
        let error = Client::new(mysql).unwrap_err();
        assert_eq!(error.setting(), Some(Setting::Password));
        assert!(error.to_string().contains("env MYSQL_PASSWORD"), "{error}");
    }

    #[test]
    fn a_client_does_not_print_its_password() {
        let fingerprint = Fingerprint { fingerprint: "hmac-sha256:00".into() };
        let password = sealed().resolved(SecretString::from("hunter2-canary"), fingerprint);
        let client = Client::new(Mysql { password: Some(password), ..declared() }).unwrap();
        assert!(!format!("{client:?}").contains("canary"));
    }

    #[tokio::test]
    async fn a_name_without_address_is_the_hosts_fault() {
        let mysql = Mysql { host: "nowhere.invalid".into(), ..declared() };
        let error = Client::new(mysql).unwrap().connect().await.err().unwrap();
        assert_eq!(error.setting(), Some(Setting::Host), "{error}");
        assert!(error.is_retryable());
    }
}
