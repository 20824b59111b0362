//! What the pool needs from connections, as a port: the real one is [`Client`], tests bring their own.

use super::super::client::Client;
use super::super::error::MysqlError;
use super::super::session::Session;

/// Opens, checks and closes connections.
pub trait Connector: Send + Sync + 'static {
    /// What is pooled.
    type Connection: Send + 'static;

    /// Opens one.
    ///
    /// # Errors
    /// [`MysqlError`]; nothing is left open then.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, MysqlError>> + Send;

    /// Asks whether one that idled still works.
    ///
    /// # Errors
    /// [`MysqlError`]; the connection is of no use then.
    fn validate(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), MysqlError>> + Send;

    /// Closes one in whatever condition it is; complete when it is closed.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send;

    /// Whether the next caller may have it.
    fn is_reusable(&self, connection: &Self::Connection) -> bool;
}

impl Connector for Client {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, MysqlError> {
        Client::connect(self).await
    }

    async fn validate(&self, session: &mut Session) -> Result<(), MysqlError> {
        session.validate(&self.declared().pool.validation_query).await
    }

    async fn close(&self, session: Session) {
        if let Err(error) = session.close().await {
            tracing::trace!(%error, "the connection did not end in order");
        }
    }

    fn is_reusable(&self, session: &Session) -> bool {
        session.is_reusable()
    }
}
