//! The username and the password of a user, and the network that a user logs in from. The api and the operator's command parse them with the same types, so that
//! neither creates a user whom the other refuses.

mod network;
mod password;
mod username;

pub use network::ClientNetwork;
pub use password::{BadPassword, HashError, Password};
pub use username::{BadUsername, Username};
