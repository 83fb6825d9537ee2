//! The operator's commands for images.

mod anew;
mod check;
mod list;
mod progress;

use clap::{Args, Subcommand};
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::ImageId;
use resizinator_shared::image::State;
use resizinator_shared::settings::Settings;

#[derive(Subcommand)]
pub(crate) enum Image {
    /// Prints images, one on each line: id, user, state, file name, and why it failed, separated by tabs
    List {
        /// The state of the images: pending, processing, ready or failed
        #[arg(long, default_value = "failed")]
        state: State,
        /// The most images to print
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Renders failed images once more
    Retry {
        #[command(flatten)]
        which: Failed,
    },
    /// Renders finished images anew, for instance with other heights; clients see the old variants until then
    Reprocess {
        #[command(flatten)]
        which: Finished,
    },
    /// Looks for images without objects and for objects without an image; exits with 1 if there are any
    Check {
        /// Removes objects without an image, renders missing variants, and fails images whose original is missing
        #[arg(long)]
        fix: bool,
    },
}

#[derive(Args)]
#[group(required = true)]
pub(crate) struct Failed {
    /// The ids of images
    #[arg(conflicts_with = "all_failed")]
    ids: Vec<ImageId>,
    /// Every failed image
    #[arg(long)]
    all_failed: bool,
    /// Only the failed images with this code; docs/reliability.md lists the codes
    #[arg(long, requires = "all_failed")]
    code: Option<FailureCode>,
}

#[derive(Args)]
#[group(required = true)]
pub(crate) struct Finished {
    /// The ids of images
    #[arg(conflicts_with = "all_ready")]
    ids: Vec<ImageId>,
    /// Every image that has variants
    #[arg(long)]
    all_ready: bool,
}

pub(crate) async fn run(settings: &Settings, command: Image) -> anyhow::Result<()> {
    let backends = Backends::choose(settings, Role::Standalone)?;
    let metadata = &backends.metadata;
    metadata.migrate().await?;
    match command {
        Image::List { state, limit } => list::run(metadata, state, limit).await,
        Image::Retry { which } => anew::retry(metadata, which).await,
        Image::Reprocess { which } => anew::reprocess(metadata, which).await,
        Image::Check { fix } => check::run(&backends, fix).await,
    }
}
