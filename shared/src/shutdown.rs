//! The signals that shut a process down.

use tokio::signal::unix::{SignalKind, signal};

/// Completes at SIGTERM or SIGINT. A second signal ends the process at once.
pub async fn requested() {
    let mut terminate = signal(SignalKind::terminate()).expect("the runtime handles signals");
    let mut interrupt = signal(SignalKind::interrupt()).expect("the runtime handles signals");
    tokio::select! {
        _ = terminate.recv() => log::info!("SIGTERM: shutting down"),
        _ = interrupt.recv() => log::info!("SIGINT: shutting down"),
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        log::warn!("a second signal: ending at once");
        std::process::exit(130);
    });
}
