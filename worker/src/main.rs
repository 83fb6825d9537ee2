//! The program `resizinator-worker`, which consumes resize jobs. As many of them can run as the load needs.

use std::sync::Arc;

use clap::Parser;
use resizinator_metrics::{BackendsPart, Part};
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::settings::Settings;
use resizinator_shared::{health_check, logging, runtime, shutdown};
use resizinator_worker::{Status, WorkerPart, pipeline, renderer};

/// The worker of Resizinator. All settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(name = "resizinator-worker", version)]
struct Arguments {
    /// Asks the worker that runs with the same RESIZINATOR_METRICS_LISTEN whether it consumes jobs, and exits with 0 or 1
    #[arg(long)]
    health: bool,
}

fn main() {
    renderer::serve_if_asked(pipeline::render);
    renderer::keep_memory_private();
    if Arguments::parse().health {
        std::process::exit(health_check::worker());
    }
    runtime::run(work());
}

async fn work() {
    logging::init();
    let outcome = run().await;
    if let Err(error) = &outcome {
        log::error!("{error:#}");
    }
    // Returning would wait for blocking tasks, for example for a file access or a name lookup that never ends.
    std::process::exit(i32::from(outcome.is_err()));
}

async fn run() -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    let backends = Backends::choose(&settings, Role::Worker)?;
    let status = Status::default();
    if let Some(listen) = &settings.metrics_listen {
        let worker = WorkerPart::new(status.clone(), backends.clone());
        let parts: Vec<Arc<dyn Part>> = vec![Arc::new(BackendsPart::new(backends.clone())), Arc::new(worker)];
        resizinator_metrics::serve(listen, Role::Worker.name(), parts)?;
    }
    resizinator_worker::run(settings.limits, backends, status, shutdown::requested()).await?;
    log::info!("the worker has ended");
    Ok(())
}
