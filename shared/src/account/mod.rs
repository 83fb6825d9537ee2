//! What a user logs in with. Both parts are parsed once, by the api and by the operator's command alike, so that
//! neither makes a user whom the other refuses.

mod password;
mod username;

pub use password::{BadPassword, HashError, Password};
pub use username::{BadUsername, Username};
