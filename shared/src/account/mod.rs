//! The username and the password of a user. The api and the operator's command parse them with the same types, so that
//! neither creates a user whom the other refuses.

mod password;
mod username;

pub use password::{BadPassword, HashError, Password};
pub use username::{BadUsername, Username};
