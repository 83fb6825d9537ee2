//! The cursor of a list: the place where a page begins, in a text that only the service can make. A page that a cursor
//! begins costs the same at any depth.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::filter::Filter;
use crate::ids::UserId;
use crate::metadata::Order;
use crate::settings::Secret;

/// What the signature begins with, so that nothing else that the secret signs can be taken for a cursor.
const PURPOSE: &[u8] = b"resizinator cursor 1";
const SIGNATURE: usize = 16;

/// Which page a cursor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The page of the images that come after the place.
    Next,
    /// The page of the images that come before the place.
    Previous,
}

/// A place in a list. The image with this id is not on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// On which side of the place the page is.
    pub direction: Direction,
    /// The id of the image at the place, which may have been deleted meanwhile.
    pub id: i64,
}

/// The list that a cursor belongs to. The cursor is of no use in another one.
#[derive(Debug, Clone, Copy)]
pub struct CursorScope<'a> {
    /// The owner of the images.
    pub user: UserId,
    /// The order of the images.
    pub order: Order,
    /// Which images there are.
    pub filter: &'a Filter,
}

/// The secrets that sign cursors. The first one signs, and all of them verify.
#[derive(Debug, Clone)]
pub struct CursorKeys(Vec<Secret>);

impl CursorKeys {
    /// Makes the keys of the secrets of the settings.
    pub const fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets)
    }

    /// The text of a cursor; `None` if there is no secret.
    pub fn seal(&self, cursor: Cursor, scope: CursorScope<'_>) -> Option<String> {
        let signature = mac(self.0.first()?, cursor, scope).finalize().into_bytes();
        let bytes = [&place(cursor)[..], &signature[..SIGNATURE]].concat();
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads the text of a cursor; `None` if it was not made for this list.
    pub fn open(&self, text: &str, scope: CursorScope<'_>) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (place, signature) = bytes.split_at_checked(PLACE)?;
        let (&direction, id) = place.split_first()?;
        let direction = match direction {
            0 => Direction::Next,
            1 => Direction::Previous,
            _ => return None,
        };
        let cursor = Cursor { direction, id: i64::from_be_bytes(id.try_into().ok()?) };
        let is_ours = |secret| mac(secret, cursor, scope).verify_truncated_left(signature).is_ok();
        (signature.len() == SIGNATURE && self.0.iter().any(is_ours)).then_some(cursor)
    }
}

const PLACE: usize = 9;

fn place(cursor: Cursor) -> [u8; PLACE] {
    let mut place = [0; PLACE];
    place[0] = match cursor.direction {
        Direction::Next => 0,
        Direction::Previous => 1,
    };
    place[1..].copy_from_slice(&cursor.id.to_be_bytes());
    place
}

fn mac(secret: &Secret, cursor: Cursor, scope: CursorScope<'_>) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose()).expect("a key of any length will do");
    let order: &[u8] = match scope.order {
        Order::Ascending => b"+",
        Order::Descending => b"-",
    };
    // All parts but the last have a fixed length.
    for part in [PURPOSE, &scope.user.get().to_be_bytes(), order, &place(cursor)] {
        mac.update(part);
    }
    mac.update(scope.filter.canonical().as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::State;

    fn keys(secrets: &[&str]) -> CursorKeys {
        let secret = |text: &&str| Secret::new(text.repeat(32).into_bytes()).expect("long enough");
        CursorKeys::new(secrets.iter().map(secret).collect())
    }

    fn user(id: i64) -> UserId {
        UserId::try_from(id).expect("an id")
    }

    #[test]
    fn a_cursor_opens_in_its_own_list_alone() {
        let (all, ready) = (Filter::default(), Filter { state: Some(State::Ready), ..Filter::default() });
        let scope = CursorScope { user: user(7), order: Order::Ascending, filter: &all };
        let keys = keys(&["a"]);
        for cursor in [
            Cursor { direction: Direction::Next, id: 12 },
            Cursor { direction: Direction::Previous, id: i64::MAX },
            Cursor { direction: Direction::Next, id: 0 },
        ] {
            let text = keys.seal(cursor, scope).expect("a secret");
            assert_eq!(keys.open(&text, scope), Some(cursor));
            assert_eq!(keys.open(&text, CursorScope { user: user(8), ..scope }), None);
            assert_eq!(keys.open(&text, CursorScope { order: Order::Descending, ..scope }), None);
            assert_eq!(keys.open(&text, CursorScope { filter: &ready, ..scope }), None);
        }
    }

    #[test]
    fn a_cursor_with_any_byte_changed_or_missing_does_not_open() {
        let all = Filter::default();
        let scope = CursorScope { user: user(7), order: Order::Ascending, filter: &all };
        let keys = keys(&["a"]);
        let text = keys.seal(Cursor { direction: Direction::Next, id: 12 }, scope).expect("a secret");
        for place in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(keys.open(&forged, scope), None, "{place}");
            assert_eq!(keys.open(&text[..place], scope), None, "{place}");
        }
        assert_eq!(keys.open(&format!("{text}A"), scope), None);
        assert_eq!(keys.open("", scope), None);
    }

    #[test]
    fn a_secret_that_is_being_replaced_still_opens_cursors() {
        let all = Filter::default();
        let scope = CursorScope { user: user(7), order: Order::Ascending, filter: &all };
        let cursor = Cursor { direction: Direction::Next, id: 12 };
        let old = keys(&["a"]).seal(cursor, scope).expect("a secret");
        assert_eq!(keys(&["b", "a"]).open(&old, scope), Some(cursor));
        assert_eq!(keys(&["b"]).open(&old, scope), None);
    }
}
