//! Tests of `RESIZINATOR_VARIANTS`, the setting that chooses the format of variants.

use crate::client::User;
use crate::eventually::eventually;
use crate::services::Services;

#[tokio::test]
async fn variants_are_webp_from_the_setting_on_and_those_of_before_stay() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let user = User::new(&base).await;
    let mut worker = services.worker();
    let before = user.upload_photos(1).await[0];
    user.until_ready(before).await;
    assert!(worker.terminate().await.success());

    let _worker = services.start("resizinator-worker", [("RESIZINATOR_VARIANTS", "webp")]);
    let after = user.upload_photos(1).await[0];
    user.until_ready(after).await;
    for (id, content_type) in [(before, "image/jpeg"), (after, "image/webp")] {
        let record = user.record(id).await.expect("an image");
        for variant in ["small", "medium"] {
            assert_eq!(user.download(&record[variant]).await.content_type, content_type, "{variant}");
        }
    }
    user.delete(after).await;
    eventually("the row of the deleted image goes", async || (services.rows().await == 1).then_some(()))
        .await;
    services.assert_one_set_of_objects(&user, &[before]).await;
}
