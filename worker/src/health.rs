//! The HTTP endpoints of a worker for supervisors and monitoring: `healthz`, `readyz` and `metrics`.

use std::io;
use std::net::SocketAddr;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

use crate::status::{Status, StoresHealth};

/// Starts the HTTP server of the health endpoints, which runs until the process ends. Returns its address.
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

/// Liveness: always succeeds while this process answers. An outage of a backend is no reason to restart the process.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// Readiness: succeeds if the worker is subscribed to the queue and the stores answered when they were last used.
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
