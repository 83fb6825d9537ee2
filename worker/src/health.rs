//! What supervisors and monitoring ask of a worker, over HTTP: `healthz`, `readyz`, `metrics`.

use std::io;
use std::net::SocketAddr;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

use crate::status::{Status, StoresHealth};

/// Serves until the process ends.
pub fn serve(listen: &str, status: Status) -> io::Result<SocketAddr> {
    let app = move || {
        App::new()
            .app_data(Data::new(status.clone()))
            .route("/healthz", get().to(healthz))
            .route("/readyz", get().to(readyz))
            .route("/metrics", get().to(metrics))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(listen)?;
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    Ok(address)
}

/// Alive: this process answers. An outage of what is behind it is no reason to start it again.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// Ready: jobs can come now, and the stores answered when they were last needed.
async fn readyz(status: Data<Status>) -> HttpResponse {
    let (consuming, stores) = (status.is_subscribed(), status.stores() == StoresHealth::Answering);
    let word = |is_there| if is_there { "ok" } else { "unavailable" };
    let ready = consuming && stores;
    let body = json!({
        "status": if ready { "ready" } else { "unavailable" },
        "jobs": word(consuming),
        "stores": word(stores),
    });
    match ready {
        true => HttpResponse::Ok().json(body),
        false => HttpResponse::ServiceUnavailable().json(body),
    }
}

async fn metrics(status: Data<Status>) -> HttpResponse {
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    HttpResponse::Ok().insert_header((CONTENT_TYPE, format)).body(status.metrics())
}
