//! The query of a user's list of images. A page and the count of its list are read by one statement, so that they agree.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Timestamp};
use diesel_async::RunQueryDsl;
use resizinator_formats::Format;

use super::cached::Cached;
use super::columns::{HIDDEN, names};
use super::rows::ImageRow;
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::ids::UserId;
use crate::image::{Image, State};
use crate::page::{Cursor, Direction, Filter, ListQuery, Start};

/// The order of a list of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first. In this order, a new image never shifts a page that a client has already read.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// A page of a user's images.
#[derive(Debug)]
pub struct Page {
    /// How many images the list has in all.
    pub count: i64,
    /// The images of this page.
    pub images: Vec<Image>,
    /// Whether a page that was read by a cursor has more images beyond it, in the direction of the cursor.
    pub more: bool,
}

#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(embed)]
    image: ImageRow,
    #[diesel(sql_type = BigInt)]
    list_count: i64,
}

impl MetadataStore {
    /// A page of the user's images.
    pub async fn list(&self, user_id: UserId, query: &ListQuery) -> Result<Page, MetadataError> {
        let mut rows = self.listed(user_id, query).await?;
        let count = match (rows.as_slice().first(), query.start) {
            (Some(row), _) => row.list_count,
            // There is nothing at the very start.
            (None, Start::Offset(0) | Start::First) => 0,
            (None, _) => {
                let any = ListQuery { start: Start::Offset(0), limit: 1, ..query.clone() };
                self.listed(user_id, &any).await?.as_slice().first().map_or(0, |row| row.list_count)
            }
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if is_backwards(query) {
            rows.reverse();
        }
        let images = rows.into_iter().map(|row| row.image.into()).collect();
        Ok(Page { count, images, more })
    }

    /// The rows of a page, and one more if the page is read by a cursor.
    async fn listed(&self, user_id: UserId, query: &ListQuery) -> Result<Vec<ListedRow>, MetadataError> {
        let Filter { created_after, created_before, formats, ids, .. } = &query.filter;
        let (place, offset, extra) = match query.start {
            Start::Offset(offset) => (0, offset, 0),
            Start::First => (0, 0, 1),
            Start::Cursor(Cursor { id, .. }) => (id, 0, 1),
        };
        let time = |time: &Option<chrono::DateTime<chrono::Utc>>| time.unwrap_or_default().naive_utc();
        let (after, before) = (time(created_after), time(created_before));
        let statement = statement(query, matches!(self.database, Database::Sqlite { .. }));
        // These values are in the text, so there are too many texts to keep a prepared statement for each.
        let is_common = formats.is_none() && ids.is_none();
        on_connection!(self, |conn| {
            let list = diesel::sql_query(statement)
                .bind::<BigInt, _>(user_id)
                .bind::<Timestamp, NaiveDateTime>(after)
                .bind::<Timestamp, NaiveDateTime>(before)
                .bind::<BigInt, _>(place)
                .bind::<BigInt, _>(query.limit + extra)
                .bind::<BigInt, _>(offset);
            if is_common { Cached(list).get_results(conn).await } else { list.get_results(conn).await }
        })
    }
}

fn is_backwards(query: &ListQuery) -> bool {
    matches!(query.start, Start::Cursor(Cursor { direction: Direction::Previous, .. }))
}

/// The statement for a list of this shape. Its parameters are: the user, the two times, the place of the cursor, the
/// limit, and the offset. The ids of the page come from an index alone, and only its own rows are read.
fn statement(query: &ListQuery, sqlite: bool) -> String {
    let Filter { created_after, created_before, formats, ids, .. } = &query.filter;
    let conditions = conditions(&query.filter);
    let count = count(&query.filter, &conditions);
    let ascending = (query.order == Order::Ascending) != is_backwards(query);
    // With a filter by format or time, the index of the user's ids would be read from its start to the first image that the
    // filter lets pass. As an expression, the order keeps the database from it.
    let by_filter = formats.is_some() || created_after.is_some() || created_before.is_some();
    let order = if by_filter && ids.is_none() { "id + 0" } else { "id" };
    let (direction, side) = if ascending { ("ASC", ">") } else { ("DESC", "<") };
    let place = match query.start {
        Start::Cursor(_) => format!(" AND id {side} $4"),
        Start::Offset(_) | Start::First => String::new(),
    };
    let statement = format!(
        "SELECT images.*, ({count}) AS list_count FROM images WHERE id IN (SELECT id FROM images WHERE {conditions}{place} \
         ORDER BY {order} {direction} LIMIT $5 OFFSET $6) ORDER BY id {direction}"
    );
    // In SQLite, `$1` is a name, and `?1` a number.
    if sqlite { statement.replace('$', "?") } else { statement }
}

/// How many images the list has. The totals say it for all of a user's images. The ready ones are those that are in no
/// other state, which are few. Any other count reads as much of an index as there are images to count.
fn count(filter: &Filter, conditions: &str) -> String {
    let total = "SELECT COALESCE((SELECT user_totals.images FROM user_totals WHERE user_id = $1), 0)";
    let of_state = Filter { state: filter.state, ..Filter::default() } == *filter;
    match filter.state {
        None if of_state => total.to_owned(),
        Some(State::Ready) if of_state => {
            let others =
                names(&State::SHOWN.into_iter().filter(|state| *state != State::Ready).collect::<Vec<_>>());
            let shown = conditions_of_all();
            format!("{total} - (SELECT count(*) FROM images WHERE {shown} AND state IN ({others}))")
        }
        _ => format!("SELECT count(*) FROM images WHERE {conditions}"),
    }
}

fn conditions_of_all() -> String {
    format!("user_id = $1 AND state NOT IN ({})", names(&HIDDEN))
}

/// The conditions of a filter, spelled as in the indexes.
fn conditions(filter: &Filter) -> String {
    let Filter { state, created_after, created_before, formats, ids } = filter;
    let mut conditions = conditions_of_all();
    if let Some(state) = state {
        conditions += &format!(" AND state = '{state}'");
    }
    // The index has the format before the time.
    let is_by_time = (created_after.is_some() || created_before.is_some()) && ids.is_none();
    if let Some(formats) = formats.as_deref().or(is_by_time.then_some(&Format::ALL[..])) {
        let formats =
            formats.iter().map(|format| format!("'{}'", format.name())).collect::<Vec<_>>().join(", ");
        conditions += &format!(" AND format IN ({formats})");
    }
    if created_after.is_some() {
        conditions += " AND created_at >= $2";
    }
    if created_before.is_some() {
        conditions += " AND created_at < $3";
    }
    if let Some(ids) = ids {
        let ids = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        conditions += &format!(" AND id IN ({ids})");
    }
    conditions
}
