//! The errors of the metadata store, and whether the database or this service is at fault.
//!
//! An outage ends by itself, and the same statement succeeds later. A defect is a mistake of the service (a missing
//! column, a violated constraint, a value that cannot be read), and the same statement fails again until somebody
//! repairs the schema or the program. The module `fault` has the rules that tell them apart.

mod fault;
mod statement;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::causes::with_causes;
pub(super) use fault::{Fault, Server, fault, fault_of_message};
pub(super) use statement::name_of_method;

/// The reason for which a call of the metadata store failed.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// The database is away or overloaded, and a later try may succeed. It is unknown whether a write was done.
    #[error("metadata store: {0}")]
    Unavailable(String),
    /// Another row already has the same unique value.
    #[error("metadata store: {0} is taken")]
    Taken(String),
    /// The service itself is at fault. Another try fails in the same way until the schema or the program is repaired.
    #[error(
        "metadata store: the statement \"{statement}\" failed because of a defect in the service: {cause}"
    )]
    Defect {
        /// The method of the store whose statement failed.
        statement: &'static str,
        /// The error message of diesel or of the database.
        cause: String,
    },
}

/// Turns an error of diesel into an error of the store, which depends on whose fault it is. `statement` is the name of
/// the store's method.
pub(super) fn metadata_error(error: DieselError, server: Server, statement: &'static str) -> MetadataError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error {
        return MetadataError::Taken(info.constraint_name().unwrap_or(info.message()).to_owned());
    }
    match fault(&error, server) {
        Fault::Service => MetadataError::Defect { statement, cause: with_causes(&error) },
        // Nothing shows that the service is at fault, and another try does less harm than a failed image.
        Fault::Database | Fault::Unclear => MetadataError::Unavailable(with_causes(&error)),
    }
}
