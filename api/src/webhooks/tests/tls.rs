use std::sync::Arc;

use resizinator_shared::settings::WebhookTargets;
use tokio::io::AsyncWriteExt;
use tokio::join;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::super::outcome::{Failure, Outcome};
use super::super::tls::connector;
use super::{CERTIFICATE, Fake, OK, Receiver, Sender, TIME_LIMIT, message, request, target};

/// The key of the certificate.
const KEY: &[u8] = include_bytes!("hooks.example.key.der");

fn acceptor() -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(KEY).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_slice(CERTIFICATE)], key)
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(config))
}

/// Answers one delivery with 200 as `hooks.example`. Gives the request, or nothing if the sender has not trusted it.
pub(super) async fn answer_securely(receiver: &Receiver) -> Option<String> {
    let mut stream = acceptor().accept(receiver.accept().await).await.ok()?;
    let request = request(&mut stream).await;
    stream.write_all(OK.as_bytes()).await.expect("an answer");
    stream.flush().await.expect("an answer");
    Some(request)
}

/// What comes of a delivery to this target, all of whose names and addresses are the receiver's.
async fn delivered(text: &str, is_trusted: bool) -> (Outcome, Option<String>) {
    let receiver = Receiver::new().await;
    let network = Fake { receiver: Some(receiver.address()), ..Fake::new([&["93.184.215.14"]]) };
    let network = Arc::new(network);
    let sender = match is_trusted {
        true => network.sender(TIME_LIMIT),
        false => Sender::with(WebhookTargets::Public, TIME_LIMIT, network, connector(RootCertStore::empty())),
    };
    let (target, message) = (target(text), message());
    join!(sender.send(&target, &message), answer_securely(&receiver))
}

#[tokio::test]
async fn a_host_whose_certificate_is_valid_gets_the_message() {
    let (outcome, request) = delivered("https://hooks.example/", true).await;
    assert_eq!(outcome, Outcome::Delivered { status: 200 });
    assert!(request.expect("a request").starts_with("POST / HTTP/1.1\r\nhost: hooks.example\r\n"));
}

#[tokio::test]
async fn a_host_whose_certificate_is_not_trusted_or_has_another_name_gets_nothing() {
    for (text, is_trusted) in [
        ("https://hooks.example/", false),
        ("https://other.example/", true),
        ("https://93.184.215.14/", true),
    ] {
        let (outcome, request) = delivered(text, is_trusted).await;
        assert_eq!((outcome, request), (Outcome::Failed(Failure::Tls), None), "{text}");
    }
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_gets_nothing() {
    let receiver = Receiver::new().await;
    let network = Fake { receiver: Some(receiver.address()), ..Fake::new([&["93.184.215.14"]]) };
    let sender = Arc::new(network).sender(TIME_LIMIT);
    let (target, message) = (target("https://hooks.example/"), message());
    let (outcome, ()) = join!(sender.send(&target, &message), async {
        receiver.accept().await.write_all(OK.as_bytes()).await.expect("an answer");
    });
    assert_eq!(outcome, Outcome::Failed(Failure::Tls));
}
