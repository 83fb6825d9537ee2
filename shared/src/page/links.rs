//! The links of a page to the pages beside it.

use std::collections::BTreeMap;

use url::Url;

use super::cursor::{Cursor, CursorKeys, CursorScope, Direction};
use super::parameter::Parameters;
use super::query::{ListQuery, Start};
use crate::ids::{ImageId, UserId};
use crate::metadata::{Order, Page};

/// The URLs of the pages beside a page; `None` at the ends of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The page after it.
    pub next: Option<String>,
    /// The page before it.
    pub previous: Option<String>,
}

impl Links {
    /// Makes the links of a page. `url` is the absolute URL of the request, and `parameters` are those of its query.
    pub fn of(
        page: &Page,
        query: &ListQuery,
        user: UserId,
        keys: &CursorKeys,
        url: &Url,
        parameters: &Parameters,
    ) -> Self {
        let link = |place| link(url, parameters, query.limit, place);
        let by_cursor = |cursor: Cursor| {
            let scope = CursorScope { user, order: query.order, filter: &query.filter };
            keys.seal(cursor, scope).map(|text| link(Place::Cursor(text)))
        };
        let first = page.images.first().map(|image| image.id);
        let last = page.images.last().map(|image| image.id);
        let next = |from: i64| by_cursor(Cursor { direction: Direction::Next, id: from });
        let previous = |from: i64| by_cursor(Cursor { direction: Direction::Previous, id: from });
        match query.start {
            Start::Offset(offset) => Self {
                next: offset
                    .checked_add(query.limit)
                    .filter(|next| *next < page.count)
                    .map(|next| link(Place::Offset(Some(next)))),
                // The URL of the first page has no offset.
                previous: (offset > 0)
                    .then(|| link(Place::Offset((offset > query.limit).then(|| offset - query.limit)))),
            },
            Start::First => {
                Self { next: last.filter(|_| page.more).and_then(|id| next(id.get())), previous: None }
            }
            Start::Cursor(Cursor { direction: Direction::Next, id }) => Self {
                next: last.filter(|_| page.more).and_then(|id| next(id.get())),
                // Beyond the end the way back begins with the image at the place itself.
                previous: previous(first.map_or_else(|| beyond(id, query.order, 1), ImageId::get)),
            },
            Start::Cursor(Cursor { direction: Direction::Previous, id }) => Self {
                next: next(last.map_or_else(|| beyond(id, query.order, -1), ImageId::get)),
                previous: first.filter(|_| page.more).and_then(|id| previous(id.get())),
            },
        }
    }
}

/// The id that is `steps` further in the list than `id`.
fn beyond(id: i64, order: Order, steps: i64) -> i64 {
    match order {
        Order::Ascending => id.saturating_add(steps),
        Order::Descending => id.saturating_sub(steps),
    }
}

enum Place {
    Offset(Option<i64>),
    Cursor(String),
}

/// The URL of a page. It keeps all other parameters and sorts them by name. Those of the same name keep their order.
fn link(url: &Url, parameters: &Parameters, limit: i64, place: Place) -> String {
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters {
        by_name.entry(name).or_default().push(value.clone());
    }
    by_name.insert("limit", vec![limit.to_string()]);
    by_name.remove("offset");
    by_name.remove("cursor");
    match place {
        Place::Offset(offset) => offset.map(|offset| ("offset", offset.to_string())),
        Place::Cursor(cursor) => Some(("cursor", cursor)),
    }
    .map(|(name, value)| by_name.insert(name, vec![value]));
    let mut link = url.clone();
    link.query_pairs_mut().clear().extend_pairs(
        by_name.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, value))),
    );
    link.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str, count: i64) -> Links {
        let parameters: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let url = Url::parse(&format!("http://host/image/?{text}")).expect("a URL");
        let (user, keys) = (UserId::try_from(1).expect("an id"), CursorKeys::new(Vec::new()));
        let query = ListQuery::of(&parameters, user, &keys).expect("a query");
        let page = Page { count, images: Vec::new(), more: false };
        Links::of(&page, &query, user, &keys, &url, &parameters)
    }

    #[test]
    fn links_keep_other_parameters_sorted_by_name() {
        let Links { next, previous } = links("state=ready&_z=%C3%A9+1&offset=10&_a=2", 40);
        let rest = "&state=ready";
        assert_eq!(
            next.as_deref(),
            Some(&*format!("http://host/image/?_a=2&_z=%C3%A9+1&limit=10&offset=20{rest}"))
        );
        assert_eq!(
            previous.as_deref(),
            Some(&*format!("http://host/image/?_a=2&_z=%C3%A9+1&limit=10{rest}"))
        );
    }

    #[test]
    fn there_is_no_next_at_the_end_and_no_previous_at_the_start() {
        assert_eq!(links("limit=5", 5), Links { next: None, previous: None });
        let Links { next, previous } = links("limit=5&offset=100", 5);
        assert_eq!((next, previous.as_deref()), (None, Some("http://host/image/?limit=5&offset=95")));
        assert_eq!(links(&format!("offset={}", i64::MAX), 5).next, None);
    }
}
