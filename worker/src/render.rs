//! Runs the pipeline off the async threads, with a wall clock and a net for panics.

use bytes::Bytes;
use resizinator_shared::settings::Limits;

use crate::error::Failure;
use crate::pipeline::{self, Variants};

pub(crate) async fn render(original: Bytes, limits: &Limits) -> Result<Variants, Failure> {
    let within = pipeline::Limits {
        pixels: limits.pixels,
        side: limits.side,
        frames: limits.frames,
        animation_pixels: limits.animation_pixels,
        decoder_memory: limits.renderer_memory,
    };
    let heights = limits.heights;
    let work = tokio::task::spawn_blocking(move || pipeline::render(&original, &within, heights));
    match tokio::time::timeout(limits.render, work).await {
        Ok(Ok(Ok(variants))) => Ok(variants),
        Ok(Ok(Err(error))) => Err(Failure::File { code: error.code(), detail: error.to_string() }),
        Ok(Err(_)) => Err(Failure::File {
            code: "renderer_panicked",
            detail: "The image could not be rendered: its decoder gave up.".into(),
        }),
        Err(_) => Err(Failure::File {
            code: "render_timeout",
            detail: format!("Rendering took longer than render_timeout = {} s.", limits.render.as_secs()),
        }),
    }
}
