//! The suites of behaviours that every implementation of a backend has to pass, and helpers for the tests of all
//! crates.

pub mod deaf_proxy;
pub mod jobs;
pub mod metadata;
pub mod objects;

use crate::account::Username;
use crate::failure_code::FailureCode;
use crate::ids::{Generation, OutOfRange};

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
