//! The behaviours of the keys of uploads.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::account::{Quota, Quotas};
use crate::idempotency::{IdempotencyKey, UploadDigest};
use crate::metadata::{Acceptance, KEYS_PER_USER, KnownKey, Receipt, UploadKey};
use crate::testing::UNLIMITED;

/// An upload that a client repeats.
#[derive(Debug, Clone)]
struct Upload {
    user: UserId,
    key: IdempotencyKey,
    file_name: &'static str,
    sha256: String,
}

impl Upload {
    fn of(user: UserId) -> Self {
        Self { user, key: key("a key"), file_name: "a.png", sha256: "0f".repeat(32) }
    }

    async fn receive(&self, store: &MetadataStore, lease: Duration) -> Receipt {
        let object_id = ObjectId::random();
        let new = NewImage {
            user_id: self.user,
            object_id: &object_id,
            file_name: self.file_name,
            format: Format::Png,
            bytes: 1000,
            sha256: &self.sha256,
            header: StoredHeader { width: 40, height: 30, frames: 2 },
            held: false,
            trace: &Trace {
                request_id: Some("a-request".parse().expect("an id")),
                parent: Some(
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().expect("a parent"),
                ),
            },
        };
        let digest = self.digest();
        store.receive_once(&new, &self.known_as(&digest), lease).await.expect("answers")
    }

    fn digest(&self) -> UploadDigest {
        UploadDigest::of(&self.sha256, self.file_name)
    }

    fn known_as<'a>(&'a self, digest: &'a UploadDigest) -> UploadKey<'a> {
        UploadKey { user_id: self.user, key: &self.key, digest }
    }

    /// Receives the upload, which is the first one with its key.
    async fn received(&self, store: &MetadataStore, lease: Duration) -> Image {
        match self.receive(store, lease).await {
            Receipt::Received(image) => *image,
            other => panic!("not received but {other:?}"),
        }
    }

    async fn accept(&self, store: &MetadataStore, image: &Image) -> Option<Image> {
        match store.accept_once(image, &self.key, UNLIMITED, None).await.expect("answers") {
            Acceptance::Accepted(image) => Some(*image),
            Acceptance::GivenUp => None,
            other => panic!("not accepted but {other:?}"),
        }
    }

    async fn accepted(&self, store: &MetadataStore) -> Image {
        let image = self.received(store, LONG).await;
        self.accept(store, &image).await.expect("was received")
    }

    /// What a second try is told.
    async fn known(&self, store: &MetadataStore) -> KnownKey {
        let Receipt::Known(known) = self.receive(store, LONG).await else { panic!("it is received again") };
        let asked = store.known_key(&self.known_as(&self.digest())).await.expect("answers").expect("known");
        assert_eq!(std::mem::discriminant(&known), std::mem::discriminant(&asked));
        known
    }
}

fn key(text: &str) -> IdempotencyKey {
    text.replace(' ', "-").parse().expect("a key")
}

#[track_caller]
fn image_of(known: KnownKey) -> Image {
    let KnownKey::Accepted(image) = known else { panic!("not accepted but {known:?}") };
    *image
}

/// The row of an upload with a key has the same columns as one without.
pub async fn an_upload_with_a_key_is_stored_like_any_other(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let first = upload.received(&store, LONG).await;
    let object_id = ObjectId::random();
    let new = NewImage {
        user_id: upload.user,
        object_id: &object_id,
        file_name: upload.file_name,
        format: first.format,
        bytes: first.bytes,
        sha256: &upload.sha256,
        header: first.header.expect("a header"),
        trace: &first.trace.clone(),
        held: false,
    };
    let plain = store.receive(&new).await.expect("receives");
    let same = Image {
        id: first.id,
        object_id: first.object_id.clone(),
        created_at: first.created_at,
        updated_at: first.updated_at,
        ..plain
    };
    assert_eq!(first, same);
    assert_eq!(first.header, Some(StoredHeader { width: 40, height: 30, frames: 2 }));
    let accepted = upload.accept(&store, &first).await.expect("accepts");
    assert_eq!((accepted.state, accepted.accepted_at.is_some()), (State::Pending, true));
    assert_eq!(listed(&store, upload.user).await, (1, vec![first.id]));
    assert_eq!(upload.accept(&store, &first).await, None, "it is accepted once");
}

