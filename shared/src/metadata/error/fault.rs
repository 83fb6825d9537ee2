//! The rules that decide whether the database or the service is at fault for an error of diesel.
//!
//! The SQLSTATE of PostgreSQL would answer this alone: classes 08, 40, 53, 57 and 58 and code 25006 are the database's
//! fault, and all others are ours. But diesel-async turns the SQLSTATE into a `DatabaseErrorKind` and keeps it nowhere
//! else, and most codes have the kind `Unknown`. So the rules use what remains, in this order:
//!
//! 1. The kind, where there is one: 40001, 25006 and lost connections (a part of class 08) are the database's fault;
//!    violated constraints (class 23) are ours.
//! 2. The message of an outage, in English. It comes before the position, since a statement that waits for a lock while
//!    it is parsed gets a position even if the server shuts down.
//! 3. A position in the statement's text. PostgreSQL gives one when it parses a statement, which means class 42 (a
//!    missing column, table, function or type, or a syntax error), except in the case above.
//! 4. A table, column or constraint that the error names, which only classes 22 and 23 have.
//! 5. The message of a defect, in English. A server with another `lc_messages` says it in another language, and then
//!    the answer is `Unclear`.
//!
//! The messages of SQLite are always in English and are part of its source (`sqlite3ErrStr`), so its errors are never
//! unclear.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

/// The database that gave an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metadata) enum Server {
    Sqlite,
    Postgres,
}

/// The side that is at fault for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metadata) enum Fault {
    /// The database is away, overloaded or full. The statement may succeed at another try.
    Database,
    /// The schema or the program is wrong. The statement would fail again.
    Service,
    /// The error of PostgreSQL does not show who is at fault.
    Unclear,
}

/// The messages of `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_CANTOPEN`,
/// `SQLITE_READONLY`, `SQLITE_NOMEM`, `SQLITE_PROTOCOL` and `SQLITE_INTERRUPT`: the disk, or another process, is in the
/// way. <https://www.sqlite.org/rescode.html>
const SQLITE_OUTAGES: [&str; 9] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "out of memory",
    "locking protocol",
    "interrupted",
];

/// How the messages of SQLSTATE classes 40, 53, 57 and 58 begin.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const POSTGRES_OUTAGES: [&str; 11] = [
    "deadlock detected",
    "could not serialize",
    "out of memory",
    "out of shared memory",
    "could not extend",
    "could not write",
    "could not open",
    "sorry, too many clients",
    "canceling statement",
    "terminating connection",
    "the database system is",
];

/// How the messages of classes 22 and 42 begin or end which have neither a position nor a name.
const POSTGRES_DEFECTS: [&str; 5] =
    ["permission denied", "invalid byte sequence", "value too long", "division by zero", "must be owner of"];
const POSTGRES_DEFECT_ENDING: &str = "out of range";

pub(in crate::metadata) fn fault(error: &Error, server: Server) -> Fault {
    match error {
        Error::DatabaseError(kind, info) => of_kind(*kind).unwrap_or_else(|| match server {
            Server::Sqlite => fault_of_message(info.message(), server),
            Server::Postgres => of_postgres(&**info),
        }),
        // The end of the transaction could not be sent, because the connection was lost.
        Error::BrokenTransactionManager => Fault::Database,
        Error::RollbackErrorOnCommit { commit_error, .. } => fault(commit_error, server),
        // A value cannot be read or written, a row that has to exist does not, or diesel is used wrongly.
        _ => Fault::Service,
    }
}

fn of_kind(kind: DatabaseErrorKind) -> Option<Fault> {
    use DatabaseErrorKind::{
        CheckViolation, ClosedConnection, ExclusionViolation, ForeignKeyViolation, NotNullViolation,
        ReadOnlyTransaction, RestrictViolation, SerializationFailure, UnableToSendCommand, UniqueViolation,
    };
    match kind {
        SerializationFailure | ReadOnlyTransaction | ClosedConnection | UnableToSendCommand => {
            Some(Fault::Database)
        }
        UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation | RestrictViolation
        | ExclusionViolation => Some(Fault::Service),
        _ => None,
    }
}

fn of_postgres(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Fault {
    let by_message = fault_of_message(info.message(), Server::Postgres);
    let has_position = info.statement_position().is_some();
    let name = info.table_name().or(info.column_name()).or(info.constraint_name());
    match by_message {
        Fault::Unclear if has_position || name.is_some_and(|name| !name.is_empty()) => Fault::Service,
        by_message => by_message,
    }
}

/// Decides by the message alone.
pub(in crate::metadata) fn fault_of_message(message: &str, server: Server) -> Fault {
    let begins = |texts: &[&str]| texts.iter().any(|text| message.starts_with(text));
    match server {
        Server::Sqlite if begins(&SQLITE_OUTAGES) => Fault::Database,
        Server::Sqlite => Fault::Service,
        Server::Postgres if begins(&POSTGRES_OUTAGES) => Fault::Database,
        Server::Postgres if begins(&POSTGRES_DEFECTS) || message.ends_with(POSTGRES_DEFECT_ENDING) => {
            Fault::Service
        }
        Server::Postgres => Fault::Unclear,
    }
}
