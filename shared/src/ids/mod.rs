//! The ids and numbers of a row. Each has its own type, so that one cannot be used in the place of another.

mod number;
mod object_id;
mod worker_id;

use diesel::sql_types::{BigInt, Integer};

use number::number;

pub use number::OutOfRange;
pub use object_id::{BadObjectId, ObjectId};
pub use worker_id::WorkerId;

number! {
    /// The public id of an image. It is positive and is never used for a second image.
    ImageId(i64 as BigInt), from 1
}

number! {
    /// The id of a user, which is positive.
    UserId(i64 as BigInt), from 1
}

number! {
    /// The id of a token, which is positive. It is not a secret.
    TokenId(i64 as BigInt), from 1
}

number! {
    /// The id of an event of an account, which is positive. Later events have higher ids.
    EventId(i64 as BigInt), from 1
}

number! {
    /// The id of an event of an image, and 0 before the first one. There is no gap between ids, and an event never
    /// appears after one that has a higher id.
    ImageEventId(i64 as BigInt), from 0
}

number! {
    /// The id of a webhook, which is positive.
    WebhookId(i64 as BigInt), from 1
}

number! {
    /// The generation of an image's variants. It starts at 1, and only a reprocess raises it.
    Generation(i32 as Integer), from 1
}

number! {
    /// The number of an image's claim: how often it was claimed, and 0 before the first claim. Every write of a worker
    /// names the claim that the worker holds, so that the writes of a late worker change nothing.
    Claim(i64 as BigInt), from 0
}

impl Claim {
    /// Whether it is the first claim of its image.
    pub fn is_first(self) -> bool {
        self.0 == 1
    }
}

impl Generation {
    /// The generation that every image begins with.
    pub const FIRST: Self = Self(1);

    /// All generations before this one, the first one first.
    pub fn earlier(self) -> impl Iterator<Item = Self> {
        (1..self.0).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_positive_numbers_only() {
        assert_eq!("7".parse::<ImageId>().map(ImageId::get), Ok(7));
        assert_eq!(i64::MAX.to_string().parse::<ImageId>().map(ImageId::get), Ok(i64::MAX));
        for text in ["0", "-1", "", "x", "1.0", "9223372036854775808"] {
            assert!(text.parse::<ImageId>().is_err(), "{text}");
        }
        assert_eq!(Claim::try_from(0).map(Claim::get), Ok(0));
        assert!(Claim::try_from(-1).is_err() && Generation::try_from(0).is_err());
    }

    #[test]
    fn ids_are_plain_numbers_in_json() {
        let id = ImageId::try_from(7).expect("a positive number");
        assert_eq!(serde_json::to_string(&id).expect("JSON"), "7");
        assert_eq!(serde_json::from_str::<ImageId>("7").expect("an id"), id);
        assert!(serde_json::from_str::<ImageId>("0").is_err());
        assert!(serde_json::from_str::<ImageId>("\"7\"").is_err());
    }

    #[test]
    fn the_first_generation_has_none_before_it() {
        assert_eq!(Generation::FIRST.earlier().count(), 0);
        let third = Generation::try_from(3).expect("a positive number");
        assert_eq!(third.earlier().map(Generation::get).collect::<Vec<_>>(), [1, 2]);
    }
}
