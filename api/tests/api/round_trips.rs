//! Tests of what requests cost: how often they wait for the database.

use reqwest::Method;
use resizinator_shared::settings::DatabaseUrl;
use resizinator_shared::testing::counting_proxy::CountingProxy;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::helpers::{Form, TestApp, User, database, png, send};

/// How often a request is made. Upkeep asks the database too, so only the least count is that of the request.
const TRIES: u32 = 12;

#[tokio::test]
async fn no_request_makes_a_round_trip_that_it_does_not_need() {
    database(async |url: Url| {
        let proxy = CountingProxy::to(url.as_str()).await;
        let through = proxy.url(url.as_str());
        let app = TestApp::start_with(|settings| settings.database = DatabaseUrl::Postgres(through)).await;
        let ada = app.user("ada").await;
        // Nobody has to take turns as long as somebody takes the jobs.
        let mut consumer = app.backends.jobs.consume(0).await.expect("a consumer");
        let _taking = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                drop(consumer.next().await.settle.ack().await);
            }
        }));
        // The token, the row, the acceptance, and, behind the answer, the mark of the queued job, and a function of the
        // database that passes its event on. Then the dispatcher looks whether a webhook is due.
        let plain = least(&proxy, 6, async |_| upload(&ada, None).await).await;
        let with_key =
            least(&proxy, 6, async |number| upload(&ada, Some(format!("key-{number}"))).await).await;
        // The token, the claim that fails, and the image by its key.
        upload(&ada, Some("a-key".into())).await;
        let repeated = least(&proxy, 1, async |_| upload(&ada, Some("a-key".into())).await).await;
        let image = least(&proxy, 1, async |_| assert_eq!(ada.get("/image/1/").await.status, 200)).await;
        let list = least(&proxy, 1, async |_| assert_eq!(ada.get("/image/").await.status, 200)).await;
        let with_status = "/image/?include=status";
        let statuses = least(&proxy, 1, async |_| assert_eq!(ada.get(with_status).await.status, 200)).await;
        let user = least(&proxy, 1, async |_| assert_eq!(ada.get("/user/").await.status, 200)).await;
        // The token, and the page with its count. The token says who its user is.
        let lists = (list, statuses, user);
        assert_eq!((plain, with_key, repeated, image, lists), (6, 6, 3, 2, (2, 2, 1)));
    })
    .await;
}

/// The least number of round trips of a request. `expected` is waited for, since some come behind the answer.
async fn least(proxy: &CountingProxy, expected: u64, request: impl AsyncFn(u32)) -> u64 {
    let mut least = u64::MAX;
    for number in 0..TRIES {
        proxy.take().await;
        request(number).await;
        proxy.wait_for(expected).await;
        least = least.min(proxy.take().await.round_trips);
    }
    least
}

async fn upload(user: &User<'_>, key: Option<String>) {
    let mut request = user.request(Method::POST, "/image/").header("Content-Type", Form::TYPE);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let answer = send(request.body(Form::new().file("original", "a.png", &png()).body())).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}
