//! The binary `resizinator-api`: the REST API alone, for deployments that scale it separately from the workers.

use std::sync::Arc;

use clap::Parser;
use resizinator_api::Api;
use resizinator_metrics::BackendsPart;
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::settings::Settings;
use resizinator_shared::{health_check, logging, runtime, shutdown};

/// The REST API of Resizinator. All settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(name = "resizinator-api", version)]
struct Arguments {
    /// Asks the api that runs with the same RESIZINATOR_LISTEN whether it is alive, and exits with 0 or 1
    #[arg(long)]
    health: bool,
}

fn main() {
    if Arguments::parse().health {
        std::process::exit(health_check::api());
    }
    runtime::run(serve());
}

async fn serve() {
    logging::init();
    let outcome = run().await;
    if let Err(error) = &outcome {
        log::error!("{error:#}");
    }
    // It does not return from `main`, since that would wait for a blocking call that hangs.
    std::process::exit(i32::from(outcome.is_err()));
}

async fn run() -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    let backends = Backends::choose(&settings, Role::Api)?;
    let (operators, metrics) = (settings.metrics_listen.clone(), BackendsPart::new(backends.clone()));
    let api = Api::bind(settings, backends)?;
    log::info!("listening on http://{}", api.address);
    if let Some(listen) = operators {
        resizinator_metrics::serve(&listen, Role::Api.name(), vec![Arc::new(metrics), api.part()])?;
    }
    api.run(shutdown::requested()).await?;
    log::info!("the api has ended");
    Ok(())
}
