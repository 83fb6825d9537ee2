//! What a client asks of a list: a filter, an order, and a page.

use super::cursor::{Cursor, CursorKeys, CursorScope};
use super::filter::{Filter, MAX_IDS};
use super::include::Include;
use super::parameter::{BadParameter, Parameters, last};
use super::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::ids::UserId;
use crate::metadata::Order;

/// The query parameters of a list.
const NAMES: [&str; 10] = [
    "cursor",
    "limit",
    "offset",
    "ordering",
    "state",
    "created_after",
    "created_before",
    "format",
    "ids",
    "include",
];

/// A page of a list, as a client asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Which images the list has.
    pub filter: Filter,
    /// The order of the images.
    pub order: Order,
    /// Where the page begins.
    pub start: Start,
    /// The most images that the page may have, from 1 to [`MAX_LIMIT`].
    pub limit: i64,
    /// What the page says of each image beyond its record.
    pub include: Include,
}

/// The place where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After this many images.
    Offset(i64),
    /// At the start of the list, which is then read by cursors.
    First,
    /// At the place of a cursor.
    Cursor(Cursor),
}

impl ListQuery {
    /// Reads the query of a user's list. If a parameter is repeated, the last one counts. As in Django REST framework, a
    /// `limit`, an `offset` or an `ordering` that cannot be used counts as the default. Names that begin with `_` are
    /// left to the client.
    ///
    /// # Errors
    /// [`BadParameter`] for a name that is not known, a filter or an `include` that is wrong, or a cursor that belongs to another list.
    pub fn of(parameters: &Parameters, user: UserId, keys: &CursorKeys) -> Result<Self, BadParameter> {
        for (name, _) in parameters {
            if !NAMES.contains(&name.as_str()) && !name.starts_with('_') && !name.is_empty() {
                let message = format!("This parameter is not known. Expected are: {}.", NAMES.join(", "));
                return Err(BadParameter::new(name, message));
            }
        }
        let filter = Filter::of(parameters)?;
        let order = match last(parameters, "ordering") {
            Some("-id") => Order::Descending,
            _ => Order::Ascending,
        };
        let start = match last(parameters, "cursor") {
            None => Start::Offset(last_number(parameters, "offset").unwrap_or(0)),
            Some("") => Start::First,
            Some(text) => {
                let scope = CursorScope { user, order, filter: &filter };
                let cursor = keys.open(text, scope).ok_or_else(|| {
                    let message = "This is not a cursor of this list. Expected is one from a link next or previous, \
                                   with the same ordering and filters, or an empty one for the first page.";
                    BadParameter::new("cursor", message)
                })?;
                Start::Cursor(cursor)
            }
        };
        // Whoever names images wants to see them all.
        let default =
            filter.ids.as_ref().map_or(DEFAULT_LIMIT, |_| i64::try_from(MAX_IDS).unwrap_or(MAX_LIMIT));
        let limit = last_number(parameters, "limit").filter(|limit| *limit > 0).unwrap_or(default);
        let include = Include::of(parameters)?;
        Ok(Self { filter, order, start, limit: limit.min(MAX_LIMIT), include })
    }
}

fn last_number(parameters: &Parameters, name: &str) -> Option<i64> {
    last(parameters, name)?.trim().parse().ok().filter(|number| *number >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<ListQuery, BadParameter> {
        let parameters: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let user = UserId::try_from(1).expect("an id");
        ListQuery::of(&parameters, user, &CursorKeys::new(Vec::new()))
    }

    #[test]
    fn what_is_no_usable_number_counts_as_the_default() {
        for text in [
            "",
            "limit=0",
            "limit=-1",
            "limit=x",
            "limit=",
            "offset=-3",
            "offset=1.5",
            "limit=99999999999999999999",
        ] {
            let ListQuery { limit, start, .. } = query(text).expect("lenient");
            assert_eq!((limit, start), (10, Start::Offset(0)), "{text}");
        }
        assert_eq!(query("limit=1000").expect("lenient").limit, 100);
        assert_eq!(query("limit=3&limit=7").expect("lenient").limit, 7);
        assert_eq!(query("ids=1,2").expect("a query").limit, 100);
    }

    #[test]
    fn a_name_that_is_not_known_is_told_with_those_that_are() {
        for text in ["stat=ready", "page=2", "limit=1&colour=red"] {
            let bad = query(text).expect_err(text);
            assert!(text.contains(&bad.name) && bad.message.contains("created_after"), "{bad}");
        }
        assert!(query("_=1716059106&_mine=1&=").is_ok());
    }
}
