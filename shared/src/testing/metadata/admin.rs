//! The behaviours of the queries of operators over the images of all users.

use super::*;
use crate::failure_code::RecordedCode;
use crate::metadata::ImageCounts;

const CRASHED: FailureCode = FailureCode::RendererCrashed;

async fn failed(store: &MetadataStore, user_id: UserId, code: FailureCode, detail: &str) -> Image {
    let image = claimed(store, &accepted(store, user_id).await, LONG).await;
    assert!(store.finish_failed(&image, code, detail).await.expect("finishes"));
    tick(store).await;
    image
}

/// The overview counts the images of all users by their states, and the failed ones by their codes.
pub async fn an_overview_counts_what_becomes_of_all_images(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let empty = store.overview(Duration::ZERO).await.expect("counts");
    assert_eq!(empty.images, ImageCounts { pending: 0, processing: 0, ready: 0, failed: 0 });
    assert_eq!((empty.oldest_waiting, empty.unqueued, empty.failures), (None, 0, vec![]));

    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    received(&store, ada).await;
    let deleted = ready(&store, ada).await;
    assert!(store.delete_image(ada, deleted.id).await.expect("deletes"));
    ready(&store, ada).await;
    ready(&store, eve).await;
    let queued = accepted(&store, ada).await;
    mark_queued(&store, &queued).await;
    accepted(&store, eve).await;
    claimed(&store, &accepted(&store, eve).await, LONG).await;
    failed(&store, ada, CRASHED, "first").await;
    failed(&store, eve, CODE, DETAIL).await;
    failed(&store, eve, CRASHED, "last").await;
    tick(&store).await;
    let overview = store.overview(Duration::ZERO).await.expect("counts");
    assert_eq!(overview.images, ImageCounts { pending: 2, processing: 1, ready: 2, failed: 3 });
    assert!(overview.oldest_waiting.is_some_and(|waited| waited > Duration::ZERO && waited < LONG));
    assert_eq!(overview.unqueued, 1);
    assert_eq!(store.overview(LONG).await.expect("counts").unqueued, 0);
    let failures: Vec<_> =
        overview.failures.iter().map(|f| (f.code.name(), f.images, f.detail.as_deref())).collect();
    assert_eq!(failures, [(CRASHED.name(), 2, Some("last")), (CODE.name(), 1, Some(DETAIL))]);
    assert!(
        overview.failures[0].last_at > overview.failures[1].last_at
            && overview.at > overview.failures[0].last_at
    );
}

/// A code of another version is counted and retried like any other, and an image without a code is counted too.
pub async fn codes_of_other_versions_are_counted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (old, without) = (failed(&store, ada, CODE, DETAIL).await, failed(&store, ada, CODE, DETAIL).await);
    run_sql(
        &url,
        &format!(
            "UPDATE images SET error_code = 'of_old', error_detail = NULL WHERE id = {};
             UPDATE images SET error_code = NULL WHERE id = {}",
            old.id, without.id
        ),
    )
    .await;
    let overview = store.overview(Duration::ZERO).await.expect("counts");
    assert_eq!((overview.images.failed, overview.failures.len()), (2, 1));
    let code = RecordedCode::Unknown("of_old".into());
    assert_eq!((&overview.failures[0].code, overview.failures[0].images), (&code, 1));
    assert_eq!(overview.failures[0].detail, None);
    assert_eq!(store.count_failed(&code).await.expect("counts"), 1);
    let retried = store.retry_failed(&code, overview.at, 10).await.expect("retries").unwrap_or_default();
    assert_eq!(ids(&retried), [old.id]);
}

/// Failed images are retried by their code, those first that failed the longest ago, and each of them once.
pub async fn failed_images_are_retried_by_their_code(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let crashed = [
        failed(&store, eve, CRASHED, "").await,
        failed(&store, ada, CRASHED, "").await,
        failed(&store, eve, CRASHED, "").await,
    ];
    failed(&store, ada, CODE, DETAIL).await;
    let now = store.now().await.expect("knows the time");
    let code = CRASHED.into();
    assert_eq!(store.count_failed(&code).await.expect("counts"), 3);
    let mut first = ids(&store.retry_failed(&code, now, 2).await.expect("retries").expect("some"));
    first.sort();
    assert_eq!(first, ids(&crashed[..2]));
    assert_eq!(store.count_failed(&code).await.expect("counts"), 1);
    let waiting = shown(&store, &crashed[0]).await;
    assert_eq!((waiting.state, waiting.attempts, &waiting.error_code), (State::Pending, 0, &None));
    // An image that fails again is one of those that failed later.
    let again = claimed(&store, &waiting, LONG).await;
    assert!(store.finish_failed(&again, CRASHED, "").await.expect("finishes"));
    assert_eq!(
        ids(&store.retry_failed(&code, now, 10).await.expect("retries").expect("one")),
        [crashed[2].id]
    );
    assert!(store.retry_failed(&code, now, 10).await.expect("retries").is_none());
    assert_eq!(store.count_failed(&code).await.expect("counts"), 1);
    assert_eq!(store.count_failed(&CODE.into()).await.expect("counts"), 1);
}

/// Of retries at the same time each image is in one alone.
pub async fn of_retries_at_once_each_image_is_in_one(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for _ in 0..6 {
        failed(&store, ada, CRASHED, "").await;
    }
    let now = store.now().await.expect("knows the time");
    let retries = at_once(4, |_| {
        let store = store.clone();
        async move {
            ids(&store.retry_failed(&CRASHED.into(), now, 10).await.expect("retries").unwrap_or_default())
        }
    });
    let mut all = retries.await.concat();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), count), (6, 6));
}
