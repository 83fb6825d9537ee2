//! The behaviours of images as their owner sees them, and as nobody else does.

use super::*;
use crate::failure_code::RecordedCode;

/// An upload whose original is not stored yet is not shown.
pub async fn an_upload_shows_once_it_is_accepted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = received(&store, ada).await;
    assert_eq!(find(&store, &image).await, None);
    assert_eq!(listed(&store, ada).await, (0, vec![]));
    assert!(!store.delete_image(ada, image.id).await.expect("deletes"));
    assert!(matches!(claim(&store, &image, LONG).await, ClaimOutcome::Over));
    assert!(store.unqueued(Duration::ZERO, 10).await.expect("lists").is_empty());

    let accepted = accept(&store, &image).await.expect("was received");
    assert_eq!(accepted.state, State::Pending);
    assert!(accepted.accepted_at.is_some_and(|at| at >= image.created_at));
    assert_eq!(shown(&store, &image).await, accepted);
    assert_eq!(listed(&store, ada).await, (1, vec![image.id]));
}

/// A second acceptance finds nothing to accept and changes nothing.
pub async fn an_upload_is_accepted_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    assert_eq!(accept(&store, &image).await, None);
    assert_eq!(accept(&store, &Image { id: later(image.id, 1), ..image.clone() }).await, None);
    assert_eq!(shown(&store, &image).await, image);
    let image = claimed(&store, &image, LONG).await;
    assert_eq!(accept(&store, &image).await, None);
    assert_eq!(shown(&store, &image).await, image);
}

/// Every field and every format is read back as it was written.
pub async fn a_row_reads_back_as_it_was_written(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for format in Format::ALL {
        let object_id = ObjectId::random();
        let sha256 = hex::encode(rand::random::<[u8; 32]>());
        let file_name = "it's; \"50 %\" \\ Ünï 🦊.bin";
        let new = NewImage {
            user_id: ada,
            object_id: &object_id,
            file_name,
            format,
            bytes: i64::MAX,
            sha256: &sha256,
            header: StoredHeader { width: 400, height: 300, frames: 1 },
            trace: &Trace::default(),
            held: false,
        };
        let image = store.receive(&new).await.expect("receives");
        assert_eq!((image.user_id, image.generation, image.visible_generation), (ada, generation(1), None));
        assert_eq!((&image.object_id, &*image.file_name, &*image.sha256), (&object_id, file_name, &*sha256));
        assert_eq!((image.format, image.bytes), (format, i64::MAX));
        assert_eq!((image.claim.get(), image.attempts, image.accepted_at), (0, 0, None));
        assert_eq!((image.error_code, image.error_detail), (None, None));
        assert_eq!(image.created_at, image.updated_at);
    }
}

/// While replicas are upgraded one after the other, rows may hold values of another version.
pub async fn rows_of_other_versions_can_be_read(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let failed = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    run_sql(&url, "UPDATE images SET error_code = 'code_of_a_newer_version'").await;
    let ready = ready(&store, ada).await;
    run_sql(&url, "UPDATE images SET small_width = NULL, medium_bytes = NULL WHERE state = 'ready'").await;

    let code = shown(&store, &failed).await.error_code;
    assert_eq!(code, Some(RecordedCode::Unknown("code_of_a_newer_version".into())));
    assert_eq!(shown(&store, &ready).await, Image { variants: None, ..ready });
    assert_eq!(listed(&store, ada).await.0, 2);
}

/// Another user cannot see, list, delete or claim the image.
pub async fn another_user_sees_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    for image in [accepted(&store, ada).await, ready(&store, ada).await] {
        assert_eq!(store.image(bob, image.id).await.expect("looks up"), None);
        assert!(!store.delete_image(bob, image.id).await.expect("deletes"));
        let claim = store.claim(image.id, bob, image.generation, LONG).await.expect("answers");
        assert!(matches!(claim, ClaimOutcome::Over));
        assert_eq!(shown(&store, &image).await, image);
    }
    assert_eq!(listed(&store, bob).await, (0, vec![]));
    assert_eq!(listed(&store, ada).await.0, 2);
}

