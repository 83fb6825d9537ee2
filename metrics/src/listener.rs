//! The HTTP server of the endpoints. It asks nobody for a password, so its address is for operators alone.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use serde_json::json;

use crate::part::Part;
use crate::process::ProcessPart;
use crate::readiness::Readiness;

type Parts = [Arc<dyn Part>];

/// Starts the server, which runs until the process ends, and returns its address. `program` is the name of the program
/// that runs.
///
/// # Errors
/// If the address cannot be listened at.
pub fn serve(listen: &str, program: &'static str, parts: Vec<Arc<dyn Part>>) -> io::Result<SocketAddr> {
    let mut all: Vec<Arc<dyn Part>> = vec![Arc::new(ProcessPart::new(program))];
    all.extend(parts);
    let parts: Arc<Parts> = all.into();
    let app = move || {
        App::new()
            .app_data(Data::from(Arc::clone(&parts)))
            .route("/healthz", get().to(healthz))
            .route("/readyz", get().to(readyz))
            .route("/metrics", get().to(metrics))
    };
    let in_words = |error| io::Error::other(format!("RESIZINATOR_METRICS_LISTEN, {listen}: {error}"));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(listen).map_err(in_words)?;
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    log::info!("health and metrics: listening on http://{address}");
    Ok(address)
}

/// Liveness: succeeds while this process answers. An outage of a backend is no reason to restart the process.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

async fn readyz(parts: Data<Parts>) -> HttpResponse {
    let mut all = Readiness::default();
    for part in parts.iter() {
        all = all.and(part.readiness().await);
    }
    all.answer()
}

async fn metrics(parts: Data<Parts>) -> HttpResponse {
    let mut text = String::new();
    for part in parts.iter() {
        part.refresh().await;
        encode_registry(&mut text, part.registry()).expect("a String takes everything");
    }
    encode_eof(&mut text).expect("a String takes everything");
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    HttpResponse::Ok().insert_header((CONTENT_TYPE, format)).body(text)
}
