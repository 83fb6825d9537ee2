//! Tests of deletion: a deleted image is gone with all its objects.

use crate::client::User;
use crate::eventually::eventually;
use crate::pictures;
use crate::services::Services;

#[tokio::test]
async fn an_image_deleted_at_any_moment_of_its_life_leaves_nothing() {
    let services = Services::new().await;
    let ((_api, base), _worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;

    let ready = user.upload_photos(1).await[0];
    user.until_ready(ready).await;
    user.delete(ready).await;

    // The image is large, so that it is being rendered or waits when it is deleted, and the next one waits.
    let record = user.upload("large.jpg", pictures::photo(4000, 3000)).await;
    let processing = record["id"].as_i64().expect("an id");
    let pending = user.upload_photos(1).await[0];
    user.delete(processing).await;
    user.delete(pending).await;
    let kept = user.upload_photos(1).await;

    for id in [ready, processing, pending] {
        assert!(user.record(id).await.is_none());
    }
    // The queue is served in order, so the worker has finished the others by then.
    user.until_all_ready(&kept).await;
    for id in [ready, processing, pending] {
        assert!(user.record(id).await.is_none(), "image {id} has risen from the dead");
    }
    eventually("the rows of deleted images go", async || (services.rows().await == 1).then_some(())).await;
    services.assert_one_set_of_objects(&user, &kept).await;
}