/// A list works in both orders and with any window, and it always counts all images.
pub async fn a_list_has_order_offset_and_limit(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(accepted(&store, ada).await.id);
        accepted(&store, bob).await;
        received(&store, ada).await;
        if number == 3 {
            let gone = accepted(&store, ada).await;
            assert!(store.delete_image(ada, gone.id).await.expect("deletes"));
        }
    }
    let backwards: Vec<ImageId> = all.iter().rev().copied().collect();
    for (order, expected) in [(Order::Ascending, &all), (Order::Descending, &backwards)] {
        for (offset, limit) in
            [(0, 3), (3, 3), (6, 3), (7, 3), (0, 7), (0, 100), (2, 0), (1000, 5), (i64::MAX, 5)]
        {
            let page = store.list(ada, &from_offset(order, offset, limit)).await.expect("lists");
            let window = expected.iter().skip(offset.try_into().expect("fits"));
            let window: Vec<ImageId> = window.take(limit.try_into().expect("fits")).copied().collect();
            assert_eq!((page.count, ids(&page.images)), (7, window), "{order:?} {offset} {limit}");
        }
    }
}

/// An image in any state is gone for its owner as soon as it is deleted, and it can be deleted only once.
pub async fn a_deleted_image_is_gone_at_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let pending = accepted(&store, ada).await;
    let processing = claimed(&store, &accepted(&store, ada).await, LONG).await;
    let failed = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    let images = [pending, processing, failed, ready(&store, ada).await];
    let kept = accepted(&store, ada).await;
    for image in &images {
        assert!(store.delete_image(ada, image.id).await.expect("deletes"));
        assert_eq!(find(&store, image).await, None);
        assert!(!store.delete_image(ada, image.id).await.expect("deletes"));
        assert!(matches!(claim(&store, image, LONG).await, ClaimOutcome::Over));
        assert_eq!(accept(&store, image).await, None);
    }
    assert_eq!(listed(&store, ada).await, (1, vec![kept.id]));
    assert!(!store.delete_image(ada, later(kept.id, 1)).await.expect("deletes"));
}

/// If eight deletes run at the same time, one says that it deleted the image, and the others find nothing.
pub async fn of_eight_deletes_one_deletes(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let id = ready(&store, ada).await.id;
    let outcomes = at_once(8, |_| {
        let store = store.clone();
        async move { store.delete_image(ada, id).await.expect("deletes") }
    });
    assert_eq!(outcomes.await.into_iter().filter(|deleted| *deleted).count(), 1);
}

/// A time that a write returns is the same in every later read, to the microsecond, from any store.
pub async fn times_survive_to_the_microsecond(url: DatabaseUrl) {
    let (store, other) = (migrated(&url).await, open(&url));
    let ada = user(&store, "ada").await;
    let mut fractions = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let before = store.now().await.expect("knows the time");
        let image = accepted(&store, ada).await;
        let after = store.now().await.expect("knows the time");
        let accepted_at = image.accepted_at.expect("accepted");
        assert!(before <= image.created_at && image.created_at <= accepted_at && accepted_at <= after);
        for time in [image.created_at, image.updated_at, accepted_at] {
            assert_eq!(time.timestamp_subsec_nanos() % 1000, 0, "{time}");
            fractions.insert(time.timestamp_subsec_micros() % 1000);
        }
        assert_eq!(shown(&store, &image).await, image);
        assert_eq!(shown(&other, &image).await, image);
    }
    assert!(fractions.len() > 2, "the microseconds are cut off: {fractions:?}");
}

/// The clock is that of the database (Postgres) or of this host (SQLite), and always in UTC.
pub async fn two_stores_agree_on_the_time(url: DatabaseUrl) {
    let (store, other) = (migrated(&url).await, open(&url));
    let (first, second) = (store.now().await.expect("time"), other.now().await.expect("time"));
    let third = store.now().await.expect("time");
    assert!((second - first).num_milliseconds().abs() < 1000, "{first} {second}");
    assert!((chrono::Utc::now() - first).num_seconds().abs() < 60, "{first}");
    assert!(third >= first);
}
