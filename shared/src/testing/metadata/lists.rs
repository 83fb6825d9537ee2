//! The behaviours of lists: filters, cursors and counts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::*;
use crate::page::{Cursor, Direction, Include};

/// A list has the images that its filter lets pass, in both orders, and it counts just these.
pub async fn a_list_has_what_its_filter_lets_pass(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    gallery(&url, &store, ada).await;
    let everything = whole(&store, ada, Filter::default()).await;
    assert_eq!(everything.len(), 32);
    for filter in filters(&everything) {
        let expected: Vec<ImageId> =
            everything.iter().filter(|image| passes(&filter, image)).map(|image| image.id).collect();
        assert_eq!(ids(&whole(&store, ada, filter.clone()).await), expected, "{filter:?}");
        for order in [Order::Ascending, Order::Descending] {
            let mut expected = expected.clone();
            if order == Order::Descending {
                expected.reverse();
            }
            let query = ListQuery {
                filter: filter.clone(),
                order,
                start: Start::Offset(1),
                limit: 3,
                include: Include::Nothing,
            };
            let page = store.list(ada, &query).await.expect("lists");
            let window: Vec<ImageId> = expected.iter().skip(1).take(3).copied().collect();
            let count = i64::try_from(expected.len()).expect("few");
            assert_eq!((page.count, ids(&page.images)), (count, window), "{query:?}");
            assert_eq!(read_through(&store, ada, &filter, order).await, expected, "{filter:?} {order:?}");
        }
    }
}

/// A cursor leads on from its place, whether or not the image there was deleted, and back again.
pub async fn a_cursor_leads_on_and_back_where_images_were_deleted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(accepted(&store, ada).await.id);
    }
    let at = |direction, id: ImageId| ListQuery {
        filter: Filter::default(),
        order: Order::Ascending,
        start: Start::Cursor(Cursor { direction, id: id.get() }),
        limit: 2,
        include: Include::Nothing,
    };
    let page = async |query: &ListQuery| {
        let page = store.list(ada, query).await.expect("lists");
        (ids(&page.images), page.more, page.count)
    };
    assert!(store.delete_image(ada, all[2]).await.expect("deletes"));
    assert_eq!(page(&at(Direction::Next, all[2])).await, (all[3..5].to_vec(), true, 5));
    assert_eq!(page(&at(Direction::Previous, all[2])).await, (all[..2].to_vec(), false, 5));
    assert_eq!(page(&at(Direction::Previous, all[5])).await, (all[3..5].to_vec(), true, 5));
    assert_eq!(page(&at(Direction::Next, all[5])).await, (vec![], false, 5), "the end is counted too");
}

/// While images are uploaded, rendered, retried and deleted, every list has as many images as it counts.
pub async fn a_count_is_exact_while_images_come_change_and_go(url: DatabaseUrl) {
    const CLIENTS: usize = 4;
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let clients = at_once(CLIENTS, |client| {
        let store = store.clone();
        async move {
            for turn in 0..12 {
                let image = accepted(&store, ada).await;
                let image = claimed(&store, &image, LONG).await;
                match (client + turn) % 4 {
                    0 => assert!(store.finish_ready(&image, SIZES, LONG).await.expect("finishes")),
                    1 => {
                        assert!(store.finish_failed(&image, CODE, DETAIL).await.expect("finishes"));
                        if turn % 2 == 0 {
                            let retried =
                                store.retry_own(ada, image.id, &CODE.into()).await.expect("retries");
                            assert_eq!(retried.expect("it has failed").state, State::Pending);
                        }
                    }
                    2 => assert!(store.delete_image(ada, image.id).await.expect("deletes")),
                    _ => {}
                }
            }
        }
    });
    let reader = async {
        for _ in 0..15 {
            for state in [None].into_iter().chain(State::SHOWN.map(Some)) {
                for formats in [None, Some(vec![Format::Jpeg])] {
                    let filter = Filter { state, formats, ..Filter::default() };
                    let query = ListQuery { filter, ..from_offset(Order::Ascending, 0, 1000) };
                    let page = store.list(ada, &query).await.expect("lists");
                    assert_eq!(page.count, i64::try_from(page.images.len()).expect("few"), "{query:?}");
                }
            }
        }
    };
    tokio::join!(clients, reader);
    assert_eq!(whole(&store, ada, Filter::default()).await.len(), CLIENTS * 9);
}

