//! The behaviours of upkeep's queries: they find jobs to publish, claims to end, and tombstones to purge.

use super::*;
use crate::metadata::Release;

/// Every claim that expires counts as an attempt, and after the last one the image fails.
pub async fn expired_claims_count_until_the_image_fails(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    for attempt in 1..ATTEMPTS {
        assert_eq!(claimed(&store, &image, SHORT).await.attempts, attempt);
        assert_eq!(expired(&store).await, (1, 0));
        let again = shown(&store, &image).await;
        assert_eq!((again.state, again.attempts), (State::Pending, attempt));
        assert_eq!(again.updated_at, image.updated_at, "clients see no change");
        assert_eq!(unqueued(&store).await, [image.id], "its job is published again");
    }
    let last = claimed(&store, &image, SHORT).await;
    assert_eq!(last.attempts, ATTEMPTS);
    assert_eq!(expired(&store).await, (0, 1));
    let failed = shown(&store, &image).await;
    assert_eq!((failed.state, failed.attempts), (State::Failed, ATTEMPTS));
    assert_eq!(
        (failed.error_code.as_ref(), failed.error_detail.as_deref()),
        (Some(&CODE.into()), Some(DETAIL))
    );
    assert!(failed.updated_at > image.updated_at);
    assert!(matches!(claim(&store, &image, LONG).await, ClaimOutcome::Over));
    assert_eq!(expire(&store).await, (0, 0));
    assert!(unqueued(&store).await.is_empty());
}

/// One call ends all claims whose lease has run out, with and without attempts left, and no others.
pub async fn running_leases_are_left_alone(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let running = claimed(&store, &accepted(&store, ada).await, LONG).await;
    for _ in 0..3 {
        claimed(&store, &accepted(&store, ada).await, Duration::ZERO).await;
    }
    tick(&store).await;
    let counts = store.expire_claims(2, CODE, DETAIL).await.expect("expires");
    assert_eq!(counts, (3, 0));
    for id in unqueued(&store).await {
        let image = store.image(ada, id).await.expect("looks up").expect("is shown");
        claimed(&store, &image, Duration::ZERO).await;
    }
    claimed(&store, &accepted(&store, ada).await, Duration::ZERO).await;
    tick(&store).await;
    assert_eq!(store.expire_claims(2, CODE, DETAIL).await.expect("expires"), (1, 3));
    assert_eq!(shown(&store, &running).await, running);
}

/// If two replicas run upkeep at the same time, a claim ends only once.
pub async fn a_claim_expires_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = claimed(&store, &accepted(&store, ada).await, Duration::ZERO).await;
    tick(&store).await;
    let outcomes = at_once(8, |_| {
        let store = store.clone();
        async move { expire(&store).await }
    });
    assert_eq!(outcomes.await.into_iter().map(|(again, failed)| again + failed).sum::<usize>(), 1);
    assert_eq!(shown(&store, &image).await.attempts, 1);
}

/// New rows are left to the request that publishes them. Older ones are listed, the oldest first.
pub async fn unqueued_jobs_are_left_alone_for_a_while(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    received(&store, ada).await;
    let received = received(&store, ada).await;
    let first = received.id;
    let (second, third) = (accepted(&store, ada).await.id, accepted(&store, ada).await.id);
    accept(&store, &received).await.expect("was received");
    assert!(store.unqueued(LONG, 10).await.expect("lists").is_empty());
    assert_eq!(unqueued(&store).await, [second, third, first], "in the order of their acceptance");
    assert_eq!(ids(&store.unqueued(Duration::ZERO, 2).await.expect("lists")), [second, third]);
    until("the grace is over", async || {
        let due = store.unqueued(Duration::from_millis(20), 10).await.expect("lists");
        (due.len() == 3).then_some(())
    })
    .await;
}

/// A job that the queue has confirmed or that a worker holds is not published again.
pub async fn a_queued_job_is_not_unqueued(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (queued, left) = (accepted(&store, ada).await, accepted(&store, ada).await);
    claimed(&store, &accepted(&store, ada).await, LONG).await;
    ready(&store, ada).await;
    mark_queued(&store, &queued).await;
    assert_eq!(unqueued(&store).await, [left.id]);
    assert_eq!(shown(&store, &queued).await, queued, "clients see no change");
}

/// A confirmation that comes after the image was claimed and released is too late to count.
pub async fn a_late_confirmation_marks_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    let held = claimed(&store, &image, SHORT).await;
    mark_queued(&store, &image).await;
    assert_eq!(shown(&store, &image).await, held);
    assert_eq!(expired(&store).await, (1, 0));
    mark_queued(&store, &image).await;
    assert_eq!(unqueued(&store).await, [image.id]);
    mark_queued(&store, &held).await;
    assert!(unqueued(&store).await.is_empty());
}

