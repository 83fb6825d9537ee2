//! Pagination of the list of images: a client asks with `limit` and `offset`, and gets a page with links to the pages
//! beside it. It works like `LimitOffsetPagination` of Django REST framework.
//! <https://www.django-rest-framework.org/api-guide/pagination/#limitoffsetpagination>

use std::collections::BTreeMap;

use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::image::ImageRecord;

/// How many images a page has if the client names no limit.
pub const DEFAULT_LIMIT: i64 = 10;
/// The most images that a page can have.
pub const MAX_LIMIT: i64 = 100;

/// One page of images.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImagePage {
    /// How many images the user has in all.
    #[schema(minimum = 0)]
    pub count: i64,
    /// The URL of the next page; null on the last page.
    #[schema(format = "uri", required)]
    pub next: Option<String>,
    /// The URL of the page before; null on the first page.
    #[schema(format = "uri", required)]
    pub previous: Option<String>,
    /// The images of this page.
    pub results: Vec<ImageRecord>,
}

/// The part of the list that a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The most images that the page may have, from 1 to [`MAX_LIMIT`].
    pub limit: i64,
    /// How many images come before the page.
    pub offset: i64,
}

impl Window {
    /// Reads the query parameters. If one is repeated, the last one counts. A value that is not a usable number counts
    /// as the default.
    pub fn of(parameters: &[(String, String)]) -> Self {
        let limit = last_number(parameters, "limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT);
        let offset = last_number(parameters, "offset").unwrap_or(0);
        Self { limit: limit.min(MAX_LIMIT), offset }
    }

    /// The URL of the next page, if there is one. `url` is the absolute URL of the request.
    pub fn next(self, url: &Url, parameters: &[(String, String)], count: i64) -> Option<String> {
        let offset = self.offset.checked_add(self.limit).filter(|offset| *offset < count)?;
        Some(link(url, parameters, self.limit, Some(offset)))
    }

    /// The URL of the page before, if there is one. The URL of the first page has no `offset`.
    pub fn previous(self, url: &Url, parameters: &[(String, String)]) -> Option<String> {
        if self.offset == 0 {
            return None;
        }
        let offset = (self.offset > self.limit).then(|| self.offset - self.limit);
        Some(link(url, parameters, self.limit, offset))
    }
}

fn last_number(parameters: &[(String, String)], name: &str) -> Option<i64> {
    let (_, text) = parameters.iter().rev().find(|(key, _)| key == name)?;
    text.trim().parse().ok().filter(|number| *number >= 0)
}

/// The URL of a page. It keeps all other parameters and sorts them by name. Those of the same name keep their order.
fn link(url: &Url, parameters: &[(String, String)], limit: i64, offset: Option<i64>) -> String {
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters {
        by_name.entry(name).or_default().push(value.clone());
    }
    by_name.insert("limit", vec![limit.to_string()]);
    match offset {
        Some(offset) => by_name.insert("offset", vec![offset.to_string()]),
        None => by_name.remove("offset"),
    };
    let mut link = url.clone();
    link.query_pairs_mut().clear().extend_pairs(
        by_name.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, value))),
    );
    link.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Vec<(String, String)> {
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    fn links(query: &str, count: i64) -> (Window, Option<String>, Option<String>) {
        let parameters = parameters(query);
        let url = Url::parse(&format!("http://host/image/?{query}")).expect("a URL");
        let window = Window::of(&parameters);
        (window, window.next(&url, &parameters, count), window.previous(&url, &parameters))
    }

    #[test]
    fn what_is_no_usable_number_counts_as_the_default() {
        for query in [
            "",
            "limit=0",
            "limit=-1",
            "limit=x",
            "limit=",
            "offset=-3",
            "offset=1.5",
            "limit=99999999999999999999",
        ] {
            assert_eq!(Window::of(&parameters(query)), Window { limit: 10, offset: 0 }, "{query}");
        }
        assert_eq!(Window::of(&parameters("limit=1000")).limit, 100);
        assert_eq!(Window::of(&parameters("limit=3&limit=7")).limit, 7);
    }

    #[test]
    fn links_keep_other_parameters_sorted_by_name() {
        let (_, next, previous) = links("z=%C3%A9+1&offset=10&a=2", 40);
        assert_eq!(next.as_deref(), Some("http://host/image/?a=2&limit=10&offset=20&z=%C3%A9+1"));
        assert_eq!(previous.as_deref(), Some("http://host/image/?a=2&limit=10&z=%C3%A9+1"));
    }

    #[test]
    fn there_is_no_next_at_the_end_and_no_previous_at_the_start() {
        assert_eq!(links("limit=5", 5), (Window { limit: 5, offset: 0 }, None, None));
        let (_, next, previous) = links("limit=5&offset=100", 5);
        assert_eq!((next, previous.as_deref()), (None, Some("http://host/image/?limit=5&offset=95")));
        let (_, next, _) = links(&format!("offset={}", i64::MAX), 5);
        assert_eq!(next, None);
    }
}
