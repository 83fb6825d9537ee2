//! The behaviours of the queries by which users take turns.

use super::*;
use crate::ids::WorkerId;
use crate::metadata::Heartbeat;

const MINUTE: Duration = Duration::from_secs(60);

async fn held(store: &MetadataStore, user_id: UserId, count: usize) -> Vec<ImageId> {
    let mut images = Vec::new();
    for _ in 0..count {
        let image = received_held(store, user_id).await;
        images.push(accept(store, &image).await.expect("was received").id);
    }
    images
}

async fn take(store: &MetadataStore, last: Option<UserId>, most: u32) -> Vec<ImageId> {
    ids(&store.take_turns(last, most, LONG).await.expect("takes"))
}

/// A user with many images gets as many turns as one with few, and each user's oldest images come first.
pub async fn each_user_gets_as_many_turns(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    let (hers, his) = (held(&store, ada, 7).await, held(&store, bob, 3).await);
    assert_eq!(take(&store, None, 4).await, [hers[0], hers[1], his[0], his[1]]);
    assert_eq!(
        take(&store, Some(bob), 3).await,
        [hers[2], hers[3], his[2]],
        "one too many goes to the first"
    );
    assert_eq!(take(&store, Some(bob), 9).await, hers[4..], "what is left is left to one of them");
    assert!(take(&store, Some(bob), 9).await.is_empty());
}

/// The turns go round: they begin with the user after the one who had the last turn.
pub async fn the_turns_go_round(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let users = [user(&store, "ada").await, user(&store, "bob").await, user(&store, "carol").await];
    let mut images = Vec::new();
    for user in users {
        images.push(held(&store, user, 2).await);
    }
    assert_eq!(take(&store, Some(users[0]), 2).await, [images[1][0], images[2][0]]);
    assert_eq!(take(&store, Some(users[2]), 1).await, [images[0][0]]);
    assert_eq!(take(&store, Some(users[1]), 2).await, [images[2][1], images[0][1]]);
    assert_eq!(take(&store, Some(users[2]), 2).await, [images[1][1]]);
}

/// Of many replicas that take turns at once, one takes each image.
pub async fn each_image_is_taken_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let images = held(&store, ada, 12).await;
    let taken = at_once(8, |_| {
        let store = store.clone();
        async move { take(&store, None, 5).await }
    });
    let mut taken: Vec<ImageId> = taken.await.into_iter().flatten().collect();
    while let rest @ [_, ..] = take(&store, None, 5).await.as_slice() {
        taken.extend_from_slice(rest);
    }
    taken.sort_unstable();
    assert_eq!(taken, images);
}

/// An image that was taken and not queued, since the process died, is unqueued when its reservation is over.
pub async fn an_image_that_was_taken_in_vain_is_unqueued(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let images = held(&store, ada, 2).await;
    assert!(
        store.unqueued(Duration::ZERO, 10).await.expect("lists").is_empty(),
        "they are held back on purpose"
    );
    assert_eq!(ids(&store.take_turns(None, 1, SHORT).await.expect("takes")), images[..1]);
    until("the reservation is over", async || {
        let unqueued = ids(&store.unqueued(Duration::ZERO, 10).await.expect("lists"));
        (unqueued == images[..1]).then_some(())
    })
    .await;
}

/// What no queue has confirmed can be held back, and is then taken in turn; what was confirmed cannot.
pub async fn unqueued_jobs_can_be_held_back(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (queued, unqueued) = (accepted(&store, ada).await, accepted(&store, ada).await);
    mark_queued(&store, &queued).await;
    assert_eq!(store.hold_unqueued(LONG, 10).await.expect("holds"), 0, "it was accepted just now");
    tick(&store).await;
    assert_eq!(store.hold_unqueued(Duration::ZERO, 10).await.expect("holds"), 1);
    assert_eq!(store.hold_unqueued(Duration::ZERO, 10).await.expect("holds"), 0);
    let backlog = store.backlog(Duration::ZERO).await.expect("counts");
    assert_eq!((backlog.unqueued, backlog.held), (0, 1));
    assert_eq!(take(&store, None, 10).await, [unqueued.id]);
    mark_queued(&store, &unqueued).await;
    assert_eq!(store.hold_unqueued(Duration::ZERO, 10).await.expect("holds"), 0);
}

/// The slots are those of the workers that still say that they run.
pub async fn the_slots_of_all_running_workers_are_added(url: DatabaseUrl) {
    let store = migrated(&url).await;
    assert_eq!(store.slots(MINUTE).await.expect("adds"), 0);
    for slots in [2, 5] {
        let (id, host) = (WorkerId::random(), "a");
        let beat = Heartbeat {
            id: &id,
            host,
            pid: 1,
            version: "1",
            slots,
            busy: 0,
            consuming: true,
            running: Duration::ZERO,
        };
        store.beat(&beat).await.expect("writes");
    }
    assert_eq!(store.slots(MINUTE).await.expect("adds"), 7);
    tick(&store).await;
    assert_eq!(store.slots(Duration::ZERO).await.expect("adds"), 0);
}
