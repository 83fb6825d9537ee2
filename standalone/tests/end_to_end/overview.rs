//! Tests of the overview of operators, with real workers.

use std::time::Duration;

use resizinator_shared::settings::DatabaseUrl;
use resizinator_shared::testing::metadata::run_sql;
use serde_json::{Value, json};

use crate::client::User;
use crate::eventually::eventually;
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::{Environment, command};
use crate::services::Services;

/// Registers a user whom the command makes an operator.
async fn admin(base: &str, environment: &Environment) -> User {
    let user = User::new(base).await;
    let mut command = command("resizinator", environment);
    let made = command.args(["user", "admin", &user.name, "on"]).output().expect("the command runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    user
}

fn database(services: &Services) -> DatabaseUrl {
    DatabaseUrl::Postgres(services.database_url().to_owned())
}

/// Waits until the overview has such workers, and returns them.
async fn until_workers(admin: &User, what: &str, are_there: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    eventually(what, async || {
        let workers = admin.overview().await["workers"].as_array().expect("a list").clone();
        are_there(&workers).then_some(workers)
    })
    .await
}

#[tokio::test]
async fn one_process_is_a_worker_until_it_ends() {
    let mut app = OneProcess::start().await;
    let admin = admin(&app.base, &app.environment).await;
    let consumes = |workers: &[Value]| workers.iter().any(|worker| worker["consuming"] == true);
    let workers = until_workers(&admin, "the process consumes", consumes).await;
    assert_eq!(workers.len(), 1, "{workers:?}");
    let worker = &workers[0];
    assert_eq!([&worker["pid"], &worker["slots"]], [&json!(app.process.id()), &json!(1)]);
    assert!(
        worker["version"].as_str() == Some("0.1.0")
            && worker["started_at"].as_str() <= worker["seen_at"].as_str()
    );
    let queue = json!({ "kind": "in-process", "ready": 0, "retrying": 0, "failed": 0 });
    assert_eq!(admin.overview().await["queue"], queue);
    assert!(app.process.terminate().await.success());
    let left = app.store().workers(Duration::from_secs(3600), 10).await.expect("a query");
    assert_eq!(left, []);
}

#[tokio::test]
async fn workers_are_shown_at_work_until_they_end_or_are_silent_for_a_minute() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let admin = admin(&base, &services.environment([])).await;
    assert_eq!(admin.overview().await["workers"], json!([]));
    let mut doomed = services.worker();
    let consumes = |workers: &[Value]| workers.iter().any(|worker| worker["consuming"] == true);
    let workers = until_workers(&admin, "the worker consumes", consumes).await;
    assert_eq!([&workers[0]["busy"], &workers[0]["slots"]], [&json!(0), &json!(1)]);
    // It is busy now and then until it says so.
    let (photo, mut ids) = (pictures::photo(1601, 1203), Vec::new());
    eventually("the worker is busy", async || {
        let record = admin.upload("photo.jpg", photo.clone()).await;
        ids.push(record["id"].as_i64().expect("an id"));
        (admin.overview().await["workers"][0]["busy"] == 1).then_some(())
    })
    .await;
    doomed.kill();

    let mut other = services.worker();
    let both = until_workers(&admin, "both are shown", |workers| workers.len() == 2).await;
    let pids: Vec<_> = both.iter().map(|worker| worker["pid"].as_u64().expect("a pid")).collect();
    assert!(pids.contains(&doomed.id().into()) && pids.contains(&other.id().into()), "{pids:?}");
    let a_minute_later = "UPDATE workers SET seen_at = seen_at - interval '61 seconds' WHERE pid = ";
    run_sql(&database(&services), &format!("{a_minute_later}{}", doomed.id())).await;
    let one = until_workers(&admin, "the killed one is gone", |workers| workers.len() == 1).await;
    assert_eq!(one[0]["pid"], other.id());
    admin.until_all_ready(&ids).await;
    eventually("all is done", async || {
        let overview = admin.overview().await;
        let queue = json!({ "kind": "rabbitmq", "ready": 0, "retrying": 0, "failed": 0 });
        let images = json!({ "pending": 0, "processing": 0, "ready": ids.len(), "failed": 0 });
        (overview["queue"] == queue && overview["images"] == images).then_some(())
    })
    .await;
    assert!(other.terminate().await.success());
    assert_eq!(services.number("SELECT count(*) FROM workers").await, 1, "that of the killed one");
    until_workers(&admin, "the other one is gone", <[Value]>::is_empty).await;
}

#[tokio::test]
async fn a_worker_works_though_its_row_cannot_be_written() {
    let services = Services::new().await;
    let (mut api, base) = services.api().await;
    let user = User::new(&base).await;
    let ids = user.upload_photos(2).await;
    services.broker.until_messages("images.resize", 2).await;
    // Such a table is not there before the migration.
    run_sql(&database(&services), "ALTER TABLE workers RENAME TO elsewhere").await;
    let mut worker = services.worker();
    user.until_all_ready(&ids).await;
    worker.until_log_has("the heartbeat was not written").await;
    assert!(!worker.log().contains(" ERROR "), "{}", worker.log());
    assert!(worker.terminate().await.success());
    assert!(api.terminate().await.success());
}
