//! The behaviours of the rows of workers.

use super::*;
use crate::ids::WorkerId;
use crate::metadata::Heartbeat;

const MINUTE: Duration = Duration::from_secs(60);

fn heartbeat<'a>(id: &'a WorkerId, host: &'a str) -> Heartbeat<'a> {
    Heartbeat { id, host, pid: 17, version: "1.2.3", slots: 2, busy: 0, consuming: false, running: MINUTE }
}

/// A worker is seen with what it said last, from its first word to its end.
pub async fn a_worker_is_seen_as_it_last_said(url: DatabaseUrl) {
    let store = migrated(&url).await;
    assert_eq!(store.workers(MINUTE, 10).await.expect("lists"), []);
    let (one, other) = (WorkerId::random(), WorkerId::random());
    store.beat(&heartbeat(&one, "b")).await.expect("writes");
    store.beat(&heartbeat(&other, "a")).await.expect("writes");
    let first = store.workers(MINUTE, 10).await.expect("lists").remove(1);
    assert_eq!((first.id.as_str(), first.host.as_str(), first.pid), (one.as_str(), "b", 17));
    assert_eq!((first.version.as_str(), first.slots, first.busy, first.consuming), ("1.2.3", 2, 0, false));
    assert_eq!((first.seen_at - first.started_at).num_seconds(), 60);
    tick(&store).await;
    let later = Heartbeat { busy: 2, consuming: true, running: 2 * MINUTE, ..heartbeat(&one, "b") };
    store.beat(&later).await.expect("writes");
    let workers = store.workers(MINUTE, 10).await.expect("lists");
    assert_eq!(
        workers.iter().map(|worker| worker.id.as_str()).collect::<Vec<_>>(),
        [other.as_str(), one.as_str()]
    );
    let last = &workers[1];
    assert_eq!((last.busy, last.consuming, last.started_at), (2, true, first.started_at));
    assert!(last.seen_at > first.seen_at);
    assert_eq!(store.workers(MINUTE, 1).await.expect("lists").len(), 1);
    store.forget_worker(&one).await.expect("removes");
    store.forget_worker(&one).await.expect("is gone already");
    assert_eq!(store.workers(MINUTE, 10).await.expect("lists").len(), 1);
}

/// A worker that was killed is not seen after a while, and its row is removed later.
pub async fn a_silent_worker_is_forgotten(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (killed, running) = (WorkerId::random(), WorkerId::random());
    store.beat(&heartbeat(&killed, "a")).await.expect("writes");
    run_sql(&url, "UPDATE workers SET seen_at = '2020-01-01 00:00:00'").await;
    store.beat(&heartbeat(&running, "a")).await.expect("writes");
    let workers = store.workers(MINUTE, 10).await.expect("lists");
    assert_eq!((workers.len(), workers[0].id.as_str()), (1, running.as_str()));
    assert_eq!(store.forget_silent_workers(MINUTE).await.expect("removes"), 1);
    assert_eq!(store.forget_silent_workers(MINUTE).await.expect("removes"), 0);
    // Somebody who was only paused is there again.
    store.beat(&heartbeat(&killed, "a")).await.expect("writes");
    assert_eq!(store.workers(MINUTE, 10).await.expect("lists").len(), 2);
}
