//! The limits that refuse connections and requests.

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use resizinator_shared::settings::RateLimit;

/// The number of refusals of each limit. All clones share it.
pub(crate) type Refusals = Family<[(&'static str, Limit); 1], Counter>;

/// Counts a refusal.
pub(crate) fn count(refusals: &Refusals, limit: Limit) {
    refusals.get_or_create(&[("limit", limit)]).inc();
}

/// A limit that refuses connections or requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Limit {
    Connections,
    ConnectionsPerAddress,
    HeadTimeout,
    HeadSize,
    MinRate,
    BodySize,
    Uploads,
    UploadsPerUser,
    Disk,
    Quota,
    StreamsPerUser,
    Deliveries,
    DeliveriesPerUser,
    PasswordChecks,
    Rate(RateLimit),
}

impl Limit {
    /// All limits, so that each is a metric before it has refused anything.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::Connections,
            Self::ConnectionsPerAddress,
            Self::HeadTimeout,
            Self::HeadSize,
            Self::MinRate,
            Self::BodySize,
            Self::Uploads,
            Self::UploadsPerUser,
            Self::Disk,
            Self::Quota,
            Self::StreamsPerUser,
            Self::Deliveries,
            Self::DeliveriesPerUser,
            Self::PasswordChecks,
        ];
        others.into_iter().chain(RateLimit::ALL.map(Self::Rate))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::HeadTimeout => "head_timeout",
            Self::HeadSize => "head_size",
            Self::MinRate => "min_rate",
            Self::BodySize => "body_size",
            Self::Uploads => "uploads",
            Self::UploadsPerUser => "uploads_per_user",
            Self::Disk => "disk",
            Self::Quota => "quota",
            Self::StreamsPerUser => "streams_per_user",
            Self::Deliveries => "deliveries",
            Self::DeliveriesPerUser => "deliveries_per_user",
            Self::PasswordChecks => "password_checks",
            Self::Rate(RateLimit::Address) => "rate_address",
            Self::Rate(RateLimit::User) => "rate_user",
            Self::Rate(RateLimit::Register) => "rate_register",
            Self::Rate(RateLimit::Login) => "rate_login",
            Self::Rate(RateLimit::LoginStranger) => "rate_login_stranger",
            Self::Rate(RateLimit::LoginName) => "rate_login_name",
            Self::Rate(RateLimit::LoginKnown) => "rate_login_known",
            Self::Rate(RateLimit::Password) => "rate_password",
        }
    }
}

impl EncodeLabelValue for Limit {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        self.name().encode(encoder)
    }
}
