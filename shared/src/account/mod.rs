//! The account of a user: the name, the password, the labels of tokens, the quotas, the events, and the network that a
//! user logs in from. The api and the operator's command parse them with the same types, so that neither creates a user
//! whom the other refuses.

mod event;
mod label;
mod network;
mod password;
mod quota;
mod username;

pub use event::AccountEvent;
pub use label::TokenLabel;
pub use network::ClientNetwork;
pub use password::{BadPassword, HashError, Password};
pub use quota::{BadQuota, OverQuota, OwnQuotas, Quota, Quotas, Totals};
pub use username::{BadUsername, Username};
