//! The HTTP clients of the object store.

use std::sync::Arc;
use std::time::Duration;

use hyper::client::HttpConnector;
use hyper_tls::HttpsConnector;
use rusoto_core::{HttpClient, Region};
use rusoto_s3::S3Client;

use super::body::CHUNK;
use super::credentials::Credentials;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long idle connections are kept. Servers keep them longer (Amazon about 20 s), and so do NATs and firewalls (30 s
/// and more), so that hardly any call uses a connection that was just closed or forgotten.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may be silent before the kernel probes it.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// A client with a pool of connections, and one that opens a connection for each call.
pub(super) struct Clients {
    pub(super) pooled: Client,
    /// For second tries: a connection of the pool may be as dead as the one before.
    pub(super) fresh: Client,
}

#[derive(Clone)]
pub(super) struct Client {
    pub(super) s3: S3Client,
    /// The HTTP client of `s3`, for requests that are signed already.
    pub(super) http: Arc<HttpClient>,
}

impl Clients {
    pub(super) fn new(credentials: &Credentials, region: &Region) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_keepalive(Some(KEEPALIVE));
        let connector = HttpsConnector::new_with_connector(tcp);
        let client = |most_idle: usize| {
            let mut builder = hyper::Client::builder();
            builder.pool_idle_timeout(IDLE_TIMEOUT);
            builder.pool_max_idle_per_host(most_idle);
            // Only one chunk of a body is buffered, so that many uploads need little memory.
            builder.http1_max_buf_size(CHUNK);
            let http = Arc::new(HttpClient::from_builder(builder, connector.clone()));
            let s3 = S3Client::new_with(Arc::clone(&http), credentials.clone(), region.clone());
            Client { s3, http }
        };
        Self { pooled: client(usize::MAX), fresh: client(0) }
    }
}