/// The answer follows the image: pending, ready, and deleted, also when no trace of the image is left.
pub async fn a_repeated_upload_gets_the_image_as_it_is_now(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let image = upload.accepted(&store).await;
    assert_eq!(image_of(upload.known(&store).await), image);
    let image = claimed(&store, &image, LONG).await;
    assert!(store.finish_ready(&image, SIZES, LONG).await.expect("finishes"));
    let now = image_of(upload.known(&store).await);
    assert_eq!((now.id, now.state, now.variants), (image.id, State::Ready, Some(SIZES)));
    assert!(store.delete_image(upload.user, image.id).await.expect("deletes"));
    assert!(matches!(upload.known(&store).await, KnownKey::Deleted));
    store.remove_row(image.id).await.expect("removes");
    assert!(matches!(upload.known(&store).await, KnownKey::Deleted));
    assert_eq!(listed(&store, upload.user).await, (0, vec![]));
}

/// Another file, or the same under another name, is no repeated upload, whether the first one runs or was accepted.
pub async fn a_key_belongs_to_one_file_and_one_name(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let other_name = Upload { file_name: "b.png", ..upload.clone() };
    let other_file = Upload { sha256: "1e".repeat(32), ..upload.clone() };
    let image = upload.received(&store, LONG).await;
    for other in [&other_name, &other_file] {
        assert!(matches!(other.known(&store).await, KnownKey::OtherFile));
    }
    upload.accept(&store, &image).await.expect("accepts");
    for other in [&other_name, &other_file] {
        assert!(matches!(other.known(&store).await, KnownKey::OtherFile));
    }
    let other_key = Upload { key: key("another key"), ..upload.clone() };
    assert_ne!(other_key.accepted(&store).await.id, image.id);
}

/// Two users may choose the same key.
pub async fn every_user_has_keys_of_their_own(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (Upload::of(user(&store, "ada").await), Upload::of(user(&store, "bob").await));
    let (hers, his) = (ada.accepted(&store).await, bob.accepted(&store).await);
    assert_eq!(image_of(ada.known(&store).await), hers);
    assert_eq!(image_of(bob.known(&store).await), his);
}

/// A key is not free as long as its lease is renewed.
pub async fn a_running_upload_keeps_its_key(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let image = upload.received(&store, SHORT).await;
    assert!(store.renew_key(&image, &upload.key, LONG).await.expect("renews"));
    tick(&store).await;
    assert!(matches!(upload.known(&store).await, KnownKey::Running));
    let accepted = upload.accept(&store, &image).await.expect("accepts");
    assert_eq!(image_of(upload.known(&store).await), accepted);
    assert!(!store.renew_key(&image, &upload.key, LONG).await.expect("answers"), "nothing is left to renew");
}

/// Whoever comes after a lease has run out gets the key, whatever the file, and the old upload can never be accepted.
pub async fn a_key_whose_lease_has_run_out_is_taken_over(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let dead = upload.received(&store, Duration::ZERO).await;
    tick(&store).await;
    let digest = upload.digest();
    assert!(store.known_key(&upload.known_as(&digest)).await.expect("answers").is_none());
    let other = Upload { sha256: "1e".repeat(32), ..upload.clone() };
    let taken = other.received(&store, LONG).await;
    assert_eq!(upload.accept(&store, &dead).await, None);
    assert_eq!(accept(&store, &dead).await, None, "it is a tombstone");
    assert!(!store.renew_key(&dead, &upload.key, LONG).await.expect("answers"));
    store.give_up_with_key(&dead, &upload.key).await.expect("gives up");
    assert!(matches!(other.known(&store).await, KnownKey::Running), "the key is the other upload's");
    other.accept(&store, &taken).await.expect("accepts");
    assert_eq!(listed(&store, upload.user).await, (1, vec![taken.id]));
    assert_eq!(ids(&store.to_purge(10).await.expect("lists")), [dead.id]);
}

/// What fails is not remembered.
pub async fn an_upload_that_fails_frees_its_key_at_once(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let failed = upload.received(&store, LONG).await;
    store.give_up_with_key(&failed, &upload.key).await.expect("gives up");
    assert!(!store.has_key(upload.user, &upload.key).await.expect("answers"));
    let image = upload.accepted(&store).await;
    assert_eq!(upload.accept(&store, &failed).await, None);
    assert_eq!(listed(&store, upload.user).await, (1, vec![image.id]));
}

/// A request that does not know that its upload was accepted may give it up: nothing changes.
pub async fn what_was_accepted_cannot_be_given_up(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let image = upload.accepted(&store).await;
    store.give_up_with_key(&image, &upload.key).await.expect("answers");
    assert_eq!(image_of(upload.known(&store).await), image);
    assert!(store.has_key(upload.user, &upload.key).await.expect("answers"));
}

