//! Tests with several apis and several workers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{User, until_status};
use crate::eventually::eventually;
use crate::pictures;
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

#[tokio::test]
async fn a_rolling_restart_under_load_fails_no_request_and_loses_no_job() {
    let services = Services::new().await;
    let (mut apis, mut workers) = (Vec::new(), [services.worker(), services.worker()]);
    let addresses = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let (api, base) = services.api().await;
        apis.push(api);
        addresses.lock().expect("no panic").push(base);
    }
    let first = addresses.lock().expect("no panic")[0].clone();
    let user = User::new(&first).await;
    let load = Arc::new(Load {
        addresses: addresses.clone(),
        uploads: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    });
    let clients: Vec<_> =
        (0..2).map(|number| tokio::spawn(upload_all_the_time(user.clone(), number, load.clone()))).collect();

    for number in [0, 1, 0, 1] {
        load.goes_on().await;
        // The new replica takes the place before the old one ends.
        let (api, base) = services.api().await;
        let mut old = std::mem::replace(&mut apis[number], api);
        addresses.lock().expect("no panic")[number] = base;
        assert!(old.terminate().await.success());
        load.goes_on().await;
        let mut old = std::mem::replace(&mut workers[number], services.worker());
        assert!(old.terminate().await.success());
    }
    load.goes_on().await;
    load.over.store(true, Ordering::Relaxed);
    let mut ids = Vec::new();
    for client in clients {
        ids.extend(client.await.expect("no request fails"));
    }
    let base = addresses.lock().expect("no panic")[1].clone();
    services.assert_one_set_of_objects(&user.at(&base), &ids).await;
}

#[tokio::test]
async fn connections_that_wait_to_be_accepted_when_the_api_is_told_to_end_are_served() {
    let services = Services::new().await;
    let (mut api, base) = services.api().await;
    let user = User::new(&base).await;
    api.pause();
    let address = base.trim_start_matches("http://");
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut connection = TcpStream::connect(address).await.expect("the system takes it");
        let request =
            format!("GET /image/ HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {}\r\n\r\n", user.token);
        connection.write_all(request.as_bytes()).await.expect("sends");
        waiting.push(connection);
    }
    api.ask_to_end();
    api.go_on();
    for mut connection in waiting {
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("no reset");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer:?}");
    }
    assert!(api.ended().await.success());
    assert!(TcpStream::connect(address).await.is_err());
}

struct Load {
    addresses: Arc<Mutex<Vec<String>>>,
    uploads: AtomicUsize,
    over: AtomicBool,
}

impl Load {
    /// Waits for some more uploads.
    async fn goes_on(&self) {
        let before = self.uploads.load(Ordering::Relaxed);
        eventually("uploads go on", async || {
            (self.uploads.load(Ordering::Relaxed) >= before + 6).then_some(())
        })
        .await;
    }
}

/// Uploads to the two apis in turn. If an api that shuts down refuses the connection, the upload goes to the other one.
/// Nothing else may go wrong.
async fn upload_all_the_time(user: User, number: usize, load: Arc<Load>) -> Vec<i64> {
    let photo = pictures::photo(640, 480);
    let mut ids = Vec::new();
    for turn in number.. {
        if load.over.load(Ordering::Relaxed) {
            break;
        }
        let base = load.addresses.lock().expect("no panic")[turn % 2].clone();
        ids.extend(user.at(&base).upload_unless_refused("photo.jpg", photo.clone()).await);
        load.uploads.fetch_add(1, Ordering::Relaxed);
    }
    ids
}
