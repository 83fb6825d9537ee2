//! The URL of the broker, which is parsed once.

use std::fmt;

use lapin::uri::AMQPUri;
use url::{Host, Url};

use crate::jobs::JobError;

/// The interval of heartbeats. It is shorter than the broker's default of 60 s, so that a half-open connection is
/// noticed sooner.
/// <https://www.rabbitmq.com/docs/heartbeats>
const HEARTBEAT_SECONDS: u16 = 10;

/// How long one TCP connect may take, in milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 5_000;

/// The address of the broker. It is displayed without user and password.
#[derive(Clone)]
pub(super) struct Broker(AMQPUri);

impl Broker {
    /// Parses `amqp://user:password@host:port/vhost` or `amqps://…`. The errors never contain the URL, since the
    /// password is in it.
    pub(super) fn parse(text: &str) -> Result<Self, JobError> {
        let url = Url::parse(text)
            .map_err(|error| JobError(format!("the broker's URL cannot be read: {error}")))?;
        if !matches!(url.scheme(), "amqp" | "amqps") {
            return Err(JobError("the broker's URL has to begin with amqp:// or amqps://".into()));
        }
        let host = match url.host() {
            // The client library would read an IPv6 address as "localhost".
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => return Err(JobError("the broker's URL names no host".into())),
        };
        let mut uri: AMQPUri = text.parse().map_err(|_| {
            JobError("the broker's URL is not amqp://user:password@host:port/vhost, percent-encoded".into())
        })?;
        uri.authority.host = host;
        if uri.vhost.is_empty() {
            // By the specification, a slash at the end means the vhost "". Many people write it and mean "/".
            uri.vhost = "/".into();
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        uri.query.connection_timeout.get_or_insert(CONNECT_TIMEOUT_MS);
        Ok(Self(uri))
    }

    pub(super) fn uri(&self) -> AMQPUri {
        self.0.clone()
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri { authority, vhost, .. } = &self.0;
        write!(f, "{}:{} (vhost {vhost})", authority.host, authority.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vhost_and_password_are_percent_decoded() {
        let broker = Broker::parse("amqp://me:p%40ss@broker/team%2Fa").expect("parses");
        assert_eq!(broker.0.vhost, "team/a");
        assert_eq!(broker.0.authority.userinfo.password, "p@ss");
        assert_eq!((broker.0.authority.port, broker.0.query.heartbeat), (5672, Some(10)));
    }

    #[test]
    fn the_default_vhost_may_be_left_out_in_three_ways() {
        for text in ["amqp://broker", "amqp://broker/", "amqp://broker/%2f"] {
            assert_eq!(Broker::parse(text).expect("parses").0.vhost, "/", "{text}");
        }
    }

    #[test]
    fn an_ipv6_address_is_kept() {
        let broker = Broker::parse("amqps://[::1]/").expect("parses");
        assert_eq!((broker.0.authority.host.as_str(), broker.0.authority.port), ("::1", 5671));
    }

    #[test]
    fn what_is_no_broker_is_refused_without_repeating_the_password() {
        for text in
            ["", "redis://u:secret@host", "amqp://", "amqp:u:secret", "amqp://u:secret@host?heartbeat=x"]
        {
            let error = Broker::parse(text).map(|broker| broker.to_string()).expect_err(text);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(!Broker::parse("amqp://u:secret@host").expect("parses").to_string().contains("secret"));
    }
}
