//! At the level trace, the logs of a whole life of an image hold no token, password, signature or key. [`crate::secrecy`]
//! searches the log of each process when it ends.

use crate::client::User;
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::environment;
use crate::services::Services;

/// The directives name the libraries too, which is how one could get around a general level.
const EVERYTHING: &str = "trace,lapin=trace,tracing=trace,rusoto_core::request=trace,rusoto_signature=trace,\
                          hyper::client=trace,tokio_postgres::query=trace,actix_http=trace,actix_server=trace";

async fn live(base: &str) {
    let user = User::new(base).await;
    let record = user.upload("photo.jpg", pictures::photo(640, 480)).await;
    let id = record["id"].as_i64().expect("an id");
    let record = user.until_ready(id).await;
    for url in ["original", "small", "medium"] {
        user.download(&record[url]).await;
    }
    user.delete(id).await;
}

#[tokio::test]
async fn of_one_process() {
    let secret = "a secret of the test, which nobody may log".replace(',', "");
    let settings = [("RUST_LOG", EVERYTHING), ("RESIZINATOR_SECRET", &secret)];
    let mut app = OneProcess::with(environment(settings)).await;
    live(&app.base).await;
    assert!(app.process.terminate().await.success());
    assert!(app.process.log().contains(" TRACE "), "the level is not trace");
}

#[tokio::test]
async fn of_services() {
    let services = Services::new().await;
    // A password that is not the name of the user, so that it can be told from that.
    let queue = services.broker.user_who_may(".*", ".*", ".*").await;
    let settings = [("RUST_LOG", EVERYTHING), ("QUEUE_URL", queue.as_str())];
    let (mut api, base) = services.api_with(settings).await;
    let mut worker = services.start("resizinator-worker", settings);
    live(&base).await;
    assert!(worker.terminate().await.success());
    assert!(api.terminate().await.success());
    assert!(api.log().contains(" TRACE ") && worker.log().contains(" TRACE "), "the level is not trace");
}
