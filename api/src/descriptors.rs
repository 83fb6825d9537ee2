//! The number of file descriptors that the system allows this process.

use resizinator_shared::settings::ConnectionLimits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::edge::FAREWELLS;

/// How many descriptors are needed at most for the backends, the listener and the runtime, and for clients that are told
/// why they are refused.
const OWN: u64 = 256 + FAREWELLS as u64;
/// How many descriptors a connection needs at most: its socket, and the file that is received or sent on it.
const PER_CONNECTION: u64 = 2;

/// Raises the limit of descriptors as far as the connections need it. If the system does not allow that, the number of
/// connections is lowered instead, so that a connection too many is refused in words.
pub(crate) fn enough_for(mut connections: ConnectionLimits) -> ConnectionLimits {
    let wanted = OWN + PER_CONNECTION * connections.total as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // The system's `None` means that there is no limit.
    let allowed = maximum.unwrap_or(u64::MAX).min(wanted).max(current.unwrap_or(u64::MAX));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    let have = if raised.is_ok() { allowed } else { current.unwrap_or(u64::MAX) };
    if have < wanted {
        let total = usize::try_from(have.saturating_sub(OWN) / PER_CONNECTION).unwrap_or(usize::MAX).max(1);
        log::warn!(
            "RESIZINATOR_MAX_CONNECTIONS is lowered from {} to {total}: the system allows this process {have} open \
             files (ulimit -n), and {wanted} are needed",
            connections.total,
        );
        connections.total = total;
        connections.per_address = connections.per_address.min(total);
    }
    connections
}
