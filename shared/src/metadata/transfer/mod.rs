//! Copying a whole database into another one. The copy is one transaction of the target, which is read back and compared
//! before it is committed: a target has everything or nothing. See docs/adr/0022.

mod digest;
mod held;
mod hold;
mod row;
mod statements;
mod tables;

use super::MetadataError;
pub use held::{HeldDatabase, Overview};

/// The reason for which a database is not copied.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database gave an error.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// Somebody else has the database.
    #[error("{0}")]
    InUse(String),
    /// The target has rows already.
    #[error("the target database has rows already, in the table {0}")]
    NotEmpty(&'static str),
    /// Both databases have different tables or columns.
    #[error("the two databases are not of the same version: {0}")]
    OtherVersion(String),
    /// What was read back from the target is not what the source has.
    #[error("the table {0} did not come back as it was written, so nothing was committed")]
    Differs(&'static str),
}
