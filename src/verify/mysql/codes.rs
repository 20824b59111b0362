//! The server's error numbers whose class matters: one table, for the program and for `docs/verify-errors.md`.
//!
//! Sources: MySQL is the MySQL Error Message Reference (server errors), MariaDB the error code page of that server's
//! documentation; `both` means that number and meaning are the same in both.

use super::class::{Class, Setting};

/// One error number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The number in the error packet.
    pub code: u16,
    /// Its symbol in the manuals.
    pub symbol: &'static str,
    /// What it means for the next step.
    pub class: Class,
    /// Why it is of this class.
    pub reason: &'static str,
    /// Whose number it is: `both`, `MySQL` or `MariaDB`.
    pub source: &'static str,
}

/// The entry of a number.
pub fn find(code: u16) -> Option<&'static Entry> {
    TABLE.binary_search_by_key(&code, |entry| entry.code).ok().and_then(|at| TABLE.get(at))
}

macro_rules! table {
    ($($code:literal $symbol:ident $class:expr, $source:literal, $reason:literal;)+) => {
        /// Every number, in order.
        pub const TABLE: &[Entry] = &[
            $(Entry {
                code: $code,
                symbol: stringify!($symbol),
                class: $class,
                reason: $reason,
                source: $source,
            },)+
        ];
    };
}

const GONE: Class = Class::Gone;
const TRANSIENT: Class = Class::Transient;
const ROW: Class = Class::RefusedRow;
const STATEMENT: Class = Class::RefusedStatement;
const FAULT: Class = Class::Fault;

