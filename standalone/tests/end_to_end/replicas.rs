//! Several of each.

use crate::client::{User, until_status};
use crate::services::Services;

#[tokio::test]
async fn two_apis_and_two_workers_share_the_load() {
    let services = Services::new().await;
    let ((_one, base), (_other, other_base)) = (services.api().await, services.api().await);
    let workers = [services.worker(), services.worker()];
    for worker in &workers {
        worker.until_log_has("consuming from").await;
    }
    let user = User::new(&base).await;
    let elsewhere = user.at(&other_base);
    let (mut ids, more) = tokio::join!(user.upload_photos(10), elsewhere.upload_photos(10));
    ids.extend(more);
    elsewhere.until_all_ready(&ids).await;
    services.assert_one_set_of_objects(&user, &ids).await;
    for worker in &workers {
        assert!(worker.has_done_a_job(), "one worker has done it all");
    }
}

#[tokio::test]
async fn processes_that_start_at_once_on_an_empty_database_migrate_it_safely() {
    let services = Services::new().await;
    let mut apis = [(); 3].map(|()| services.start("resizinator-api", []));
    let workers = [(); 2].map(|()| services.worker());
    let mut bases = Vec::new();
    for api in &mut apis {
        let base = api.address().await;
        until_status(&base, "ready").await;
        bases.push(base);
    }
    let user = User::new(&bases[0]).await;
    let ids = user.at(&bases[2]).upload_photos(4).await;
    user.until_all_ready(&ids).await;
    let logs = apis.iter().chain(&workers).map(|process| process.log());
    assert_eq!(logs.filter(|log| log.contains("migrated the metadata store")).count(), 1);
}
