//! The behaviours of claims: an image has one holder at a time, and the number in `claim` fences off all others.

use super::*;
use crate::metadata::Release;

/// Every claim has the next number, starting with 1, and counts as an attempt unless the attempt is given back.
pub async fn a_claim_raises_claim_and_attempts(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    let first = claimed(&store, &image, LONG).await;
    assert_eq!((first.state, first.claim.get(), first.attempts), (State::Processing, 1, 1));
    assert_eq!(first, shown(&store, &image).await);
    assert!(store.release(&first, Release::Now).await.expect("releases"));
    let second = claimed(&store, &image, SHORT).await;
    assert_eq!((second.claim.get(), second.attempts), (2, 1));
    assert_eq!(expired(&store).await, (1, 0));
    let third = claimed(&store, &image, LONG).await;
    assert_eq!((third.claim.get(), third.attempts), (3, 2));
}

/// A second claim is refused while the lease runs, and also after it has run out as long as upkeep has not ended it.
pub async fn a_second_claim_is_told_to_wait(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for lease in [LONG, Duration::ZERO] {
        let image = claimed(&store, &accepted(&store, ada).await, lease).await;
        assert!(matches!(claim(&store, &image, LONG).await, ClaimOutcome::Busy));
        assert_eq!(shown(&store, &image).await, image);
    }
}

/// There is no work for a claim on an image that is finished, deleted, unknown, of another generation or of another
/// user.
pub async fn a_claim_without_work_is_over(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    let failed = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    let deleted = accepted(&store, ada).await;
    assert!(store.delete_image(ada, deleted.id).await.expect("deletes"));
    let pending = accepted(&store, ada).await;
    let processing = claimed(&store, &accepted(&store, ada).await, LONG).await;
    let mut over = vec![ready(&store, ada).await, failed, deleted, received(&store, ada).await];
    for other in [&pending, &processing] {
        over.push(Image { generation: generation(2), ..other.clone() });
        over.push(Image { user_id: bob, ..other.clone() });
        over.push(Image { user_id: id(bob.get() + 1), ..other.clone() });
        over.push(Image { id: later(other.id, 1000), ..other.clone() });
    }
    for image in &over {
        let outcome = claim(&store, image, LONG).await;
        assert!(matches!(outcome, ClaimOutcome::Over), "{outcome:?} of {image:?}");
    }
    assert_eq!(shown(&store, &pending).await, pending);
    assert_eq!(shown(&store, &processing).await, processing);
}

/// A message that is duplicated, however often, leads to one render.
pub async fn of_sixteen_claims_at_once_one_wins(url: DatabaseUrl) {
    let (store, other) = (migrated(&url).await, open(&url));
    let ada = user(&store, "ada").await;
    for _ in 0..10 {
        let image = accepted(&store, ada).await;
        let outcomes = at_once(16, |number| {
            let store = if number % 2 == 0 { store.clone() } else { other.clone() };
            let image = image.clone();
            async move { claim(&store, &image, LONG).await }
        });
        let outcomes = outcomes.await;
        let count =
            |wanted: fn(&ClaimOutcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
        assert_eq!(count(|outcome| matches!(outcome, ClaimOutcome::Claimed(_))), 1, "{outcomes:?}");
        assert_eq!(count(|outcome| matches!(outcome, ClaimOutcome::Busy)), 15, "{outcomes:?}");
        let now = shown(&store, &image).await;
        assert_eq!((now.claim.get(), now.attempts), (1, 1));
    }
}

/// A renewed lease runs from its renewal.
pub async fn a_renewed_claim_does_not_expire(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, SHORT).await;
    assert!(store.renew(&image, LONG).await.expect("renews"));
    let canary = claimed(&store, &accepted(&store, ada).await, SHORT).await;
    assert_eq!(expired(&store).await, (1, 0), "only the other one expires");
    assert_eq!(shown(&store, &canary).await.state, State::Pending);
    assert_eq!(shown(&store, &image).await, image);
    assert!(store.renew(&image, Duration::ZERO).await.expect("renews"));
    assert_eq!(expired(&store).await, (1, 0));
    assert!(!store.renew(&image, LONG).await.expect("renews"));
}