/// An upload that is refused at its end leaves its key to be freed.
pub async fn an_upload_over_the_quota_remembers_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let image = upload.received(&store, LONG).await;
    let none = Quotas { images: Quota::at_most(0), bytes: Quota::UNLIMITED };
    let outcome = store.accept_once(&image, &upload.key, none, None).await.expect("answers");
    assert!(matches!(outcome, Acceptance::OverQuota(_)), "{outcome:?}");
    assert!(matches!(upload.known(&store).await, KnownKey::Running));
    store.give_up_with_key(&image, &upload.key).await.expect("gives up");
    upload.accepted(&store).await;
}

/// A key is kept for a day. Then upkeep forgets it, and whoever comes before that can claim it too.
pub async fn a_key_is_forgotten_after_a_day(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let day = chrono::TimeDelta::days(1);
    let (before, first) = (store.now().await.expect("knows the time"), upload.accepted(&store).await);
    assert_eq!(store.forget_keys(10).await.expect("forgets"), 0);
    let expected = (before + day).format("%Y-%m-%d %H:%M");
    let at = format!("CAST(expires_at AS TEXT) < '{expected}'");
    run_sql(&url, &format!("DELETE FROM idempotency_keys WHERE {at}")).await;
    assert_eq!(image_of(upload.known(&store).await), first, "it is kept for a day");

    age(&url).await;
    let second = upload.accepted(&store).await;
    assert_ne!(second.id, first.id);
    let other = Upload { key: key("another key"), ..upload.clone() };
    other.accepted(&store).await;
    age(&url).await;
    assert_eq!(store.forget_keys(1).await.expect("forgets"), 1);
    assert_eq!(store.forget_keys(10).await.expect("forgets"), 1);
    assert!(!store.has_key(upload.user, &upload.key).await.expect("answers"));
    assert_eq!(listed(&store, upload.user).await.0, 3, "the images stay");
}

/// Makes all keys as old as they get.
async fn age(url: &DatabaseUrl) {
    run_sql(url, "UPDATE idempotency_keys SET expires_at = '2020-01-01 00:00:00'").await;
}

/// Upkeep leaves the newest keys of a user who has too many, and those of uploads that may still be accepted.
pub async fn a_hundred_thousand_keys_of_one_user_stay_bounded(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let running = Upload { key: key("running"), ..upload.clone() };
    let image = running.received(&store, LONG).await;
    fill(&url, upload.user, 100_000).await;
    let newest = upload.accepted(&store).await;
    // The running upload is the one that began first.
    run_sql(
        &url,
        "UPDATE idempotency_keys SET expires_at = '2100-01-01 00:00:00' WHERE lease_until IS NOT NULL;
         UPDATE idempotency_keys SET expires_at = '2300-01-01 00:00:00' WHERE key = 'a-key'",
    )
    .await;
    let (many, last) = store.users_with_many_keys(None, KEYS_PER_USER, 10).await.expect("counts");
    assert_eq!((many, last), (vec![upload.user], None));
    let mut trimmed = 0;
    loop {
        match store.trim_keys(upload.user, KEYS_PER_USER, LONG, 10_000).await.expect("trims") {
            0 => break,
            some => trimmed += some,
        }
    }
    assert_eq!(trimmed, 90_001);
    assert_eq!(image_of(upload.known(&store).await), newest);
    assert!(running.accept(&store, &image).await.is_some(), "a running upload keeps its key");
    assert_eq!(store.trim_keys(upload.user, KEYS_PER_USER, LONG, 10).await.expect("trims"), 1);
    assert!(store.users_with_many_keys(None, KEYS_PER_USER, 10).await.expect("counts").0.is_empty());
}

/// Gives a user keys of accepted uploads, as if they were from the years after 2200.
async fn fill(url: &DatabaseUrl, user: UserId, count: u32) {
    let later = match url {
        DatabaseUrl::Postgres(_) => "TIMESTAMP '2200-01-01 00:00:00' + n * INTERVAL '1 second'",
        DatabaseUrl::Sqlite(_) => "datetime('2200-01-01 00:00:00', n || ' seconds')",
    };
    run_sql(
        url,
        &format!(
            "INSERT INTO idempotency_keys (user_id, key, digest, object_id, expires_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
             SELECT {user}, 'key-' || n, '-', '{}', {later} FROM numbers",
            "0".repeat(32)
        ),
    )
    .await;
}

/// A round over all users goes on where the last step ended.
pub async fn every_user_is_looked_at(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let mut users = Vec::new();
    for number in 0..5 {
        let user = user(&store, &format!("user {number}")).await;
        fill(&url, user, if number % 2 == 0 { 3 } else { 2 }).await;
        users.push(user);
    }
    let step = async |after| store.users_with_many_keys(after, 2, 2).await.expect("counts");
    assert_eq!(step(None).await, (vec![users[0]], Some(users[1])));
    assert_eq!(step(Some(users[1])).await, (vec![users[2]], Some(users[3])));
    assert_eq!(step(Some(users[3])).await, (vec![users[4]], None));
}

