//! What can go wrong with the metadata store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use resizinator_formats::UnknownFormat;

use crate::image::UnknownName;

/// Why the metadata store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// The database is away or overloaded; worth another try later. The outcome of a write is unknown.
    #[error("metadata store: {0}")]
    Unavailable(String),
    /// A row with the same unique value is there already.
    #[error("metadata store: {0} is taken")]
    Taken(String),
    /// A row holds what this version does not know.
    #[error("metadata store: {0}")]
    Unknown(#[from] UnknownName),
    /// A row holds a format that this version does not know.
    #[error("metadata store: {0}")]
    UnknownFormat(#[from] UnknownFormat),
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
