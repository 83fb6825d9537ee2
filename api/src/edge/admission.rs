//! The number of connections, in all and per address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use resizinator_shared::account::ClientNetwork;
use resizinator_shared::settings::ConnectionLimits;

use crate::metrics::Limit;

/// Counts the open connections of this process.
#[derive(Clone)]
pub(super) struct Admission(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: ConnectionLimits,
    /// The addresses that may open as many connections as they like.
    exempt: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<ClientNetwork, usize>,
}

/// The place of one connection. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shared: Arc<Shared>,
    address: ClientNetwork,
}

/// The limit that a new connection would exceed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("The limit max_connections is {0}, and that many connections are open.")]
    Total(usize),
    #[error("The limit max_connections_per_address is {0}, and your address has that many connections open.")]
    Address(usize),
}

impl Full {
    /// The limit, as the metrics know it.
    pub(super) fn limit(&self) -> Limit {
        match self {
            Self::Total(_) => Limit::Connections,
            Self::Address(_) => Limit::ConnectionsPerAddress,
        }
    }
}

impl Admission {
    pub(super) fn new(limits: ConnectionLimits, exempt: Vec<IpNet>) -> Self {
        Self(Arc::new(Shared { limits, exempt, open: Mutex::default() }))
    }

    /// Admits a connection from `address`.
    pub(super) fn admit(&self, address: IpAddr) -> Result<Place, Full> {
        let address = address.to_canonical();
        let Shared { limits, exempt, .. } = &*self.0;
        let is_exempt = exempt.iter().any(|network| network.contains(&address));
        let address = ClientNetwork::from(address);
        let mut open = self.0.open();
        if open.total >= limits.total {
            return Err(Full::Total(limits.total));
        }
        let of_address = open.by_address.entry(address).or_default();
        if *of_address >= limits.per_address && !is_exempt {
            return Err(Full::Address(limits.per_address));
        }
        *of_address += 1;
        open.total += 1;
        drop(open);
        Ok(Place { shared: Arc::clone(&self.0), address })
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shared.open();
        open.total -= 1;
        if let Entry::Occupied(mut of_address) = open.by_address.entry(self.address) {
            *of_address.get_mut() -= 1;
            if *of_address.get() == 0 {
                of_address.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(total: usize, per_address: usize, exempt: &str) -> Admission {
        let limits = ConnectionLimits { total, per_address, ..ConnectionLimits::default() };
        Admission::new(limits, vec![exempt.parse().expect("a network")])
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let admission = admission(2, 1, "192.0.2.0/24");
        let first = admission.admit(address("10.0.0.1")).expect("a place");
        assert_eq!(admission.admit(address("10.0.0.1")).err(), Some(Full::Address(1)));
        let _second = admission.admit(address("10.0.0.2")).expect("a place");
        assert_eq!(admission.admit(address("10.0.0.3")).err(), Some(Full::Total(2)));
        drop(first);
        let _third = admission.admit(address("10.0.0.1")).expect("a place");
        assert_eq!(admission.0.open().by_address.len(), 2);
    }

    #[test]
    fn a_trusted_proxy_has_as_many_as_there_are_in_all() {
        let admission = admission(3, 1, "192.0.2.0/24");
        let places: Vec<_> = (0..3).filter_map(|_| admission.admit(address("192.0.2.9")).ok()).collect();
        assert_eq!(places.len(), 3);
        assert_eq!(admission.admit(address("192.0.2.9")).err(), Some(Full::Total(3)));
    }

    #[test]
    fn an_ipv6_network_of_64_bits_counts_as_one_address() {
        let admission = admission(9, 1, "192.0.2.0/24");
        let _first = admission.admit(address("2001:db8:1:2::1")).expect("a place");
        assert_eq!(admission.admit(address("2001:db8:1:2:3::4")).err(), Some(Full::Address(1)));
        assert!(admission.admit(address("2001:db8:1:3::1")).is_ok());
        assert!(admission.admit(address("::ffff:192.0.2.1")).is_ok(), "an IPv4 address in disguise");
    }
}