/// Of the images that a client wants to delete, those are deleted that it has, and two clients that name the same ones in
/// another order do not wait for each other for ever.
pub async fn images_are_deleted_together(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    let mut all = Vec::new();
    for _ in 0..40 {
        all.push(ready(&store, ada).await.id);
    }
    let foreign = ready(&store, bob).await;
    let deleted = at_once(4, |client| {
        let store = store.clone();
        let mut ids: Vec<ImageId> =
            all[1..].iter().copied().chain([foreign.id, later(foreign.id, 1)]).collect();
        if client % 2 == 0 {
            ids.reverse();
        }
        async move { store.delete_images(ada, &ids).await.expect("deletes") }
    })
    .await;
    let mut ids: Vec<ImageId> = deleted.into_iter().flatten().collect();
    ids.sort();
    assert_eq!(ids, all[1..], "each is deleted once");
    assert_eq!(listed(&store, ada).await, (1, vec![all[0]]));
    assert_eq!(listed(&store, bob).await, (1, vec![foreign.id]));
    assert!(store.delete_images(bob, &[]).await.expect("deletes nothing").is_empty());
}

/// Images of four formats in all states, a day apart, and some that clients do not see.
async fn gallery(url: &DatabaseUrl, store: &MetadataStore, ada: UserId) {
    for day in 1..=16 {
        for (number, state) in State::SHOWN.into_iter().enumerate() {
            let format = ["jpeg", "png", "gif", "webp"][(day + number) % 4];
            let state = if day % 2 == 0 { state.name() } else { ["receiving", "deleted"][number % 2] };
            // Later images are not always those with higher ids.
            let date = format!("2024-05-{:02} 12:00:00.{number:06}", (day * 7) % 17 + 1);
            run_sql(
                url,
                &format!(
                    "INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, created_at, \
                     updated_at) VALUES ({ada}, '{state}', '{}', 'a', '{format}', 1, '', '{date}', '{date}')",
                    ObjectId::random()
                ),
            )
            .await;
        }
    }
    // The rows were not accepted, so nothing has counted them.
    run_sql(url, &format!("UPDATE user_totals SET images = 32, bytes = 32 WHERE user_id = {ada}")).await;
    // Those of others are never in the list.
    accepted(store, user(store, "bob").await).await;
}

fn filters(images: &[Image]) -> Vec<Filter> {
    let day =
        |day: u32| Some(format!("2024-05-{day:02}T12:00:00Z").parse::<DateTime<Utc>>().expect("a time"));
    let some: BTreeSet<ImageId> =
        images.iter().step_by(3).map(|image| image.id).chain([id(99_999)]).collect();
    let mut filters = Vec::new();
    for state in [None].into_iter().chain(State::SHOWN.map(Some)) {
        for formats in
            [None, Some(vec![Format::Jpeg]), Some(vec![Format::Gif, Format::Png]), Some(vec![Format::Avif])]
        {
            for (created_after, created_before) in
                [(None, None), (day(5), None), (None, day(9)), (day(4), day(11))]
            {
                for ids in [None, Some(some.clone())] {
                    let formats = formats.clone();
                    filters.push(Filter { state, created_after, created_before, formats, ids });
                }
            }
        }
    }
    filters
}

fn passes(filter: &Filter, image: &Image) -> bool {
    filter.state.is_none_or(|state| image.state == state)
        && filter.created_after.is_none_or(|time| image.created_at >= time)
        && filter.created_before.is_none_or(|time| image.created_at < time)
        && filter.formats.as_ref().is_none_or(|formats| formats.contains(&image.format))
        && filter.ids.as_ref().is_none_or(|ids| ids.contains(&image.id))
}

/// All images of a list.
async fn whole(store: &MetadataStore, user: UserId, filter: Filter) -> Vec<Image> {
    let query = ListQuery { filter, ..from_offset(Order::Ascending, 0, 1000) };
    store.list(user, &query).await.expect("lists").images
}

/// The ids of a list that is read by cursors to its end, after which it is read back to its start.
async fn read_through(store: &MetadataStore, user: UserId, filter: &Filter, order: Order) -> Vec<ImageId> {
    let mut query =
        ListQuery { filter: filter.clone(), order, start: Start::First, limit: 5, include: Include::Nothing };
    let mut forwards = Vec::new();
    let mut last = Vec::new();
    loop {
        let page = store.list(user, &query).await.expect("lists");
        if !page.images.is_empty() {
            last = ids(&page.images);
            forwards.extend(ids(&page.images));
        }
        let Some(id) = page.images.last().map(|image| image.id.get()).filter(|_| page.more) else { break };
        query.start = Start::Cursor(Cursor { direction: Direction::Next, id });
    }
    let mut backwards = last.clone();
    while let Some(first) = backwards.first().copied() {
        let id = ImageId::get(first);
        query.start = Start::Cursor(Cursor { direction: Direction::Previous, id });
        let page = store.list(user, &query).await.expect("lists");
        assert_eq!(page.images.is_empty(), backwards.len() == forwards.len(), "{query:?}");
        if page.images.is_empty() {
            break;
        }
        backwards.splice(0..0, ids(&page.images));
    }
    assert_eq!(backwards, forwards, "{filter:?} {order:?}");
    forwards
}
