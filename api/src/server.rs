//! The HTTP server and the tasks that run beside it.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use resizinator_metrics::Part;
use resizinator_shared::announce::keep_announcing;
use resizinator_shared::backends::Backends;
use resizinator_shared::private;
use resizinator_shared::settings::Settings;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::edge::{self, Options};
use crate::middleware::{cors, envelope, guard, rates};
use crate::state::ApiState;
use crate::webhooks::dispatch;
use crate::{descriptors, listener, memory, routes, upkeep, waiting};

/// How long a shutdown waits for the first request of a new connection.
const QUIET: Duration = Duration::from_millis(300);

/// The api, bound to its address.
pub struct Api {
    /// The address at which it listens. If the settings ask for port 0, this has the real port.
    pub address: SocketAddr,
    state: Arc<ApiState>,
    listener: TcpListener,
    draining: CancellationToken,
    server: Server,
}

impl Api {
    /// Binds the address. From now on connections are accepted, whether or not the backends can be reached.
    pub fn bind(settings: Settings, backends: Backends) -> io::Result<Self> {
        memory::give_back_large_allocations();
        private::create_folder(&settings.temporary_folder())?;
        let listener = listener::listen(&settings.listen)?;
        let address = listener.local_addr()?;
        let draining = CancellationToken::new();
        let state = ApiState::new(settings, backends);
        let settings = &state.settings;
        let options = Options {
            limits: descriptors::enough_for(settings.connections.clone()),
            trusted_proxies: settings.trusted_proxies.clone(),
            grace: settings.limits.grace,
            connections: state.metrics.connections.clone(),
            refusals: state.metrics.refusals.clone(),
            draining: draining.clone(),
        };
        let shared = state.clone();
        let app = move || {
            App::new()
                .app_data(Data::from(shared.clone()))
                .wrap(from_fn(rates::wrap))
                .wrap(from_fn(guard::wrap))
                .wrap(cors::of(&shared.settings.cors_origins))
                .wrap(from_fn(envelope::wrap))
                .configure(routes::configure)
        };
        let server = edge::serve(listener.try_clone()?, options, app)?;
        Ok(Self { address, state, listener, draining, server })
    }

    /// The api, as the endpoints for operators see it.
    pub fn part(&self) -> Arc<dyn Part> {
        Arc::clone(&self.state) as Arc<dyn Part>
    }

    /// Serves requests until `shutdown` completes, and then finishes the requests that are running. It ends at once
    /// with an error if the database cannot be migrated to the tables that this version needs.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let Self { state, listener, draining, server, .. } = self;
        let shared = state.clone();
        let mut beside = tokio::spawn(async move {
            shared.backends.metadata.migrate_with_back_off().await?;
            shared.set_started();
            // A shutdown waits for it, so that no claim is left behind.
            let dispatcher = shared.under_way.spawn(dispatch::run(Arc::clone(&shared)));
            let turns = AbortOnDropHandle::new(tokio::spawn(upkeep::take_turns(Arc::clone(&shared))));
            let telling = AbortOnDropHandle::new(tokio::spawn(tell(Arc::clone(&shared))));
            tokio::select! {
                ended = upkeep::run(shared) => ended,
                // Without one of them the api would look well and tell nobody anything.
                Err(panic) = dispatcher => std::panic::resume_unwind(panic.into_panic()),
                Err(panic) = turns => std::panic::resume_unwind(panic.into_panic()),
                Err(panic) = telling => std::panic::resume_unwind(panic.into_panic()),
            }
        });
        let handle = server.handle();
        let mut server = tokio::spawn(server);
        let ended = tokio::select! {
            ended = &mut server => ended,
            never = memory::keep_giving_back() => match never {},
            ended = &mut beside => {
                handle.stop(false).await;
                return match ended {
                    Ok(Err(error)) => Err(io::Error::other(error)),
                    Ok(Ok(never)) => match never {},
                    Err(panic) => Err(io::Error::other(panic)),
                };
            }
            () = shutdown => {
                log::info!("the api accepts no more connections and finishes its requests");
                state.stopping.cancel();
                listener::refuse(&listener).await;
                handle.pause().await;
                let finished = async {
                    // A stop drops connections that were accepted and whose request was not read yet, so those come
                    // first.
                    nothing_under_way(&state.under_way).await;
                    draining.cancel();
                    handle.stop(true).await;
                };
                if timeout(state.settings.limits.grace, finished).await.is_err() {
                    log::warn!("RESIZINATOR_GRACE is over: what still runs is cut off");
                    // The server does not hear a second stop before it has done the first one.
                    server.abort();
                    return Ok(());
                }
                server.await
            }
        };
        beside.abort();
        ended.map_err(io::Error::other)?
    }
}

/// Passes on what happens to images, until it is dropped.
async fn tell(state: Arc<ApiState>) {
    let metadata = &state.backends.metadata;
    let listen = async {
        if let Some(announcer) = &state.backends.announcer {
            announcer.listen(|| metadata.image_events_are_numbered()).await;
        }
    };
    tokio::join!(
        waiting::keep_looking(metadata),
        keep_announcing(&state.backends),
        listen,
        state.events.run(&state),
    );
}

/// Completes when no request was running for a moment, and no work that a request does after its answer.
async fn nothing_under_way(under_way: &TaskTracker) {
    under_way.close();
    loop {
        under_way.wait().await;
        sleep(QUIET).await;
        if under_way.is_empty() {
            return;
        }
    }
}
