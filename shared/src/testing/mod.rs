//! The behaviour suites that every implementation of a seam has to pass, and what the tests of all crates need.

pub mod jobs;
pub mod metadata;
pub mod objects;

use crate::account::Username;
use crate::failure_code::FailureCode;
use crate::ids::{Generation, OutOfRange};

/// An id or another number of a row, which a test knows to be in the range of its type.
pub fn id<T: TryFrom<i64, Error = OutOfRange>>(number: i64) -> T {
    number.try_into().expect("a number in the range of its type")
}

/// The name of a user, which a test knows to be one.
pub fn username(name: &str) -> Username {
    name.parse().expect("a username")
}

/// The generation of variants with this number, which is positive.
pub fn generation(number: i32) -> Generation {
    number.try_into().expect("a positive number")
}

/// A test may name a code by its text, which is what clients of the row see.
impl PartialEq<&str> for FailureCode {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}
