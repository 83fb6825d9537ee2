//! Tests of the turns that users take while there are more jobs than workers can do.

use crate::client::User;
use crate::eventually::eventually;
use crate::operators::{METRICS, metrics, until_metric};
use crate::pictures;
use crate::services::Services;

/// How many jobs the queue holds while no worker says that it runs, and how many while one with two slots does.
const READY: i64 = 16;

async fn upload(user: &User, count: usize) {
    let picture = pictures::photo(64, 48);
    let uploads: Vec<_> = (0..8)
        .map(|_| {
            let (user, picture) = (user.clone(), picture.clone());
            tokio::spawn(async move {
                for _ in 0..count / 8 {
                    user.upload("small.jpg", picture.clone()).await;
                }
            })
        })
        .collect();
    for upload in uploads {
        upload.await.expect("uploads");
    }
}

async fn count(user: &User, state: &str) -> i64 {
    user.get(&format!("/image/?state={state}")).await["count"].as_i64().expect("a count")
}

#[tokio::test]
async fn one_image_does_not_wait_behind_all_of_another_user() {
    let services = Services::new().await;
    let (mut api, base) = services.api_with([METRICS, ("RESIZINATOR_RATE_LIMITS", "off")]).await;
    let address = api.operators_address().await;
    let (many, one) = (User::new(&base).await, User::new(&base).await);
    upload(&many, 400).await;
    let text = metrics(&address).await;
    let held = text.lines().find_map(|line| line.strip_prefix("resizinator_held_images "));
    let held: i64 = held.expect("a metric").parse().expect("a number");
    assert!((400 - 3 * READY..=400 - READY).contains(&held), "{held} are held back");
    let record = one.upload("one.jpg", pictures::photo(64, 48)).await;

    let _worker = services.worker();
    one.until_ready(record["id"].as_i64().expect("an id")).await;
    let before_it = count(&many, "ready").await;
    assert!(before_it < 200, "{before_it} images of the other user came first");
    eventually("all others are ready too", async || (count(&many, "ready").await == 400).then_some(())).await;
    until_metric(&address, "resizinator_held_images 0").await;
}

#[tokio::test]
async fn what_a_killed_api_held_back_is_published_by_another() {
    let services = Services::new().await;
    let (mut api, base) = services.api_with([("RESIZINATOR_RATE_LIMITS", "off")]).await;
    let user = User::new(&base).await;
    upload(&user, 80).await;
    api.kill();
    let _worker = services.worker();
    let (_api, base) = services.api().await;
    let user = user.at(&base);
    eventually("all are ready", async || (count(&user, "ready").await == 80).then_some(())).await;
}