/// A worker that was taken for dead comes back late, when no other worker or another one holds the claim.
pub async fn a_lost_claim_changes_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let stale = claimed(&store, &accepted(&store, ada).await, SHORT).await;
    assert_eq!(expired(&store).await, (1, 0));
    assert_over(&store, &stale).await;
    let holder = claimed(&store, &stale, LONG).await;
    assert_eq!(holder.claim.get(), stale.claim.get() + 1);
    assert_powerless(&store, &stale).await;
    assert!(store.renew(&holder, LONG).await.expect("renews"));
    assert!(store.finish_ready(&holder, SIZES, LONG).await.expect("finishes"));
    assert_powerless(&store, &stale).await;
    assert_powerless(&store, &holder).await;
}

/// A worker that was slow and not dead gives its attempt back, but only once, and only while no other worker has
/// claimed the image.
pub async fn an_expired_claim_can_still_be_released_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let died = claimed(&store, &accepted(&store, ada).await, SHORT).await;
    assert_eq!(expired(&store).await, (1, 0));
    let slow = claimed(&store, &died, SHORT).await;
    assert_eq!(expired(&store).await, (1, 0));
    assert!(!store.release(&died, Release::Now).await.expect("answers"));
    assert_eq!(shown(&store, &slow).await.attempts, 2);
    assert!(store.release(&slow, Release::Now).await.expect("releases"));
    assert_eq!(shown(&store, &slow).await.attempts, 1);
    assert_powerless(&store, &slow).await;
}

/// A claim that its own holder has given up changes nothing either.
pub async fn a_released_claim_changes_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.release(&image, Release::Now).await.expect("releases"));
    assert_powerless(&store, &image).await;
    let failed = claimed(&store, &image, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    assert_powerless(&store, &failed).await;
}

/// Both variants become visible in one step, and that is a change that clients see.
pub async fn a_finished_image_shows_its_variants(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert_eq!(image.visible_generation, None);
    tick(&store).await;
    assert!(store.finish_ready(&image, SIZES, LONG).await.expect("finishes"));
    let ready = shown(&store, &image).await;
    assert_eq!((ready.state, ready.visible_generation), (State::Ready, Some(image.generation)));
    assert!(ready.updated_at > image.updated_at);
    assert_eq!((ready.created_at, ready.accepted_at), (image.created_at, image.accepted_at));
    assert_eq!((ready.error_code, ready.error_detail), (None, None));
    assert_eq!((image.variants, ready.variants), (None, Some(SIZES)));
}

/// A failed image has the reason as a code and as a sentence.
pub async fn a_failed_image_says_why(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
    tick(&store).await;
    assert!(store.finish_failed(&image, CODE, DETAIL).await.expect("finishes"));
    let failed = shown(&store, &image).await;
    assert_eq!((failed.state, failed.visible_generation), (State::Failed, None));
    assert_eq!((failed.error_code, failed.error_detail.as_deref()), (Some(CODE.into()), Some(DETAIL)));
    assert!(failed.updated_at > image.updated_at);
}

/// A worker cannot finish an image that was deleted meanwhile.
pub async fn a_deleted_image_stays_deleted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, Duration::ZERO).await;
    assert!(store.delete_image(ada, image.id).await.expect("deletes"));
    assert_powerless(&store, &image).await;
    mark_queued(&store, &image).await;
    assert_eq!(expire(&store).await, (0, 0));
    assert_eq!(listed(&store, ada).await, (0, vec![]));
    assert_eq!(ids(&store.to_purge(10).await.expect("lists")), [image.id]);
}

