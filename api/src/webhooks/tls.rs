//! The TLS of deliveries.

use std::sync::Arc;

use log::warn;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The certificates of the authorities that the system trusts.
pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        warn!("The system has no certificates of authorities, so no webhook can be delivered over https.");
    }
    roots
}

/// What makes secure connections to hosts whose certificates go back to these authorities.
pub(super) fn connector(roots: RootCertStore) -> TlsConnector {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A delivery leaves nothing behind for the next one: receivers could fill the memory for that.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}
