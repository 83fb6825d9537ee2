//! The HTTP server and the tasks that run beside it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use resizinator_shared::backends::Backends;
use resizinator_shared::settings::Settings;

use crate::middleware::envelope;
use crate::state::State;
use crate::{routes, upkeep};

/// An api that is bound to its address.
pub struct Api {
    /// Where it listens; the port is the real one, also where 0 was asked for.
    pub address: SocketAddr,
    state: Arc<State>,
    server: Server,
}

impl Api {
    /// Binds the address. Connections are accepted from here on, whether or not backends are there.
    pub fn bind(settings: Settings, backends: Backends) -> io::Result<Self> {
        std::fs::create_dir_all(settings.temporary_folder())?;
        let (listen, grace) = (settings.listen.clone(), settings.limits.grace.as_secs());
        let state = State::new(settings, backends);
        let shared = state.clone();
        let app = move || {
            App::new()
                .app_data(Data::from(shared.clone()))
                .wrap(from_fn(envelope::wrap))
                .configure(routes::configure)
        };
        let server = HttpServer::new(app).shutdown_timeout(grace).disable_signals().bind(&listen)?;
        let address = server.addrs()[0];
        Ok(Self { address, state, server: server.run() })
    }

    /// Serves until `shutdown` completes, and then finishes the requests in flight.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let state = self.state;
        let beside = tokio::spawn(async move {
            state.backends.metadata.migrate_with_back_off().await;
            state.set_started();
            upkeep::run(state).await;
        });
        let handle = self.server.handle();
        let mut server = tokio::spawn(self.server);
        let ended = tokio::select! {
            ended = &mut server => ended,
            () = shutdown => {
                log::info!("the api accepts no more connections and finishes its requests");
                handle.stop(true).await;
                server.await
            }
        };
        beside.abort();
        ended.map_err(io::Error::other)?
    }
}
