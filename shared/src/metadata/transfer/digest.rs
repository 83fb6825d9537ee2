//! What a table contains, in a few bytes.

use sha2::{Digest, Sha256};

use super::row::Row;

/// The number of rows, and the sum of their hashes, which does not depend on their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDigest {
    /// How many rows the table has.
    pub rows: u64,
    sum: [u64; 4],
}

impl TableDigest {
    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        let text = serde_json::to_vec(row).unwrap_or_default();
        let hash = Sha256::digest(&text);
        let (words, _) = hash.as_slice().as_chunks::<8>();
        for (sum, word) in self.sum.iter_mut().zip(words) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*word));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(ids: &[i64]) -> TableDigest {
        let mut digest = TableDigest::default();
        for id in ids {
            digest.add(json!({ "id": id }).as_object().expect("an object"));
        }
        digest
    }

    #[test]
    fn it_depends_on_every_row_and_not_on_their_order() {
        assert_eq!(digest(&[1, 2, 3]), digest(&[3, 1, 2]));
        assert_ne!(digest(&[1, 2, 3]), digest(&[1, 2, 4]));
        assert_ne!(digest(&[1, 1]), digest(&[2, 2]));
        assert_ne!(digest(&[]), digest(&[1]));
    }
}
