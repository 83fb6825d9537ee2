//! The difference between the clock of this machine and another one, in words.

use chrono::TimeDelta;

/// A difference in words, such as `3600 s ahead of` or `12 s behind`, to stand before the name of the other clock.
pub(crate) fn in_words(ahead: TimeDelta) -> String {
    let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    format!("{} s {side}", ahead.num_seconds().abs())
}
