//! A colour profile that is spread over APP2 segments, each of which says which one it is and of how many.

const SIGNATURE: &[u8] = b"ICC_PROFILE\0";

/// The chunks seen so far.
#[derive(Debug, Default)]
pub(super) struct Chunks<'a> {
    /// The number of each, from 1, what it takes for their count, and its bytes.
    chunks: Vec<(u8, u8, &'a [u8])>,
}

impl<'a> Chunks<'a> {
    /// Takes in the body of an APP2 segment; one that is no part of a profile is ignored.
    pub(super) fn add(&mut self, body: &'a [u8]) {
        if let Some([number, count, bytes @ ..]) = body.strip_prefix(SIGNATURE) {
            self.chunks.push((*number, *count, bytes));
        }
    }

    /// The profile, if there is one and every chunk of it is there once.
    pub(super) fn profile(mut self) -> Option<Vec<u8>> {
        self.chunks.sort_by_key(|&(number, ..)| number);
        let expected = self.chunks.len();
        let complete = expected > 0
            && (1..=expected)
                .zip(&self.chunks)
                .all(|(n, &(number, count, _))| usize::from(number) == n && usize::from(count) == expected);
        complete.then(|| self.chunks.iter().flat_map(|&(.., bytes)| bytes).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assembled(chunks: &[(u8, u8, &[u8])]) -> Option<Vec<u8>> {
        let bodies: Vec<Vec<u8>> =
            chunks.iter().map(|&(n, count, bytes)| [SIGNATURE, &[n, count], bytes].concat()).collect();
        let mut chunks = Chunks::default();
        bodies.iter().for_each(|body| chunks.add(body));
        chunks.profile()
    }

    #[test]
    fn a_profile_is_put_together_in_the_order_of_its_numbers() {
        assert_eq!(assembled(&[(1, 1, b"all")]), Some(b"all".to_vec()));
        assert_eq!(assembled(&[(2, 3, b"b"), (1, 3, b"a"), (3, 3, b"c")]), Some(b"abc".to_vec()));
    }

    #[test]
    fn a_profile_with_wrong_numbers_is_none() {
        assert_eq!(assembled(&[]), None);
        assert_eq!(assembled(&[(1, 2, b"a")]), None, "one is missing");
        assert_eq!(assembled(&[(0, 1, b"a")]), None, "they count from 1");
        assert_eq!(assembled(&[(1, 2, b"a"), (1, 2, b"a")]), None, "one came twice");
        assert_eq!(assembled(&[(1, 2, b"a"), (2, 3, b"b")]), None, "they disagree");
        assert_eq!(assembled(&[(1, 1, b"a"), (2, 1, b"b")]), None, "one too many");
    }
}
