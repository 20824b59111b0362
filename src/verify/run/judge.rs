//! From the number of a property to its verdict: the functions that the tests of the properties call.

use std::sync::Arc;
use std::time::Duration;

use super::server::Server;
use crate::domain::suite::mysql::{Mysql, Retry};
use crate::domain::suite::scenario::Property;
use crate::domain::suite::verdict::Verdict;
use crate::verify::mysql::client::Client;
use crate::verify::property::{
    OutageKind, PooledWriter, ServerTrip, SuiteReader, Trial, Writing, connection_establishment,
    constraint_violation, custom_transformation, debug_traces, environment_configuration,
    external_configuration, invalid_configuration, json_flattening, large_text, metrics_collection,
    network_recovery, null_handling, numeric_precision, operation_logging, pool_resources, pool_status,
    resource_cleanup, row_integrity, schema_management, statement_recovery, structured_errors,
    timestamp_conversion, transaction_boundaries, type_mapping, unavailability, utf8_preservation,
    validation_errors,
};
use crate::verify::proxy::FaultProxy;

/// What is judged.
#[derive(Clone)]
pub(super) struct Subject {
    /// The database, with its password.
    pub(super) mysql: Mysql,
    /// What the server takes in a packet, in bytes.
    pub(super) packet: usize,
    /// Whose it is.
    pub(super) server: Server,
    /// Who reads the files of a project.
    pub(super) reader: Arc<dyn SuiteReader>,
}

/// The most that a try to connect to a server that stands still may take: outages are waited out many times.
const LIMIT: Duration = Duration::from_millis(500);
/// By so much a stall is longer than a query may take.
const STALL: Duration = Duration::from_millis(100);
/// The pauses between attempts are so many times shorter than declared, for the same reason.
const TIME_DIVISOR: u32 = 100;
/// A property for which a server is stopped and started is tried so many times less.
const SLOW: u32 = 8;

impl Subject {
    /// Tries the property. Blocks: call it from a thread of its own.
    pub(super) fn judge(&self, property: Property, trial: Trial) -> Verdict {
        let client = match Client::new(self.mysql.clone()) {
            Ok(client) => client,
            Err(error) => return Verdict::NotApplicable { reason: error.to_string() },
        };
        let open = async || ServerTrip::connect(&client).await;
        match property.number() {
            1 => connection_establishment(&(), std::slice::from_ref(&self.mysql), trial),
            2 | 23 => not_applicable("JARs are loaded by a Flink cluster, and `engine: native` has none"),
            3 if self.mysql.password.is_none() => {
                not_applicable("the account has no password, so that none would be missed")
            }
            3 => invalid_configuration(&(), &self.mysql, trial),
            4 => self.unavailability(trial),
            5 => pool_resources(&client, &client, trial),
            6 => type_mapping(open, trial),
            7 => row_integrity(open, trial),
            8 => null_handling(open, trial),
            9 => large_text(open, self.packet, trial),
            10 => numeric_precision(open, trial),
            11 => constraint_violation(&(), &client, trial),
            12 => statement_recovery(&(), &client, trial),
            13 => self.network_recovery(&client, trial),
            14 => validation_errors(&(), &client, trial),
            15 => {
                let retry = Retry::new(5, &[Duration::from_millis(5)]).unwrap_or_default();
                transaction_boundaries(|| PooledWriter::new(&client, retry.clone()), &client, trial)
            }
            16 => operation_logging(&(), &client, trial),
            17 => structured_errors(&(), &client, trial),
            18 => metrics_collection(&(), &client, trial),
            19 => pool_status(&client, &client, trial),
            20 => debug_traces(&(), &client, trial),
            21 => external_configuration(&*self.reader, trial),
            22 => environment_configuration(&*self.reader, trial),
            24 => self.alone(|client| schema_management(&(), client, trial)),
            25 => self.alone(|client| resource_cleanup(&Writing, client, trial)),
            31 => json_flattening(&(), &client, trial),
            32 => timestamp_conversion(open, trial),
            33 => utf8_preservation(open, trial),
            35 => custom_transformation(&(), &client, trial),
            // Load, and faults at scale.
            _ => not_applicable("this version does not judge it yet"),
        }
    }

    /// In a database that nobody else uses: what is there is counted, and whoever is there is killed.
    fn alone(&self, judged: impl FnOnce(&Client) -> Verdict) -> Verdict {
        let Server::Own(server) = &self.server else {
            return not_applicable("it needs a database that nobody else uses: --start-mysql makes one");
        };
        let mysql = Mysql { database: server.alone().to_owned(), ..self.mysql.clone() };
        Client::new(mysql).map_or_else(|error| not_applicable(&error.to_string()), |client| judged(&client))
    }

    /// How much less than the others a property is tried.
    pub(super) fn share(property: Property) -> u32 {
        if property.number() == 4 { SLOW } else { 1 }
    }

    /// On the way through a proxy of its own: nothing happens to the database itself.
    fn network_recovery(&self, direct: &Client, trial: Trial) -> Verdict {
        let proxy = match FaultProxy::start(&self.mysql.host, self.mysql.port.get()) {
            Ok(proxy) => Arc::new(proxy),
            Err(error) => return not_applicable(&format!("there is no port for a proxy: {error}")),
        };
        let mysql = Mysql {
            connect_timeout: self.mysql.connect_timeout.min(LIMIT),
            query_timeout: self.mysql.query_timeout.min(LIMIT),
            ..self.mysql.clone()
        };
        let stall = mysql.query_timeout + STALL;
        let through = match Client::new(mysql) {
            Ok(client) => client.through(proxy.address()),
            Err(error) => return not_applicable(&error.to_string()),
        };
        network_recovery(&(), &proxy, direct, &through, stall, trial)
    }

    fn unavailability(&self, trial: Trial) -> Verdict {
        const ALL: &[OutageKind] = &[OutageKind::Stopped, OutageKind::Killed, OutageKind::Silent];
        let kinds = match self.server {
            Server::Theirs => &[],
            Server::Own(_) => ALL,
        };
        let mysql = Mysql {
            connect_timeout: self.mysql.connect_timeout.min(LIMIT),
            query_timeout: self.mysql.query_timeout.min(LIMIT),
            ..self.mysql.clone()
        };
        let client = match Client::new(mysql) {
            Ok(client) => client,
            Err(error) => return Verdict::NotApplicable { reason: error.to_string() },
        };
        let delays: Vec<Duration> =
            self.mysql.retry.delays().iter().map(|delay| *delay / TIME_DIVISOR).collect();
        let retries = u32::try_from(delays.len()).unwrap_or(u32::MAX);
        let declared = Retry::new(retries, &delays).unwrap_or_default();
        unavailability(&self.server, || client.clone(), &declared, kinds, trial)
    }
}

fn not_applicable(reason: &str) -> Verdict {
    Verdict::NotApplicable { reason: reason.to_owned() }
}
