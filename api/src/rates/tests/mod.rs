//! Tests of the limits without a server: what a request is held against, and what that costs.

mod cost;
mod requests;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use resizinator_shared::account::ClientNetwork;
use resizinator_shared::settings::RateLimits;

use super::{Rates, RequestLimits, Standings};

fn rates() -> Arc<Rates> {
    Arc::new(Rates::new(&RateLimits::default()))
}

fn network(number: u32) -> ClientNetwork {
    IpAddr::from(Ipv4Addr::from_bits(number)).into()
}

fn request(rates: &Arc<Rates>, network: ClientNetwork) -> RequestLimits {
    RequestLimits::new(rates.clone(), network, Standings::default())
}