/// A job whose message waits in a retry queue is not published again, and is not overdue before its time.
pub async fn a_job_in_a_retry_queue_is_still_queued(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let later = claimed(&store, &accepted(&store, ada).await, LONG).await;
    let now = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.release(&later, Release::After(LONG)).await.expect("releases"));
    assert!(store.release(&now, Release::Now).await.expect("releases"));
    assert!(unqueued(&store).await.is_empty());
    assert_eq!(overdue(&store, Duration::ZERO).await, [now.id]);
    assert!(overdue(&store, LONG).await.is_empty());
    assert_eq!(claimed(&store, &later, LONG).await.claim, id(2), "a message that comes early is served");
}

/// A job is overdue if it was due a lease ago. The least published come first, and among them the longest due.
pub async fn overdue_jobs_come_least_published_first(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (a, b, c) = (accepted(&store, ada).await, accepted(&store, ada).await, accepted(&store, ada).await);
    accepted(&store, ada).await;
    assert!(overdue(&store, Duration::ZERO).await.is_empty(), "never queued is not overdue");
    for image in [&a, &b, &a, &c] {
        tick(&store).await;
        mark_queued(&store, image).await;
    }
    tick(&store).await;
    assert_eq!(overdue(&store, Duration::ZERO).await, [b.id, c.id, a.id]);
    let jobs = store.overdue(Duration::ZERO, 10).await.expect("lists");
    assert_eq!(jobs.iter().map(|job| job.publishes).collect::<Vec<_>>(), [1, 1, 2]);
    assert!(jobs[0].due_at < jobs[2].due_at && jobs[2].due_at < jobs[1].due_at);
    assert_eq!(jobs[0].image, b);
    assert_eq!(store.overdue(Duration::ZERO, 2).await.expect("lists").len(), 2);
    assert!(overdue(&store, LONG).await.is_empty());
    until("a lease has passed", async || {
        (store.count_overdue(Duration::from_millis(20)).await.expect("counts") == 3).then_some(())
    })
    .await;
    claimed(&store, &b, LONG).await;
    assert!(store.delete_image(ada, c.id).await.expect("deletes"));
    assert_eq!(overdue(&store, Duration::ZERO).await, [a.id]);
}

/// If replicas ask at the same time, only one gets each row, until its reservation has expired or is given up.
pub async fn a_row_is_reserved_by_one_replica(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for _ in 0..20 {
        accepted(&store, ada).await;
    }
    let found = store.unqueued(Duration::ZERO, 100).await.expect("lists");
    let reserved = at_once(8, |_| {
        let (store, found) = (store.clone(), found.clone());
        async move { ids(&store.reserve(found, LONG).await.expect("reserves")) }
    });
    let mut reserved: Vec<ImageId> = reserved.await.into_iter().flatten().collect();
    reserved.sort_unstable();
    assert_eq!(reserved, ids(&found), "each of them once");
    assert!(unqueued(&store).await.is_empty());
    store.unreserve(&reserved[..3]).await.expect("gives back");
    assert_eq!(unqueued(&store).await, reserved[..3]);

    let short = store.reserve(found[..1].to_vec(), Duration::from_millis(20)).await.expect("reserves");
    assert_eq!(ids(&short), reserved[..1]);
    until("the reservation is over", async || (unqueued(&store).await == reserved[..3]).then_some(())).await;
}

/// The next step of a row does not wait for the reservation of the step before.
pub async fn a_reservation_ends_with_its_step(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    let reserve = async |image: &Image| {
        assert_eq!(store.reserve(vec![image.clone()], LONG).await.expect("reserves").len(), 1);
    };
    reserve(&image).await;
    mark_queued(&store, &image).await;
    assert_eq!(overdue(&store, Duration::ZERO).await, [image.id]);
    assert_eq!(unmark(&store).await, 1);
    assert_eq!(unqueued(&store).await, [image.id], "the queue was lost");

    reserve(&image).await;
    let held = claimed(&store, &image, Duration::ZERO).await;
    assert_eq!(expired(&store).await, (1, 0));
    assert_eq!(unqueued(&store).await, [image.id], "its worker died");

    assert!(store.delete_image(ada, held.id).await.expect("deletes"));
    reserve(&held).await;
    store.mark_purged(held.id, Duration::ZERO).await.expect("marks");
    assert_eq!(ids(&store.to_purge_again(10).await.expect("lists")), [held.id]);
}

async fn unmark(store: &MetadataStore) -> usize {
    let now = store.now().await.expect("the time");
    store.unmark_queued_before(now).await.expect("unmarks")
}

/// A job that was queued after the queue was created anew is not published again.
pub async fn a_lost_queue_leaves_later_jobs_alone(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let created = store.now().await.expect("the time");
    let queued = accepted(&store, ada).await;
    mark_queued(&store, &queued).await;
    assert_eq!(store.unmark_queued_before(created).await.expect("unmarks"), 0);
}

/// If the queue was lost, all jobs that waited in it are published again, and no others.
pub async fn a_lost_queue_unmarks_every_waiting_job(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    assert_eq!(unmark(&store).await, 0);
    let (queued, fresh) = (accepted(&store, ada).await, accepted(&store, ada).await);
    mark_queued(&store, &queued).await;
    let retried = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.release(&retried, Release::After(LONG)).await.expect("releases"));
    let held = accepted(&store, ada).await;
    mark_queued(&store, &held).await;
    let held = claimed(&store, &held, LONG).await;
    let ready = ready(&store, ada).await;
    assert_eq!(unmark(&store).await, 2);
    assert_eq!(unqueued(&store).await, [queued.id, fresh.id, retried.id]);
    assert_eq!(store.count_overdue(Duration::ZERO).await.expect("counts"), 0);
    assert_eq!(shown(&store, &held).await, held);
    assert_eq!(shown(&store, &ready).await, ready);
    assert_eq!(unmark(&store).await, 0);
}

