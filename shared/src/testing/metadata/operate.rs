//! The behaviours of the operator's queries for finished images.

use super::*;
use crate::placeholder::Placeholder;

/// A failed image starts from the beginning when it is retried, only once, and upkeep publishes its job.
pub async fn a_failed_image_can_be_retried(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(!store.retry(image.id).await.expect("answers"), "a worker is at it");
    assert!(store.finish_failed(&image, CODE, DETAIL).await.expect("finishes"));
    assert_eq!(ids(&store.in_state(State::Failed, None, 10).await.expect("lists")), [image.id]);

    assert!(store.retry(image.id).await.expect("retries"));
    assert!(!store.retry(image.id).await.expect("answers"), "it is no longer failed");
    assert!(store.in_state(State::Failed, None, 10).await.expect("lists").is_empty());
    let waiting = shown(&store, &image).await;
    assert_eq!((waiting.state, waiting.attempts, waiting.error_code), (State::Pending, 0, None));
    let taken = store.take_turns(None, 10, LONG).await.expect("takes");
    assert_eq!(ids(&taken), [image.id]);
    let again = claimed(&store, &image, LONG).await;
    assert!(!store.finish_ready(&image, SIZES, LONG).await.expect("answers"), "the claim of before is over");
    assert!(store.finish_ready(&again, SIZES, LONG).await.expect("finishes"));
}

/// After a reprocess the old variants stay until the new ones are ready, and then upkeep removes them.
pub async fn old_variants_stay_until_the_new_ones_are_there(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let old = ready(&store, ada).await;
    assert!(store.reprocess(old.id).await.expect("reprocesses"));
    assert!(!store.reprocess(old.id).await.expect("answers"), "it waits already");
    assert!(matches!(claim(&store, &old, LONG).await, ClaimOutcome::Over), "the job of before is over");

    let waiting = shown(&store, &old).await;
    assert_eq!((waiting.generation, waiting.visible_generation), (generation(2), Some(generation(1))));
    let new = claimed(&store, &waiting, LONG).await;
    assert!(store.finish_ready(&new, SIZES, SHORT).await.expect("finishes"));
    assert_eq!(shown(&store, &old).await.visible_generation, Some(generation(2)));
    let outdated =
        until("the old variants may go", async || store.outdated(10).await.expect("lists").pop()).await;
    assert_eq!(outdated.id, old.id);
    store.mark_up_to_date(&outdated).await.expect("marks");
    assert!(store.outdated(10).await.expect("lists").is_empty());
}

/// The sizes are always those of the variants that clients see, before and after the new ones become visible.
pub async fn sizes_are_those_of_the_variants_that_clients_see(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let old = ready(&store, ada).await;
    assert_eq!(old.variants, Some(SIZES));
    assert!(store.reprocess(old.id).await.expect("reprocesses"));
    let waiting = shown(&store, &old).await;
    assert_eq!(waiting.variants, Some(SIZES));
    let failed = claimed(&store, &waiting, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    assert_eq!(shown(&store, &old).await.variants, Some(SIZES), "the old variants are still shown");

    assert!(store.retry(old.id).await.expect("retries"));
    let new = claimed(&store, &shown(&store, &old).await, LONG).await;
    let other = StoredVariant { width: 1, height: 2, bytes: 3 };
    let others =
        StoredVariants { small: other, frames: Some(7), placeholder: Placeholder::of(&[7; 25]), ..SIZES };
    assert!(store.finish_ready(&new, others.clone(), LONG).await.expect("finishes"));
    let image = shown(&store, &old).await;
    assert_eq!((image.visible_generation, image.variants), (Some(generation(2)), Some(others)));
}

/// An image that is deleted while its old variants wait for their removal is purged like any other.
pub async fn a_reprocessed_image_is_purged_like_any_other(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let old = ready(&store, ada).await;
    assert!(store.reprocess(old.id).await.expect("reprocesses"));
    let new = claimed(&store, &shown(&store, &old).await, LONG).await;
    assert!(store.finish_ready(&new, SIZES, LONG).await.expect("finishes"));
    assert!(store.delete_image(ada, old.id).await.expect("deletes"));
    assert_eq!(ids(&store.to_purge(10).await.expect("lists")), [old.id]);
    assert!(!store.reprocess(old.id).await.expect("answers"), "a tombstone stays one");
}

/// An image without its original fails and shows nothing, unless a worker holds it.
pub async fn an_image_without_original_shows_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (image, busy) = (ready(&store, ada).await, claimed(&store, &accepted(&store, ada).await, LONG).await);
    assert!(store.fail_without_original(image.id, CODE, DETAIL).await.expect("fails"));
    assert!(!store.fail_without_original(busy.id, CODE, DETAIL).await.expect("answers"));
    let failed = shown(&store, &image).await;
    assert_eq!((failed.state, failed.visible_generation, failed.variants), (State::Failed, None, None));
}

/// Rows are listed in the order of their object keys, whatever their state.
pub async fn rows_come_in_the_order_of_their_objects(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let mut images = vec![received(&store, ada).await, ready(&store, ada).await];
    for _ in 0..3 {
        images.push(accepted(&store, ada).await);
    }
    assert!(store.delete_image(ada, images[2].id).await.expect("deletes"));
    images.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    let first = store.by_object(None, 2).await.expect("lists");
    let rest = store.by_object(Some(&first[1].object_id), 10).await.expect("lists");
    assert_eq!([ids(&first), ids(&rest)].concat(), ids(&images));
    let found = store.of_object(&images[0].object_id).await.expect("looks it up");
    assert_eq!(found.map(|image| image.id), Some(images[0].id));
}
