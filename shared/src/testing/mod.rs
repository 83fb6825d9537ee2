//! The suites of behaviours that every implementation of a backend has to pass, and helpers for the tests of all
//! crates.

pub mod counting_proxy;
pub mod deaf_proxy;
pub mod flipping_proxy;
pub mod jobs;
pub mod metadata;
pub mod objects;

use crate::account::{Quota, Quotas, Username};
use crate::failure_code::FailureCode;
use crate::ids::{Generation, OutOfRange};
use crate::image::Image;
use crate::metadata::{Acceptance, MetadataStore};

/// Quotas that allow everything.
pub const UNLIMITED: Quotas = Quotas { images: Quota::UNLIMITED, bytes: Quota::UNLIMITED };

/// Accepts an upload whose user has no quotas; `None` if upkeep has given it up, or if it was accepted before.
pub async fn accept(store: &MetadataStore, image: &Image) -> Option<Image> {
    match store.accept(image, UNLIMITED, None).await.expect("accepts") {
        Acceptance::Accepted(image) => Some(*image),
        Acceptance::GivenUp => None,
        other => panic!("not accepted but {other:?}"),
    }
}

/// Makes an id or another number of a row. The test knows that it is in the range of its type.
pub fn id<T: TryFrom<i64, Error = OutOfRange>>(number: i64) -> T {
    number.try_into().expect("a number in the range of its type")
}

/// Makes the name of a user. The test knows that it is a valid one.
pub fn username(name: &str) -> Username {
    name.parse().expect("a username")
}

/// Makes the generation of variants with this number, which has to be positive.
pub fn generation(number: i32) -> Generation {
    number.try_into().expect("a positive number")
}

/// Compares a code with its name, so that a test can write the name, as it is in the row.
impl PartialEq<&str> for FailureCode {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}