/// If a delete and a finish run at the same time, the image is deleted in the end, whichever comes first.
pub async fn a_delete_wins_against_a_finish(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for _ in 0..20 {
        let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
        let (deleted, finished) =
            tokio::join!(store.delete_image(ada, image.id), store.finish_ready(&image, SIZES, LONG));
        assert!(deleted.expect("deletes"));
        finished.expect("answers");
        assert_eq!(find(&store, &image).await, None);
    }
}

/// A release does not count as an attempt, however often it happens.
pub async fn a_release_gives_the_attempt_back(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    for round in 1..=2 * i64::from(ATTEMPTS) {
        let held = claimed(&store, &image, LONG).await;
        assert_eq!((held.claim.get(), held.attempts), (round, 1));
        let release = if round % 2 == 0 { Release::Now } else { Release::After(LONG) };
        assert!(store.release(&held, release).await.expect("releases"));
        let free = shown(&store, &image).await;
        assert_eq!((free.state, free.claim.get(), free.attempts), (State::Pending, round, 0));
        assert_eq!(free.updated_at, image.updated_at, "clients see no change");
    }
}

/// After a defect of the service the image is tried again, but not for ever.
pub async fn a_release_after_a_defect_counts_the_attempt(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    for attempt in 1..=ATTEMPTS {
        let held = claimed(&store, &image, LONG).await;
        assert_eq!(held.attempts, attempt);
        assert!(store.release(&held, Release::Defect(LONG)).await.expect("releases"));
        let free = shown(&store, &image).await;
        assert_eq!((free.state, free.attempts), (State::Pending, attempt));
    }
}

/// The row keeps the time at which the original was first missed, whatever happens to the image's jobs, until an
/// operator retries the image.
pub async fn a_missing_original_is_remembered(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert_eq!(image.original_missed_at, None);
    assert!(store.release(&image, Release::OriginalMissing(LONG)).await.expect("releases"));
    let missed = shown(&store, &image).await;
    assert_eq!(missed.attempts, 0);
    assert!(missed.original_missed_at >= image.accepted_at);
    for release in [Release::Now, Release::After(LONG), Release::OriginalMissing(LONG), Release::Defect(LONG)]
    {
        tick(&store).await;
        let held = claimed(&store, &image, LONG).await;
        assert!(store.release(&held, release).await.expect("releases"));
        assert_eq!(shown(&store, &image).await.original_missed_at, missed.original_missed_at, "{release:?}");
    }
    let held = claimed(&store, &image, LONG).await;
    assert!(store.finish_failed(&held, CODE, DETAIL).await.expect("finishes"));
    assert!(store.retry(image.id).await.expect("retries"));
    assert_eq!(shown(&store, &image).await.original_missed_at, None);
}

/// A worker that misses an object gets an image whose variants are stored, and never the image that it asks for.
pub async fn a_known_image_is_another_ready_one(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let first = ready(&store, ada).await;
    let known =
        async |besides: ImageId| store.known_image(besides).await.expect("looks").map(|image| image.id);
    assert_eq!(known(first.id).await, None);
    let (second, pending) = (ready(&store, ada).await, accepted(&store, ada).await);
    assert_eq!([known(first.id).await, known(second.id).await], [Some(second.id), Some(first.id)]);
    assert!(store.delete_image(ada, second.id).await.expect("deletes"));
    assert_eq!(known(pending.id).await, Some(first.id));
}

async fn assert_powerless(store: &MetadataStore, stale: &Image) {
    let before = find(store, stale).await;
    assert_over(store, stale).await;
    assert!(!store.release(stale, Release::Now).await.expect("answers"));
    assert!(!store.release(stale, Release::After(LONG)).await.expect("answers"));
    assert_eq!(find(store, stale).await, before);
}

async fn assert_over(store: &MetadataStore, stale: &Image) {
    let before = find(store, stale).await;
    assert!(!store.renew(stale, LONG).await.expect("answers"));
    assert!(!store.finish_ready(stale, SIZES, LONG).await.expect("answers"));
    assert!(!store.finish_failed(stale, CODE, "late").await.expect("answers"));
    assert_eq!(find(store, stale).await, before);
}
