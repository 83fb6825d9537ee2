//! Opens connections to Postgres. The parameter `sslmode` of the URL says whether they use TLS.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::causes::with_causes;

/// The idle time before keepalive that the driver sets if the URL does not contain `keepalives_idle`.
const DEFAULT_KEEPALIVES_IDLE: Duration = Duration::from_secs(2 * 3600);

/// Opens a connection. `sslmode=disable`, `allow` and `prefer` use no TLS. `require`, `verify-ca` and `verify-full` all
/// check the certificate and the host's name, since encryption to an unknown server protects nobody. `sslrootcert`
/// names a file with a private CA, which is trusted in addition to the system's CAs.
pub(super) async fn establish(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let (config, tls) = parse(url)?;
    match tls {
        None => {
            let (client, connection) = config.connect(NoTls).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        }
        Some(tls) => {
            let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        }
    }
}

fn parse(text: &str) -> ConnectionResult<(Config, Option<ClientConfig>)> {
    let mut url = Url::parse(text).map_err(bad)?;
    let (mut mode, mut root_cert, mut rest) = (None, None, Vec::new());
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" => mode = Some(value.into_owned()),
            "sslrootcert" => root_cert = Some(value.into_owned()),
            _ => rest.push((name.into_owned(), value.into_owned())),
        }
    }
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    let mut config: Config = url.as_str().parse().map_err(bad)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(2));
    }
    notice_lost_peers(&mut config);
    if config.get_options().is_none() {
        // The server stops a query about when the client stops waiting for it.
        config.options("-c statement_timeout=4000");
    }
    match mode.as_deref() {
        None | Some("disable" | "allow" | "prefer") => {
            config.ssl_mode(tokio_postgres::config::SslMode::Disable);
            Ok((config, None))
        }
        Some("require" | "verify-ca" | "verify-full") => {
            config.ssl_mode(tokio_postgres::config::SslMode::Require);
            Ok((config, Some(client_config(root_cert.as_deref())?)))
        }
        Some(other) => Err(ConnectionError::BadConnection(format!(
            "sslmode={other} is none of disable, prefer, require, verify-full"
        ))),
    }
}

/// Has the kernel end connections whose other side is gone, unless the URL says how. Otherwise it would probe idle ones
/// after two hours, and repeat what is not acknowledged for a quarter of an hour. The probes also keep NATs from
/// forgetting idle connections, if those wait longer than that.
fn notice_lost_peers(config: &mut Config) {
    if config.get_keepalives_idle() == DEFAULT_KEEPALIVES_IDLE {
        config.keepalives_idle(Duration::from_secs(30));
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(Duration::from_secs(10));
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(3);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(20));
    }
}

fn client_config(root_cert: Option<&str>) -> ConnectionResult<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = root_cert {
        for certificate in CertificateDer::pem_file_iter(file).map_err(bad)? {
            roots.add(certificate.map_err(bad)?).map_err(bad)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(bad)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn bad(error: impl Error + 'static) -> ConnectionError {
    ConnectionError::BadConnection(with_causes(&error))
}
