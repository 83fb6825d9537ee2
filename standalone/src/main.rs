//! The binary `resizinator`: the api and the worker in one process, and the operator's commands.

mod commands;

use clap::{Parser, Subcommand};
use commands::{bucket, image, migrate, migrate_to, serve, user};
use resizinator_shared::settings::Settings;
use resizinator_shared::{health_check, logging};
use resizinator_worker::{pipeline, renderer};

/// Accepts images over a REST API and makes a small and a medium variant of each. Without a command it
/// runs the api and the worker in this process. All settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(name = "resizinator", version)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Asks the process that runs with the same RESIZINATOR_LISTEN whether it is alive, and exits with 0 or 1
    #[arg(long)]
    health: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the migrations that are due (the services also run them when they start)
    Migrate,
    /// Copies users, images and objects to the database TO_DATABASE_URL and the object store TO_STORAGE_URL
    #[command(long_about = migrate_to::ABOUT)]
    MigrateTo,
    /// Creates the bucket that STORAGE_URL names
    #[command(subcommand)]
    Bucket(bucket::Bucket),
    /// Creates, lists, disables and deletes users, and sets their passwords, quotas and rights
    #[command(subcommand)]
    User(user::User),
    /// Lists failed images, renders images once more, and compares images with objects
    #[command(subcommand)]
    Image(image::Image),
}

fn main() {
    renderer::serve_if_asked(pipeline::render);
    renderer::keep_memory_private();
    let arguments = Arguments::parse();
    if arguments.health {
        std::process::exit(health_check::api());
    }
    serve_or_operate(arguments);
}

#[tokio::main]
async fn serve_or_operate(arguments: Arguments) {
    logging::init();
    let outcome = run(arguments).await;
    if let Err(error) = &outcome {
        log::error!("{error:#}");
    }
    // It does not return from `main`, since that would wait for a blocking call that hangs.
    std::process::exit(i32::from(outcome.is_err()));
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    match arguments.command {
        None => serve::run(settings).await,
        Some(Command::Migrate) => migrate::run(&settings).await,
        Some(Command::MigrateTo) => migrate_to::run(settings).await,
        Some(Command::Bucket(command)) => bucket::run(&settings, command).await,
        Some(Command::User(command)) => user::run(&settings, command).await,
        Some(Command::Image(command)) => image::run(&settings, command).await,
    }
}
