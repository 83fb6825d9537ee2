//! How often clients may ask.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// A limit on how often something may be asked. The name says who or what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimit {
    /// The requests of a client's network.
    Address,
    /// The requests with the tokens of a user.
    User,
    /// The registrations of a network.
    Register,
    /// The logins of a network, whatever the names.
    Login,
    /// The logins of a network under one name, to which it has not logged in lately.
    LoginStranger,
    /// The logins under one name from all networks that have not logged in to it lately.
    LoginName,
    /// The logins of a network under one name, to which it has logged in lately.
    LoginKnown,
    /// The requests of a user that prove with the current password who it is.
    Password,
}

impl RateLimit {
    /// All limits, in the order in which a request meets them.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::User,
        Self::Register,
        Self::Login,
        Self::LoginStranger,
        Self::LoginName,
        Self::LoginKnown,
        Self::Password,
    ];

    /// The name that settings, errors and header fields have for the limit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::User => "user",
            Self::Register => "register",
            Self::Login => "login",
            Self::LoginStranger => "login-stranger",
            Self::LoginName => "login-name",
            Self::LoginKnown => "login-known",
            Self::Password => "password",
        }
    }

    const fn default_rate(self) -> Rate {
        let (requests, seconds) = match self {
            Self::Address | Self::User => (6000, 60),
            Self::Register => (20, 3600),
            Self::Login => (20, 60),
            Self::LoginStranger | Self::Password => (10, 600),
            Self::LoginName => (50, 600),
            Self::LoginKnown => (30, 600),
        };
        Rate::new(requests, seconds).expect("within the bounds")
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// So many requests in so many seconds. All of them may come at once, and then one more whenever the time for one is
/// over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: NonZeroU32,
    seconds: NonZeroU32,
}

impl Rate {
    const MOST_REQUESTS: u32 = 1_000_000;
    const MOST_SECONDS: u32 = 86_400;

    /// A rate of 1 to 1,000,000 requests in 1 to 86,400 seconds; `None` for other numbers.
    pub const fn new(requests: u32, seconds: u32) -> Option<Self> {
        if requests > Self::MOST_REQUESTS || seconds > Self::MOST_SECONDS {
            return None;
        }
        match (NonZeroU32::new(requests), NonZeroU32::new(seconds)) {
            (Some(requests), Some(seconds)) => Some(Self { requests, seconds }),
            _ => None,
        }
    }

    /// How many requests may come at once.
    pub const fn requests(self) -> NonZeroU32 {
        self.requests
    }

    /// The seconds after which all of them may come once more.
    pub const fn seconds(self) -> NonZeroU32 {
        self.seconds
    }

    /// The time after which one more request may come.
    pub fn interval(self) -> Duration {
        Duration::from_secs(self.seconds.get().into()) / self.requests.get()
    }

    /// Reads `REQUESTS/SECONDS`.
    fn parse(text: &str) -> Option<Self> {
        let (requests, seconds) = text.split_once('/')?;
        Self::new(requests.trim().parse().ok()?, seconds.trim().parse().ok()?)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |number: NonZeroU32| if number.get() == 1 { "" } else { "s" };
        let Self { requests, seconds } = *self;
        write!(f, "{requests} request{} in {seconds} second{}", plural(requests), plural(seconds))
    }
}

/// The rates of all limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits(Option<[Rate; RateLimit::ALL.len()]>);

impl RateLimits {
    /// No limit is in force.
    pub const OFF: Self = Self(None);

    /// The limits that are in force, with their rates; `None` if they are off.
    pub fn in_force(&self) -> Option<impl Iterator<Item = (RateLimit, Rate)>> {
        self.0.map(|rates| RateLimit::ALL.into_iter().zip(rates))
    }

    /// The same limits, with another rate of one of them. If they are off, they stay off.
    #[must_use]
    pub fn with(mut self, limit: RateLimit, rate: Rate) -> Self {
        if let Some(rates) = &mut self.0 {
            rates[limit as usize] = rate;
        }
        self
    }

    /// Reads `on`, `off`, or a list of `NAME=REQUESTS/SECONDS` that changes the rates of those limits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "on" => return Some(Self::default()),
            "off" => return Some(Self::OFF),
            _ => {}
        }
        let (mut limits, mut named) = (Self::default(), Vec::new());
        for item in text.split(',') {
            let (name, rate) = item.split_once('=')?;
            let limit = RateLimit::ALL.into_iter().find(|limit| limit.name() == name.trim())?;
            // The second of two rates for a name would win, or the first; nobody should have to know which.
            if named.contains(&limit) {
                return None;
            }
            named.push(limit);
            limits = limits.with(limit, Rate::parse(rate)?);
        }
        Some(limits)
    }

    /// What the setting looks like.
    pub(super) fn expected() -> String {
        format!(
            "on, off, or a list of NAME=REQUESTS/SECONDS separated by commas, such as address=12000/60,login=100/60, \
             with each of the names {} at most once, 1 to {} requests and 1 to {} seconds,",
            RateLimit::ALL.map(RateLimit::name).join(", "),
            Rate::MOST_REQUESTS,
            Rate::MOST_SECONDS
        )
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self(Some(RateLimit::ALL.map(RateLimit::default_rate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(limits: &RateLimits, limit: RateLimit) -> String {
        let mut all = limits.in_force().expect("they are on");
        all.find(|(one, _)| *one == limit).expect("every limit has a rate").1.to_string()
    }

    #[test]
    fn every_limit_stands_at_its_own_place() {
        for (place, limit) in RateLimit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, place, "{limit}");
        }
    }

    #[test]
    fn a_list_changes_the_limits_that_it_names_and_no_other() {
        let limits = RateLimits::parse("address=12000/60, login-name = 1/1").expect("a list");
        assert_eq!(rate(&limits, RateLimit::Address), "12000 requests in 60 seconds");
        assert_eq!(rate(&limits, RateLimit::LoginName), "1 request in 1 second");
        assert_eq!(rate(&limits, RateLimit::Register), "20 requests in 3600 seconds");
        assert_eq!(RateLimits::parse("on"), Some(RateLimits::default()));
        assert!(RateLimits::parse("off").expect("a value").in_force().is_none());
    }

    #[test]
    fn what_is_no_rate_of_a_known_limit_is_refused() {
        for text in [
            "yes",
            "On",
            ",",
            "address",
            "address=",
            "address=5",
            "address=5/",
            "address=0/1",
            "address=5/0",
            "address=-5/1",
            "address=1000001/60",
            "address=5/86401",
            "addresses=5/1",
            "address=5/1,",
            "address=5/1,off",
            "address=5/1,address=6/1",
        ] {
            assert_eq!(RateLimits::parse(text), None, "{text}");
        }
    }

    #[test]
    fn one_more_request_may_come_after_its_share_of_the_time() {
        let interval = |requests, seconds| Rate::new(requests, seconds).expect("a rate").interval();
        assert_eq!(interval(6000, 60), Duration::from_millis(10));
        assert_eq!(interval(1_000_000, 1), Duration::from_micros(1));
        assert_eq!(interval(1, 86_400), Duration::from_secs(86_400));
    }
}
