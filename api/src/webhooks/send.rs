//! The sender of messages. Whoever names a target may be hostile, and so may the host: the addresses of a host are
//! checked before anything is sent, only these very addresses are connected to, and time and answer are limited.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use resizinator_shared::settings::WebhookTargets;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::task::AbortOnDropHandle;
use url::Host;

use super::address::is_public;
use super::message::Message;
use super::network::{Network, System};
use super::outcome::{Failure, Outcome};
use super::target::Target;
use super::tls;

/// How long a delivery may take, from the look at the name on to the end of the answer.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(15);

/// How many bytes the status line and the headers of an answer may have.
pub(super) const MOST_HEAD: usize = 16 << 10;

/// How many bytes of the body of an answer are read, so that the receiver can end it in peace. They are not used.
const MOST_BODY: usize = 64 << 10;

/// What sends messages to targets. Each delivery has a connection of its own, and follows no redirect and no proxy.
pub(crate) struct Sender<N = System> {
    targets: WebhookTargets,
    limit: Duration,
    network: N,
    tls: TlsConnector,
}

/// The answer of a receiver, whose body is not read yet.
struct Answer {
    response: Response<Incoming>,
    /// Moves the bytes, and closes the connection at the end.
    _connection: AbortOnDropHandle<()>,
}

impl Sender {
    /// Makes a sender to the targets that the setting allows.
    pub(crate) fn new(targets: WebhookTargets) -> Self {
        Self::with(targets, TIME_LIMIT, System::new(), tls::connector(tls::system_roots()))
    }
}

impl<N: Network> Sender<N> {
    pub(super) fn with(targets: WebhookTargets, limit: Duration, network: N, tls: TlsConnector) -> Self {
        Self { targets, limit, network, tls }
    }

    /// Tries once to deliver a message.
    pub(crate) async fn send(&self, target: &Target, message: &Message) -> Outcome {
        let deadline = Instant::now() + self.limit;
        let answer = match timeout_at(deadline, self.ask(target, message)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(failure)) => return failure.into(),
            Err(_) => return Failure::Timeout.into(),
        };
        let outcome = Outcome::of(&answer.response);
        // The status counts, whatever becomes of the body.
        let _ = timeout_at(deadline, answer.discard_body()).await;
        outcome
    }

    async fn ask(&self, target: &Target, message: &Message) -> Result<Answer, Failure> {
        target.check(self.targets)?;
        let addresses = self.addresses(target.host()).await?;
        let stream = self.connect(&addresses, target.port()).await?;
        let request = message.request(target);
        if !target.is_https() {
            return Answer::to(request, stream).await;
        }
        let name = server_name(target.host())?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| Failure::Tls)?;
        Answer::to(request, stream).await
    }

    /// The addresses of the host, each of which may be connected to. A host with any other is refused altogether.
    async fn addresses(&self, host: Host<&str>) -> Result<Vec<IpAddr>, Failure> {
        let addresses = match host {
            Host::Domain(name) => self.network.resolve(name).await.map_err(|_| Failure::Unresolvable)?,
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
        };
        match addresses.iter().find(|address| !is_public(**address)) {
            Some(address) if self.targets == WebhookTargets::Public => Err(Failure::NotPublic(*address)),
            _ => Ok(addresses),
        }
    }

    /// A connection to the first address that accepts one. An address that is silent leaves time for others.
    async fn connect(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, Failure> {
        let mut failure = Failure::Unresolvable;
        for address in addresses {
            let connect = self.network.connect(SocketAddr::new(*address, port));
            failure = match timeout(self.limit / 3, connect).await {
                Ok(Ok(stream)) => return Ok(stream),
                _ => Failure::Connect,
            };
        }
        Err(failure)
    }
}

impl Answer {
    /// Sends a request, and waits for the head of its answer.
    async fn to<S>(request: Request<Full<Bytes>>, stream: S) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut requests, connection) = http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .max_header_size(MOST_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Failure::Protocol)?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            // Its errors are those of the request.
            let _ = connection.await;
        }));
        let response = requests.send_request(request).await.map_err(|_| Failure::Protocol)?;
        Ok(Self { response, _connection: connection })
    }

    async fn discard_body(self) {
        let mut body = Limited::new(self.response.into_body(), MOST_BODY);
        while let Some(Ok(_)) = body.frame().await {}
    }
}

/// The name for which the certificate of the host has to be valid.
fn server_name(host: Host<&str>) -> Result<ServerName<'static>, Failure> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| Failure::Tls),
        Host::Ipv4(address) => Ok(ServerName::IpAddress(IpAddr::V4(address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress(IpAddr::V6(address).into())),
    }
}
