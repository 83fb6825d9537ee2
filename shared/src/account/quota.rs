//! How much a user may keep, and how much a user has.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::BigInt;
use serde::{Serialize, Serializer};

/// The largest number of something that a user may have. In JSON it is a number, or `null` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Quota(i64);

impl Quota {
    /// No limit. It is stored as the largest number, so that queries need not treat it in another way.
    pub const UNLIMITED: Self = Self(i64::MAX);

    /// At most this many. A number that no counter can reach is no limit.
    pub fn at_most(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// The number; `None` if there is no limit.
    pub fn limit(self) -> Option<u64> {
        (self != Self::UNLIMITED).then_some(self.0.unsigned_abs())
    }

    /// Whether one who has `used` may have `more`.
    pub fn allows(self, used: u64, more: u64) -> bool {
        self.limit().is_none_or(|limit| used.saturating_add(more) <= limit)
    }
}

impl FromStr for Quota {
    type Err = BadQuota;

    fn from_str(text: &str) -> Result<Self, BadQuota> {
        if text == "unlimited" {
            return Ok(Self::UNLIMITED);
        }
        text.parse().ok().filter(|number| (0..i64::MAX).contains(number)).map(Self).ok_or(BadQuota)
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit() {
            Some(limit) => limit.fmt(f),
            None => f.write_str("unlimited"),
        }
    }
}

impl Serialize for Quota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.limit().serialize(serializer)
    }
}

impl<DB> diesel::deserialize::FromSql<BigInt, DB> for Quota
where
    DB: diesel::backend::Backend,
    i64: diesel::deserialize::FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(Self(i64::from_sql(value)?.max(0)))
    }
}

impl<DB> diesel::serialize::ToSql<BigInt, DB> for Quota
where
    DB: diesel::backend::Backend,
    i64: diesel::serialize::ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        self.0.to_sql(out)
    }
}

/// The error for a text that is no quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a whole number or \"unlimited\" is expected")]
pub struct BadQuota;

/// The quotas of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// How many images the user may have.
    pub images: Quota,
    /// How many bytes their originals may have together.
    pub bytes: Quota,
}

/// The quotas that an operator has set for one user. `None` means that the setting counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnQuotas {
    /// How many images the user may have.
    pub images: Option<Quota>,
    /// How many bytes their originals may have together.
    pub bytes: Option<Quota>,
}

impl OwnQuotas {
    /// The quotas in force, with those of the settings where the user has none.
    pub fn or(self, settings: Quotas) -> Quotas {
        Quotas { images: self.images.unwrap_or(settings.images), bytes: self.bytes.unwrap_or(settings.bytes) }
    }
}

/// How much a user has: the images that are shown, and the bytes of their originals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The number of images.
    pub images: u64,
    /// The bytes of their originals together.
    pub bytes: u64,
}

impl Quotas {
    /// Checks whether one who has `totals` may have one more image, before its size is known.
    ///
    /// # Errors
    /// The first quota that is used up.
    pub fn check_any(self, totals: Totals) -> Result<(), OverQuota> {
        match self.bytes.limit().filter(|_| !self.bytes.allows(totals.bytes, 1)) {
            Some(limit) if self.images.allows(totals.images, 1) => {
                Err(OverQuota::NoBytes { limit, used: totals.bytes })
            }
            _ => self.check(totals, 0),
        }
    }

    /// Checks whether one who has `totals` may have one more image of `bytes` bytes.
    ///
    /// # Errors
    /// The first quota that the image would exceed.
    pub fn check(self, totals: Totals, bytes: u64) -> Result<(), OverQuota> {
        if let Some(limit) = self.images.limit().filter(|_| !self.images.allows(totals.images, 1)) {
            return Err(OverQuota::Images { limit, used: totals.images });
        }
        match self.bytes.limit().filter(|_| !self.bytes.allows(totals.bytes, bytes)) {
            Some(limit) => Err(OverQuota::Bytes { limit, used: totals.bytes, bytes }),
            None => Ok(()),
        }
    }
}

/// The quota that one more image would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverQuota {
    /// The number of images.
    #[error("The limit max_images_per_user is {limit} images, and you have {used}.")]
    Images {
        /// The quota.
        limit: u64,
        /// How many images the user has.
        used: u64,
    },
    /// The bytes of all originals, with none left for a file of any size.
    #[error("The limit max_bytes_per_user is {limit} bytes, and you have {used}.")]
    NoBytes {
        /// The quota.
        limit: u64,
        /// How many bytes the originals of the user have.
        used: u64,
    },
    /// The bytes of all originals.
    #[error("The limit max_bytes_per_user is {limit} bytes, you have {used}, and this file has {bytes}.")]
    Bytes {
        /// The quota.
        limit: u64,
        /// How many bytes the originals of the user have.
        used: u64,
        /// How many bytes the new file has.
        bytes: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_a_number_or_unlimited() {
        assert_eq!("7".parse(), Ok(Quota::at_most(7)));
        assert_eq!("0".parse::<Quota>().map(Quota::limit), Ok(Some(0)));
        assert_eq!("unlimited".parse(), Ok(Quota::UNLIMITED));
        for text in ["", "-1", "many", "1.5", "9223372036854775807"] {
            assert_eq!(text.parse::<Quota>(), Err(BadQuota), "{text}");
        }
        assert_eq!(
            (Quota::at_most(7).to_string(), Quota::UNLIMITED.to_string()),
            ("7".into(), "unlimited".into())
        );
    }

    #[test]
    fn what_just_fits_is_allowed() {
        let quotas = Quotas { images: Quota::at_most(2), bytes: Quota::at_most(100) };
        let has = |images, bytes| Totals { images, bytes };
        assert_eq!(quotas.check(has(1, 60), 40), Ok(()));
        assert_eq!(quotas.check(has(1, 60), 41), Err(OverQuota::Bytes { limit: 100, used: 60, bytes: 41 }));
        assert_eq!(quotas.check(has(2, 60), 1), Err(OverQuota::Images { limit: 2, used: 2 }));
        assert_eq!(quotas.check_any(has(1, 99)), Ok(()));
        assert_eq!(quotas.check_any(has(1, 100)), Err(OverQuota::NoBytes { limit: 100, used: 100 }));
        assert_eq!(quotas.check_any(has(2, 100)), Err(OverQuota::Images { limit: 2, used: 2 }));
        let unlimited = Quotas { images: Quota::UNLIMITED, bytes: Quota::UNLIMITED };
        assert_eq!(unlimited.check(has(u64::MAX, u64::MAX), u64::MAX), Ok(()));
    }

    #[test]
    fn a_users_own_quota_counts_before_the_setting() {
        let settings = Quotas { images: Quota::at_most(2), bytes: Quota::at_most(100) };
        let own = OwnQuotas { images: Some(Quota::UNLIMITED), bytes: None };
        assert_eq!(own.or(settings), Quotas { images: Quota::UNLIMITED, bytes: Quota::at_most(100) });
    }
}