/// Uploads that were not accepted by the deadline are abandoned, and accepted ones never are.
pub async fn only_unfinished_uploads_are_abandoned(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (late, kept) = (received(&store, ada).await, accepted(&store, ada).await);
    let held = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert_eq!(store.abandon(LONG).await.expect("abandons"), 0);
    tick(&store).await;
    assert_eq!(store.abandon(Duration::ZERO).await.expect("abandons"), 1);
    assert_eq!(accept(&store, &late).await, None, "the upload was given up");
    assert_eq!(ids(&store.to_purge(10).await.expect("lists")), [late.id]);
    assert_eq!(listed(&store, ada).await, (2, vec![kept.id, held.id]));
    assert_eq!(store.abandon(Duration::ZERO).await.expect("abandons"), 0);
}

/// If an upload is accepted and abandoned at the same time, one of them wins, and the row agrees with it.
pub async fn an_upload_is_accepted_or_abandoned(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for _ in 0..20 {
        let image = received(&store, ada).await;
        tick(&store).await;
        let (accepted, abandoned) = tokio::join!(accept(&store, &image), store.abandon(Duration::ZERO));
        let (accepted, abandoned) = (accepted.is_some(), abandoned.expect("abandons") == 1);
        assert_ne!(accepted, abandoned);
        assert_eq!(find(&store, &image).await.is_some(), accepted);
    }
}

/// A tombstone is purged at once and a second time after the wait, and then its row is removed.
pub async fn a_tombstone_is_purged_twice_and_removed(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (image, kept) = (ready(&store, ada).await, ready(&store, ada).await);
    store.mark_purged(image.id, Duration::ZERO).await.expect("marks");
    store.remove_row(image.id).await.expect("removes");
    assert_eq!(shown(&store, &image).await, image, "neither touches an image that was not deleted");
    assert!(store.delete_image(ada, image.id).await.expect("deletes"));
    let tombstones = store.to_purge(10).await.expect("lists");
    assert_eq!(ids(&tombstones), [image.id]);
    assert_eq!((&tombstones[0].object_id, tombstones[0].state), (&image.object_id, State::Deleted));
    assert!(store.to_purge_again(10).await.expect("lists").is_empty());

    store.mark_purged(image.id, LONG).await.expect("marks");
    assert!(store.to_purge(10).await.expect("lists").is_empty());
    assert!(store.to_purge_again(10).await.expect("lists").is_empty(), "a late put may still be running");
    store.mark_purged(image.id, Duration::ZERO).await.expect("marks");
    assert_eq!(ids(&store.to_purge_again(10).await.expect("lists")), [image.id]);
    assert!(store.to_purge(10).await.expect("lists").is_empty());

    store.remove_row(image.id).await.expect("removes");
    assert!(store.to_purge_again(10).await.expect("lists").is_empty());
    store.remove_row(image.id).await.expect("finds nothing to remove");
    assert_eq!(listed(&store, ada).await, (1, vec![kept.id]));
    assert!(accepted(&store, ada).await.id > kept.id, "an id is never given twice");
}

/// The id of a removed row is not given to another image, even if it was the highest.
pub async fn an_id_is_never_given_twice(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let last = accepted(&store, ada).await;
    assert!(store.delete_image(ada, last.id).await.expect("deletes"));
    store.remove_row(last.id).await.expect("removes");
    assert!(accepted(&store, ada).await.id > last.id);
}

/// Upkeep gets no more tombstones than it asks for at a time.
pub async fn tombstones_come_in_batches(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for _ in 0..5 {
        let image = accepted(&store, ada).await;
        assert!(store.delete_image(ada, image.id).await.expect("deletes"));
    }
    let mut seen = Vec::new();
    for size in [2, 2, 1, 0] {
        let batch = store.to_purge(2).await.expect("lists");
        assert_eq!(batch.len(), size);
        for image in batch {
            seen.push(image.id);
            store.mark_purged(image.id, Duration::ZERO).await.expect("marks");
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert_eq!(store.to_purge_again(3).await.expect("lists").len(), 3);
}

async fn unqueued(store: &MetadataStore) -> Vec<ImageId> {
    ids(&store.unqueued(Duration::ZERO, 1000).await.expect("lists"))
}

/// The overdue jobs. The count has to agree with them.
async fn overdue(store: &MetadataStore, lease: Duration) -> Vec<ImageId> {
    let jobs = store.overdue(lease, 1000).await.expect("lists");
    let count = store.count_overdue(lease).await.expect("counts");
    assert_eq!(usize::try_from(count), Ok(jobs.len()));
    jobs.iter().map(|job| job.image.id).collect()
}
