//! The limits as one request meets them.

use std::hash::Hash;
use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest};
use resizinator_shared::account::{ClientNetwork, Username};
use resizinator_shared::ids::{TokenId, UserId};
use resizinator_shared::settings::RateLimit;

use super::standing::{Standing, Standings};
use super::{Rates, Throttled};
use crate::client::Reached;
use crate::links::state;

/// The limits as one request meets them. Each that it is held against shows in the header fields of its answer.
pub(crate) struct RequestLimits {
    rates: Arc<Rates>,
    network: ClientNetwork,
    standings: Standings,
}

impl RequestLimits {
    /// The limits for a request whose client is known, which is any but the probes'.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let network = Reached::of(request).expect("the guard has found it out").network();
        let standings = request.extensions().get::<Standings>().cloned().unwrap_or_default();
        Self::new(state(request).rates.clone(), network, standings)
    }

    pub(super) fn new(rates: Arc<Rates>, network: ClientNetwork, standings: Standings) -> Self {
        Self { rates, network, standings }
    }

    /// The network of the client.
    pub(crate) fn network(&self) -> ClientNetwork {
        self.network
    }

    /// Counts any request but those for signed URLs and by supervisors.
    pub(crate) fn address(&self) -> Result<(), Throttled> {
        self.check(RateLimit::Address, self.network)
    }

    /// Counts a request with a valid token of the user.
    pub(crate) fn user(&self, user: UserId) -> Result<(), Throttled> {
        self.check(RateLimit::User, user)
    }

    /// Counts a registration with a name and a password.
    pub(crate) fn register(&self) -> Result<(), Throttled> {
        self.check(RateLimit::Register, self.network)
    }

    /// Counts a login under a name. `known` is the user of that name, if somebody has logged in as this user from this network
    /// lately. Such a login is held against a limit of its own and no other, so that no stranger who tries passwords can
    /// lock a user out. Everybody else is a stranger, whether or not the name exists.
    pub(crate) fn login(&self, name: &Username, known: Option<UserId>) -> Result<(), Throttled> {
        if let Some(user) = known {
            return self.check(RateLimit::LoginKnown, (self.network, user));
        }
        self.check(RateLimit::Login, self.network)?;
        self.check(RateLimit::LoginStranger, (self.network, name.as_str()))?;
        self.check(RateLimit::LoginName, name.as_str())
    }

    /// Counts a request that has to name the current password. It counts for the token and not for the user, so that
    /// one who has stolen a token does not keep its user from changing the password.
    pub(crate) fn password(&self, token: TokenId) -> Result<(), Throttled> {
        self.check(RateLimit::Password, token)
    }

    /// Where the client stands with the limits that the request was held against so far.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        self.standings.all()
    }

    fn check(&self, limit: RateLimit, key: impl Hash) -> Result<(), Throttled> {
        let Some(standing) = self.rates.check(limit, key) else { return Ok(()) };
        self.standings.add(standing);
        if standing.is_refused { Err(Throttled::by(standing)) } else { Ok(()) }
    }
}
