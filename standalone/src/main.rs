//! `resizinator`: api and worker in one process, and the operator's commands.

mod commands;

use clap::{Parser, Subcommand};
use commands::{image, migrate, serve, user};
use resizinator_shared::logging;
use resizinator_shared::settings::Settings;
use resizinator_worker::{pipeline, renderer};

/// Takes images over a REST API and makes a small and a medium variant of each. Without a command it
/// runs api and worker in this process. All settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(name = "resizinator", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the migrations that are due (the services do so themselves when they start)
    Migrate,
    /// Makes users, and switches them on and off
    #[command(subcommand)]
    User(user::User),
    /// Finds failed images, has images rendered once more, holds images against objects
    #[command(subcommand)]
    Image(image::Image),
}

fn main() {
    renderer::serve_if_asked(pipeline::render);
    serve_or_operate(Arguments::parse());
}

#[tokio::main]
async fn serve_or_operate(arguments: Arguments) {
    logging::init();
    let outcome = run(arguments).await;
    if let Err(error) = &outcome {
        log::error!("{error:#}");
    }
    // Not by returning, which would wait for a file or a name that does not come.
    std::process::exit(i32::from(outcome.is_err()));
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    match arguments.command {
        None => serve::run(settings).await,
        Some(Command::Migrate) => migrate::run(&settings).await,
        Some(Command::User(command)) => user::run(&settings, command).await,
        Some(Command::Image(command)) => image::run(&settings, command).await,
    }
}
