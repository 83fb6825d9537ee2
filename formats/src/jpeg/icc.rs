//! The colour profile of a JPEG, which is split over APP2 segments. Each says its number and how many there are (ICC.1,
//! annex B.4).

use std::ops::Range;

use super::segment::Place;
use crate::cursor::{Cursor, ReadError};
use crate::source::Source;

const SIGNATURE: &[u8; 12] = b"ICC_PROFILE\0";
/// The number of bytes that hold the number of a chunk and the count of all chunks.
const NUMBERS: usize = 2;

/// The chunks of a profile that were found so far.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// The chunks by their number, which starts with 1. The length is the count that each of them states.
    chunks: Vec<Option<Range<u64>>>,
    contradict: bool,
}

impl Chunks {
    /// Adds an APP2 segment. A segment that is no part of a profile is ignored.
    pub(crate) fn add<S: Source>(
        &mut self,
        segment: &Place,
        cursor: &mut Cursor<'_, S>,
    ) -> Result<(), ReadError<S::Error>> {
        let opening = segment.opening::<{ SIGNATURE.len() + NUMBERS }, S>(cursor)?;
        if let Some(&[number, count]) = opening.as_slice().strip_prefix(SIGNATURE) {
            let start = segment.body.start + (SIGNATURE.len() + NUMBERS) as u64;
            self.insert(number, count, start..segment.body.end);
        }
        Ok(())
    }

    fn insert(&mut self, number: u8, count: u8, bytes: Range<u64>) {
        if self.chunks.is_empty() {
            self.chunks = vec![None; count.into()];
        }
        let place = usize::from(number).checked_sub(1).and_then(|index| self.chunks.get_mut(index));
        match place {
            Some(place @ None) => *place = Some(bytes),
            _ => self.contradict = true,
        }
        self.contradict |= self.chunks.len() != usize::from(count);
    }

    /// The ranges of the profile's bytes, if there is a profile and each of its chunks is there exactly once.
    pub(crate) fn profile(self) -> Option<Vec<Range<u64>>> {
        let chunks = self.chunks.into_iter().collect::<Option<Vec<_>>>()?;
        (!self.contradict && !chunks.is_empty()).then_some(chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assembled(chunks: &[(u8, u8, u64)]) -> Option<Vec<u64>> {
        let mut all = Chunks::default();
        chunks.iter().for_each(|&(number, count, start)| all.insert(number, count, start..start + 1));
        all.profile().map(|places| places.into_iter().map(|place| place.start).collect())
    }

    #[test]
    fn a_profile_is_put_together_in_the_order_of_its_numbers() {
        assert_eq!(assembled(&[(1, 1, 7)]), Some(vec![7]));
        assert_eq!(assembled(&[(2, 3, 8), (1, 3, 7), (3, 3, 9)]), Some(vec![7, 8, 9]));
    }

    #[test]
    fn a_profile_with_wrong_numbers_is_none() {
        assert_eq!(assembled(&[]), None);
        assert_eq!(assembled(&[(1, 2, 0)]), None, "one is missing");
        assert_eq!(assembled(&[(0, 1, 0)]), None, "they count from 1");
        assert_eq!(assembled(&[(1, 0, 0)]), None, "none of none");
        assert_eq!(assembled(&[(1, 2, 0), (1, 2, 1)]), None, "one came twice");
        assert_eq!(assembled(&[(1, 2, 0), (2, 3, 1)]), None, "they disagree");
        assert_eq!(assembled(&[(1, 1, 0), (2, 1, 1)]), None, "one too many");
    }
}
