//! What the statements of an upload cost on Postgres.

use super::*;
use crate::idempotency::{IdempotencyKey, UploadDigest};
use crate::metadata::{Receipt, UploadKey};
use crate::testing::UNLIMITED;
use crate::testing::counting_proxy::{Asked, CountingProxy};

/// One round trip, and one transaction, so that the log is synced once.
const ONE: Asked = Asked { round_trips: 1, transactions: 1 };

/// Each statement of an upload takes one round trip and one transaction, and a key adds none.
pub async fn an_upload_takes_three_round_trips_and_three_syncs(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    let proxy = CountingProxy::to(address).await;
    let store = migrated(&DatabaseUrl::Postgres(proxy.url(address))).await;
    let ada = user(&store, "ada").await;
    // In the first round the statements are prepared.
    for round in 0..3 {
        let key: IdempotencyKey = format!("key-{round}").parse().expect("a key");
        let (image, received) = count(&store, &proxy, received(&store, ada)).await;
        let (_, accepted) = count(&store, &proxy, accept(&store, &image)).await;
        let (_, marked) = count(&store, &proxy, store.mark_queued(std::slice::from_ref(&image))).await;
        let (image, received_once) = count(&store, &proxy, received_with(&store, ada, &key)).await;
        let accept_once = store.accept_once(&image, &key, UNLIMITED, None);
        let (_, accepted_once) = count(&store, &proxy, accept_once).await;
        let (_, renewed) = count(&store, &proxy, store.renew_key(&image, &key, LONG)).await;
        if round > 0 {
            let all = [received, accepted, marked, received_once, accepted_once, renewed];
            assert_eq!(all, [ONE; 6], "round {round}");
        }
    }
}

async fn count<T>(store: &MetadataStore, proxy: &CountingProxy, work: impl Future<Output = T>) -> (T, Asked) {
    // The clock is read once in ten seconds, whoever needs it.
    store.now().await.expect("knows the time");
    proxy.take().await;
    (work.await, proxy.take().await)
}

async fn received_with(store: &MetadataStore, user_id: UserId, key: &IdempotencyKey) -> Image {
    let object_id = ObjectId::random();
    let new = NewImage {
        user_id,
        object_id: &object_id,
        file_name: "a.png",
        format: Format::Png,
        bytes: 1000,
        sha256: &"0f".repeat(32),
        header: StoredHeader { width: 40, height: 30, frames: 1 },
        trace: &Trace::default(),
        held: false,
    };
    let digest = UploadDigest::of(new.sha256, new.file_name);
    let upload = UploadKey { user_id, key, digest: &digest };
    match store.receive_once(&new, &upload, LONG).await.expect("answers") {
        Receipt::Received(image) => *image,
        known => panic!("not received but {known:?}"),
    }
}
