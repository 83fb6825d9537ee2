//! A database that is away is answered for in time. These are Postgres's alone: a file is never away.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

use super::*;
use crate::metadata::MetadataError;

/// A client gets its 503 within this.
const SOON: Duration = Duration::from_secs(5);

/// Nobody listens.
pub async fn an_unreachable_database_is_unavailable_soon(_: DatabaseUrl) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    let closed = listener.local_addr().expect("has an address");
    drop(listener);
    assert_unavailable(&somewhere(closed)).await;
}

/// Connections are accepted, and nothing ever comes back.
pub async fn a_silent_database_is_unavailable_soon(_: DatabaseUrl) {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    assert_unavailable(&somewhere(silent.local_addr().expect("has an address"))).await;
}

/// A connection that went silent in use is answered for in time, and is not used again.
pub async fn a_connection_that_went_silent_is_replaced(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(direct) = &url else { panic!("only Postgres has connections") };
    let mut through_proxy = Url::parse(direct).expect("is a URL");
    let host = through_proxy.host_str().expect("names its host").to_owned();
    let port = through_proxy.port().unwrap_or(5432);
    let (silence, silent) = watch::channel(false);
    let proxy = proxy(format!("{host}:{port}"), silent).await;
    through_proxy.set_ip_host(proxy.ip()).expect("has a host");
    through_proxy.set_port(Some(proxy.port())).expect("has a port");

    let store = migrated(&DatabaseUrl::Postgres(through_proxy.into())).await;
    let ada = user(&store, "ada").await;
    silence.send(true).expect("the proxy runs");
    let begin = Instant::now();
    let name = username("ada");
    let answer = store.find_user(&name).await;
    assert!(matches!(answer, Err(MetadataError::Unavailable(_))), "{answer:?}");
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    let found = store.find_user(&name).await.expect("a new connection answers").expect("is there");
    assert_eq!(found.id, ada);
}

fn somewhere(address: SocketAddr) -> DatabaseUrl {
    DatabaseUrl::Postgres(format!("postgres://nobody:secret@{address}/nowhere"))
}

async fn assert_unavailable(url: &DatabaseUrl) {
    let store = open(url);
    let name = username("ada");
    tokio::join!(
        assert_soon("check", store.check()),
        assert_soon("read", store.find_user(&name)),
        assert_soon("write", store.create_user(&name, "hash")),
        assert_soon("time", store.now()),
        assert_soon("migrate", store.migrate()),
    );
    // More callers than connections do not queue up behind each other.
    let crowd = at_once(40, |_| {
        let store = store.clone();
        async move { assert_soon("crowd", store.check()).await }
    });
    crowd.await;
}

async fn assert_soon<T: std::fmt::Debug>(what: &str, call: impl Future<Output = Result<T, MetadataError>>) {
    let outcome = tokio::time::timeout(SOON, call).await;
    let Ok(Err(MetadataError::Unavailable(text))) = outcome else { panic!("{what}: {outcome:?}") };
    assert!(!text.contains("secret"), "{what}: {text}");
}

/// Passes bytes on; `silence` stops those connections that are there at that moment, without
/// closing them.
async fn proxy(target: String, silent: watch::Receiver<bool>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    let address = listener.local_addr().expect("has an address");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (target, mut silent) = (target.clone(), silent.clone());
            silent.mark_unchanged();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await.expect("reaches the database");
                let passing = tokio::io::copy_bidirectional(&mut client, &mut server);
                tokio::select! {
                    _ = passing => {}
                    Ok(()) = silent.changed() => std::future::pending().await,
                }
            });
        }
    });
    address
}
