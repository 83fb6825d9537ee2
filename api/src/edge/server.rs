//! The HTTP server behind the listening socket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive, Protocol, Request};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, Service, ServiceResponse};
use actix_web::http::StatusCode;
use ipnet::IpNet;
use prometheus_client::metrics::gauge::Gauge;
use resizinator_shared::settings::ConnectionLimits;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::admission::{Admission, Full};
use super::connection::{Connection, Counted, DISCARD};
use super::expect::ExpectFactory;
use super::refusal;
use super::service::EdgeFactory;
use super::stream::LimitedStream;
use crate::metrics::{InProgress, Refusals, count};

/// How long a client that was refused is listened to, so that it sees the refusal and not a reset connection.
const FAREWELL: Duration = Duration::from_secs(1);
/// How many clients are told at the same time why they are refused. Others find their connection closed.
pub(crate) const FAREWELLS: usize = 256;
/// When a client that was refused for the number of connections should try again, in seconds.
const RETRY_AFTER: u32 = 5;

/// What the server needs to know apart from the handlers.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) limits: ConnectionLimits,
    /// The proxies, whose connections are not counted per address.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// How long a shutdown waits for requests.
    pub(crate) grace: Duration,
    pub(crate) connections: Gauge,
    pub(crate) refusals: Refusals,
    /// When this is cancelled, connections that wait for a request are closed.
    pub(crate) draining: CancellationToken,
}

/// Serves the connections of a listener. `app` makes the handlers, once for each thread and once more for requests that
/// wait for `100 Continue`.
pub(crate) fn serve<A, I, F, B>(listener: TcpListener, options: Options, app: A) -> io::Result<Server>
where
    A: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    F::Future: 'static,
    F::InitError: std::fmt::Debug,
    <F::Service as Service<Request>>::Future: 'static,
    F::Service: 'static,
    B: MessageBody + 'static,
{
    let admission = Admission::new(options.limits.clone(), options.trusted_proxies.clone());
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let grace = options.grace.as_secs();
    let total = options.limits.total;
    let make = move || {
        let (options, admission, farewells) = (options.clone(), admission.clone(), farewells.clone());
        let accept = fn_service(move |stream: TcpStream| {
            let (options, admission, farewells) = (options.clone(), admission.clone(), farewells.clone());
            async move { accept(stream, &options, &admission, &farewells).await }
        });
        let http = HttpService::build()
            // `Connection` knows when to close, for requests after the first one too.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(DISCARD)
            .on_connect_ext(|stream: &LimitedStream, data| {
                data.insert(stream.connection());
            })
            .expect(ExpectFactory(EdgeFactory::new(app())))
            .finish(EdgeFactory::new(app()));
        accept.and_then(http.map_err(|error| log::debug!("a connection ended: {error}")))
    };
    let builder =
        Server::build().disable_signals().shutdown_timeout(grace).max_concurrent_connections(total + 1024);
    Ok(builder.listen("api", listener, make)?.run())
}

/// Admits a connection, or tells its client why it is refused.
async fn accept(
    stream: TcpStream,
    options: &Options,
    admission: &Admission,
    farewells: &Semaphore,
) -> Result<(LimitedStream, Protocol, Option<SocketAddr>), ()> {
    let Ok(peer) = stream.peer_addr() else { return Err(()) };
    let place = match admission.admit(peer.ip()) {
        Ok(place) => place,
        Err(full) => {
            count(&options.refusals, full.limit());
            if let Ok(_permit) = farewells.try_acquire() {
                // On the heap, since every connection would hold the room for it until it ends.
                Box::pin(refuse(stream, &full)).await;
            }
            return Err(());
        }
    };
    let socket = SockRef::from(&stream);
    // The system ends the connection of a client that reads nothing for this long, or that has vanished.
    let configured =
        stream.set_nodelay(true).and_then(|()| socket.set_tcp_user_timeout(Some(options.limits.stall)));
    if let Err(error) = configured {
        log::debug!("a new connection: {error}");
        return Err(());
    }
    let place = Counted { _place: place, _in_progress: InProgress::new(&options.connections) };
    let connection =
        Connection::new(options.limits.clone(), options.draining.clone(), options.refusals.clone(), place);
    Ok((LimitedStream::new(stream, Rc::new(connection)), Protocol::Http1, Some(peer)))
}

async fn refuse(mut stream: TcpStream, full: &Full) {
    log::debug!("refused a connection: {full}");
    let answer = refusal::answer(StatusCode::SERVICE_UNAVAILABLE, &full.to_string(), Some(RETRY_AFTER));
    let farewell = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        let mut request = [0; 4096];
        while stream.read(&mut request).await? > 0 {}
        io::Result::Ok(())
    };
    // It may have gone already, which is fine.
    drop(tokio::time::timeout(FAREWELL, farewell).await);
}