table! {
    1020 ER_CHECKREAD TRANSIENT, "both", "another transaction changed the row that was read (snapshot isolation)";
    1021 ER_DISK_FULL TRANSIENT, "both", "the server waits for room on its disk";
    1022 ER_DUP_KEY ROW, "both", "a unique key has this value already";
    1037 ER_OUTOFMEMORY TRANSIENT, "both", "the server had no memory at that moment";
    1038 ER_OUT_OF_SORTMEMORY TRANSIENT, "both", "the server had no sort memory at that moment";
    1040 ER_CON_COUNT_ERROR Class::Configuration(Setting::Pool), "both", "all max_connections are taken; one may become free";
    1041 ER_OUT_OF_RESOURCES TRANSIENT, "both", "the server had no memory at that moment";
    1042 ER_BAD_HOST_ERROR Class::Configuration(Setting::Host), "both", "the server cannot resolve where we come from";
    1043 ER_HANDSHAKE_ERROR GONE, "both", "the login was cut or damaged on the way";
    1044 ER_DBACCESS_DENIED_ERROR Class::Configuration(Setting::Database), "both", "the user has no right in the database";
    1045 ER_ACCESS_DENIED_ERROR Class::Configuration(Setting::Credentials), "both", "no such user from here, or another password";
    1047 ER_UNKNOWN_COM_ERROR TRANSIENT, "both", "a Galera node that is not ready yet answers with it";
    1048 ER_BAD_NULL_ERROR ROW, "both", "NULL for a column that is NOT NULL";
    1049 ER_BAD_DB_ERROR Class::Configuration(Setting::Database), "both", "there is no such database";
    1050 ER_TABLE_EXISTS_ERROR STATEMENT, "both", "there is a table of this name already";
    1053 ER_SERVER_SHUTDOWN GONE, "both", "the server is being stopped";
    1054 ER_BAD_FIELD_ERROR STATEMENT, "both", "the table has no such column";
    1062 ER_DUP_ENTRY ROW, "both", "a unique key has this value already";
    1064 ER_PARSE_ERROR STATEMENT, "both", "the statement is not SQL";
    1077 ER_NORMAL_SHUTDOWN GONE, "both", "the server is being stopped";
    1079 ER_SHUTDOWN_COMPLETE GONE, "both", "the server has stopped";
    1080 ER_FORCING_CLOSE GONE, "both", "the server closes the connection by force";
    1105 ER_UNKNOWN_ERROR FAULT, "both", "the server does not say what happened";
    1115 ER_UNKNOWN_CHARACTER_SET Class::Configuration(Setting::Charset), "both", "the server does not know this character set";
    1118 ER_TOO_BIG_ROWSIZE ROW, "both", "the row does not fit a page";
    1129 ER_HOST_IS_BLOCKED Class::Configuration(Setting::Host), "both", "blocked after many failed connections, until FLUSH HOSTS";
    1130 ER_HOST_NOT_PRIVILEGED Class::Configuration(Setting::Username), "both", "no account may come from this address";
    1135 ER_CANT_CREATE_THREAD TRANSIENT, "both", "the server had no thread to give";
    1136 ER_WRONG_VALUE_COUNT_ON_ROW STATEMENT, "both", "not as many values as columns";
    1142 ER_TABLEACCESS_DENIED_ERROR STATEMENT, "both", "the user may not do this to the table";
    1143 ER_COLUMNACCESS_DENIED_ERROR STATEMENT, "both", "the user may not do this to the column";
    1146 ER_NO_SUCH_TABLE STATEMENT, "both", "there is no such table";
    1152 ER_ABORTING_CONNECTION GONE, "both", "the server gave the connection up";
    1153 ER_NET_PACKET_TOO_LARGE ROW, "both", "the row is larger than max_allowed_packet; such a row is refused before it is sent";
    1158 ER_NET_READ_ERROR GONE, "both", "the network failed while the server read";
    1159 ER_NET_READ_INTERRUPTED GONE, "both", "the server waited too long for us";
    1160 ER_NET_ERROR_ON_WRITE GONE, "both", "the network failed while the server wrote";
    1161 ER_NET_WRITE_INTERRUPTED GONE, "both", "we read too slowly for the server";
    1180 ER_ERROR_DURING_COMMIT TRANSIENT, "both", "a cluster refused the commit; nothing was written";
    1184 ER_NEW_ABORTING_CONNECTION GONE, "both", "the server gave the connection up";
    1203 ER_TOO_MANY_USER_CONNECTIONS Class::Configuration(Setting::Pool), "both", "all connections of the user are taken; one may become free";
    1205 ER_LOCK_WAIT_TIMEOUT TRANSIENT, "both", "another transaction held a lock for too long";
    1206 ER_LOCK_TABLE_FULL TRANSIENT, "both", "there was no room for another lock";
    1213 ER_LOCK_DEADLOCK TRANSIENT, "both", "the server chose this transaction to end a deadlock; it was rolled back";
    1216 ER_NO_REFERENCED_ROW ROW, "both", "a foreign key points to nothing";
    1217 ER_ROW_IS_REFERENCED ROW, "both", "another row points to this one";
    1226 ER_USER_LIMIT_REACHED Class::Configuration(Setting::Pool), "both", "a limit of the user is reached, mostly of connections";
    1227 ER_SPECIFIC_ACCESS_DENIED_ERROR STATEMENT, "both", "the user lacks a privilege";
    1243 ER_UNKNOWN_STMT_HANDLER GONE, "both", "the server forgot a prepared statement: the session is not ours any more";
    1251 ER_NOT_SUPPORTED_AUTH_MODE Class::Configuration(Setting::Username), "both", "the account uses a way to log in that we do not have";
    1264 ER_WARN_DATA_OUT_OF_RANGE ROW, "both", "a number does not fit its column";
    1265 WARN_DATA_TRUNCATED ROW, "both", "a value does not fit its column";
    1290 ER_OPTION_PREVENTS_STATEMENT TRANSIENT, "both", "read_only: the server was made a replica and may be made a primary again";
    1292 ER_TRUNCATED_WRONG_VALUE ROW, "both", "a text is no number, date or time";
    1300 ER_INVALID_CHARACTER_STRING ROW, "both", "a text is not of its character set";
    1317 ER_QUERY_INTERRUPTED TRANSIENT, "both", "somebody killed the statement, not the connection";
    1364 ER_NO_DEFAULT_FOR_FIELD STATEMENT, "both", "a column without default gets no value, in any row";
    1365 ER_DIVISION_BY_ZERO ROW, "both", "an expression of the table divided by zero";
    1366 ER_TRUNCATED_WRONG_VALUE_FOR_FIELD ROW, "both", "a value is not of the type or the character set of its column";
    1390 ER_PS_MANY_PARAM STATEMENT, "both", "more than 65,535 placeholders";
    1406 ER_DATA_TOO_LONG ROW, "both", "a text is longer than its column";
    1411 ER_WRONG_VALUE_FOR_TYPE ROW, "both", "a value is wrong for a function";
    1412 ER_TABLE_DEF_CHANGED TRANSIENT, "both", "the table was changed; a new transaction sees it as it is";
    1416 ER_CANT_CREATE_GEOMETRY_OBJECT ROW, "both", "a value is no geometry";
    1451 ER_ROW_IS_REFERENCED_2 ROW, "both", "another row points to this one";
    1452 ER_NO_REFERENCED_ROW_2 ROW, "both", "a foreign key points to nothing";
    1461 ER_MAX_PREPARED_STMT_COUNT_REACHED TRANSIENT, "both", "others hold all prepared statements; one may become free";
    1467 ER_AUTOINC_READ_FAILED ROW, "both", "the column that counts up is at its end";
    1526 ER_NO_PARTITION_FOR_GIVEN_VALUE ROW, "both", "no partition takes this value";
    1586 ER_DUP_ENTRY_WITH_KEY_NAME ROW, "both", "a unique key has this value already";
    1614 ER_XA_RBDEADLOCK TRANSIENT, "both", "the transaction was rolled back to end a deadlock";
    1615 ER_NEED_REPREPARE TRANSIENT, "both", "the table was changed while the statement was prepared";
    1637 ER_TOO_MANY_CONCURRENT_TRXS TRANSIENT, "both", "the server had no room for another transaction";
    1644 ER_SIGNAL_EXCEPTION ROW, "both", "a trigger refused the row";
    1690 ER_DATA_OUT_OF_RANGE ROW, "both", "an expression of the table is out of range";
    1698 ER_ACCESS_DENIED_NO_PASSWORD_ERROR Class::Configuration(Setting::Username), "both", "the account logs in without password, from the socket only";
    1748 ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET ROW, "both", "the row belongs into another partition";
    1820 ER_MUST_CHANGE_PASSWORD Class::Configuration(Setting::Password), "both", "the password has expired";
    1836 ER_READ_ONLY_MODE TRANSIENT, "both", "the server was made a replica and may be made a primary again";
    1862 ER_MUST_CHANGE_PASSWORD_LOGIN Class::Configuration(Setting::Password), "both", "the password has expired";
    1906 ER_WARNING_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN STATEMENT, "MariaDB", "a generated column is written";
    1927 ER_CONNECTION_KILLED GONE, "MariaDB", "somebody killed the connection";
    1969 ER_STATEMENT_TIMEOUT TRANSIENT, "MariaDB", "the server ended the statement at max_statement_time";
    3024 ER_QUERY_TIMEOUT TRANSIENT, "MySQL", "the server ended the statement at max_execution_time";
    3058 ER_USER_LOCK_DEADLOCK TRANSIENT, "MySQL", "the server ended a deadlock of user locks";
    3101 ER_TRANSACTION_ROLLBACK_DURING_COMMIT TRANSIENT, "MySQL", "group replication found a conflict; nothing was written";
    3105 ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN STATEMENT, "MySQL", "a generated column is written";
    3118 ER_ACCOUNT_HAS_BEEN_LOCKED Class::Configuration(Setting::Username), "MySQL", "the account is locked";
    3140 ER_INVALID_JSON_TEXT ROW, "MySQL", "a text is no JSON";
    3141 ER_INVALID_JSON_TEXT_IN_PARAM ROW, "MySQL", "a text is no JSON";
    3144 ER_INVALID_JSON_CHARSET ROW, "MySQL", "JSON is not of a UTF-8 character set";
    3157 ER_JSON_DOCUMENT_TOO_DEEP ROW, "MySQL", "JSON is nested too deeply";
    3159 ER_SECURE_TRANSPORT_REQUIRED Class::Configuration(Setting::Tls), "MySQL", "the server takes encrypted connections only";
    3168 ER_SERVER_ISNT_AVAILABLE GONE, "MySQL", "the server is starting or being stopped";
    3572 ER_LOCK_NOWAIT TRANSIENT, "MySQL", "another transaction holds the lock";
    3819 ER_CHECK_CONSTRAINT_VIOLATED ROW, "MySQL", "a check constraint refuses the row";
    3854 ER_CANNOT_CONVERT_STRING ROW, "MySQL", "a text cannot be converted to the character set of its column";
    3955 ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK Class::Configuration(Setting::Username), "MySQL", "blocked after many wrong passwords";
    4025 ER_CONSTRAINT_FAILED ROW, "MariaDB", "a check constraint refuses the row, or a text is no JSON";
    4031 ER_CLIENT_INTERACTION_TIMEOUT GONE, "MySQL", "the connection idled for longer than wait_timeout";
    4151 ER_ACCOUNT_HAS_BEEN_LOCKED Class::Configuration(Setting::Username), "MariaDB", "the account is locked";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_number_is_found() {
        assert!(TABLE.is_sorted_by(|one, next| one.code < next.code));
        for entry in TABLE {
            assert_eq!(find(entry.code), Some(entry));
        }
        assert_eq!(find(1), None);
    }

    #[test]
    fn every_number_says_why_and_from_where() {
        for entry in TABLE {
            assert!(entry.reason.len() > 10 && !entry.reason.ends_with('.'), "{entry:?}");
            assert!(["both", "MySQL", "MariaDB"].contains(&entry.source), "{entry:?}");
            assert!(entry.symbol.starts_with("ER_") || entry.symbol.starts_with("WARN_"), "{entry:?}");
        }
    }
}
