//! What can go wrong with the metadata store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the metadata store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// The database is away or overloaded; worth another try later. The outcome of a write is unknown.
    #[error("metadata store: {0}")]
    Unavailable(String),
    /// A row with the same unique value is there already.
    #[error("metadata store: {0} is taken")]
    Taken(String),
}

impl From<DieselError> for MetadataError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(info.constraint_name().unwrap_or(info.message()).to_owned())
            }
            other => Self::Unavailable(other.to_string()),
        }
    }
}