/// The keys go with their user.
pub async fn a_removed_user_leaves_no_key(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let upload = Upload::of(user(&store, "ada").await);
    let image = upload.accepted(&store).await;
    assert!(store.delete_image(upload.user, image.id).await.expect("deletes"));
    store.remove_row(image.id).await.expect("removes");
    assert!(store.delete_user(&existing(&store, "ada").await, None).await.expect("deletes"));
    tick(&store).await;
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 1);
    assert!(!store.has_key(upload.user, &upload.key).await.expect("answers"));
}

/// Of many tries at once one gets the key, and the others are told that it runs or what became of it.
pub async fn of_sixteen_uploads_with_one_key_one_is_accepted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    for round in 0..8 {
        let upload = Upload { key: key(&format!("round {round}")), ..Upload::of(ada) };
        let outcomes = at_once(16, |_| {
            let (store, upload) = (store.clone(), upload.clone());
            async move {
                match upload.receive(&store, LONG).await {
                    Receipt::Received(image) => {
                        Some(upload.accept(&store, &image).await.expect("accepts").id)
                    }
                    Receipt::Known(KnownKey::Accepted(image)) => Some(image.id),
                    Receipt::Known(KnownKey::Running) => None,
                    other => panic!("{other:?}"),
                }
            }
        });
        let mut images: Vec<_> = outcomes.await.into_iter().flatten().collect();
        images.dedup();
        assert_eq!(images.len(), 1, "{images:?}");
        assert_eq!(listed(&store, ada).await.0, round + 1);
    }
}

/// Uploads on two replicas claim keys, die, come too late, are renewed, given up and accepted, in any order and at the same
/// time. No key ever gets a second image, and every answer names the same one.
pub async fn random_histories_accept_one_image_for_each_key(url: DatabaseUrl) {
    let stores = match &url {
        DatabaseUrl::Postgres(_) => [migrated(&url).await, open(&url)],
        // A file belongs to one process.
        DatabaseUrl::Sqlite(_) => {
            let store = migrated(&url).await;
            [store.clone(), store]
        }
    };
    let ada = user(&stores[0], "ada").await;
    for round in 0..12_u64 {
        let upload = Upload { key: key(&format!("round {round}")), ..Upload::of(ada) };
        let outcomes = at_once(8, |number| {
            let (store, upload) = (stores[number % 2].clone(), upload.clone());
            let random = StdRng::seed_from_u64(round * 100 + number as u64);
            async move { history(&store, &upload, random).await }
        });
        let mut images: Vec<ImageId> = outcomes.await.into_iter().flatten().collect();
        // Whoever comes last gets the image, or is the first one after the others have died.
        tokio::time::sleep(SHORT).await;
        let last =
            until("the key is free or accepted", async || match upload.receive(&stores[0], LONG).await {
                Receipt::Received(image) => {
                    Some(upload.accept(&stores[0], &image).await.expect("accepts").id)
                }
                Receipt::Known(KnownKey::Accepted(image)) => Some(image.id),
                Receipt::Known(_) => None,
            })
            .await;
        images.push(last);
        images.dedup();
        assert_eq!(images, [last], "round {round}");
        assert_eq!(listed(&stores[1], ada).await.0, i64::try_from(round + 1).expect("few"));
    }
}

/// Some tries of one client, and the images that it was told of.
async fn history(store: &MetadataStore, upload: &Upload, mut random: StdRng) -> Vec<ImageId> {
    let mut told = Vec::new();
    let mut held: Vec<Image> = Vec::new();
    for _ in 0..12 {
        let lease = if random.random_bool(0.7) { Duration::ZERO } else { SHORT };
        let image = held.last().cloned();
        match (random.random_range(0..10), image) {
            (0..5, _) | (_, None) => match upload.receive(store, lease).await {
                Receipt::Received(image) => held.push(*image),
                Receipt::Known(KnownKey::Accepted(image)) => told.push(image.id),
                Receipt::Known(KnownKey::Running) => {}
                Receipt::Known(other) => panic!("{other:?}"),
            },
            (5..7, Some(image)) => {
                store.renew_key(&image, &upload.key, lease).await.expect("answers");
            }
            (7, Some(image)) => store.give_up_with_key(&image, &upload.key).await.expect("answers"),
            (_, Some(_)) => {
                let image = held.swap_remove(random.random_range(0..held.len()));
                told.extend(upload.accept(store, &image).await.map(|image| image.id));
            }
        }
    }
    told
}
