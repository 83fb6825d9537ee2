//! The parts of a slot: its input and its renderer, which keeps to one user.

use std::fs::File;
use std::io;

use resizinator_formats::Format;
use resizinator_shared::ids::UserId;
use resizinator_shared::settings::Limits;
use resizinator_shared::variant::Wanted;
use tokio::sync::oneshot;

use super::confine::Confinement;
use super::input::Input;
use super::process::{Death, Renderer};
use super::protocol::{Job, Reply};
use super::restarts::{Reason, Restarts, count};
use super::spawner::{Spawned, Spawner};
use crate::pipeline::RenderLimits;

/// The part of a renderer's memory that the decoder may not use: it is for the process itself and the encoded variants.
const OWN_MEMORY: u64 = 32 << 20;

/// The input and the renderer of a slot.
#[derive(Debug)]
pub(super) struct Place {
    input: Input,
    /// `None` while the renderer works on a job.
    renderer: Option<RendererState>,
}

#[derive(Debug)]
enum RendererState {
    /// The renderer is spawned as soon as it is known that one is needed, so that hardly any job has to wait for it.
    Starting(oneshot::Receiver<Spawned>),
    Warm(Box<Renderer>),
}

impl Place {
    pub(super) fn new(spawner: &Spawner) -> io::Result<Self> {
        let mut place = Self { input: Input::new()?, renderer: None };
        place.respawn(spawner)?;
        Ok(place)
    }

    pub(super) fn input(&self) -> &File {
        self.input.file()
    }

    pub(super) fn end_input_at(&self, len: u64) -> io::Result<()> {
        self.input.end_at(len)
    }

    pub(super) fn reuse_input(&self) -> io::Result<()> {
        self.input.reuse()
    }

    /// The user whose originals the renderer has read, or `None` if it has read none.
    pub(super) fn user(&self) -> Option<UserId> {
        match &self.renderer {
            Some(RendererState::Warm(renderer)) => renderer.user(),
            Some(RendererState::Starting(_)) | None => None,
        }
    }

    /// Replaces the renderer if it has read originals of another user, and waits until the old one has ended. Says whether it did. Its
    /// memory includes the input, so the next original may only be written after that.
    pub(super) async fn keep_to(&mut self, user: UserId, spawner: &Spawner) -> io::Result<bool> {
        if self.user().is_none_or(|seen| seen == user) {
            return Ok(false);
        }
        if let Some(RendererState::Warm(renderer)) = self.renderer.take() {
            renderer.kill();
            self.respawn(spawner)?;
            if let Err(error) = renderer.end().await {
                log::warn!("a slot is given up with its memory: {error}");
                *self = Self::new(spawner)?;
            }
        }
        Ok(true)
    }

    /// Waits until the renderer is ready for a job. Returns how far it is confined.
    pub(super) async fn warm_up(&mut self, spawner: &Spawner, limits: &Limits) -> io::Result<Confinement> {
        let renderer = self.warm_renderer(spawner, limits).await?;
        let confinement = renderer.confinement;
        self.renderer = Some(RendererState::Warm(renderer));
        Ok(confinement)
    }

    /// Renders once. Whatever the outcome, the place has a renderer for the next job afterwards.
    pub(super) async fn render(
        &mut self,
        user: UserId,
        format: Format,
        len: u64,
        limits: &Limits,
        spawner: &Spawner,
        restarts: &Restarts,
    ) -> io::Result<Result<Reply, Death>> {
        let mut renderer = self.warm_renderer(spawner, limits).await?;
        let within = RenderLimits {
            image: limits.image,
            decoder_memory: limits.renderer_memory.saturating_sub(OWN_MEMORY),
        };
        let number = renderer.next_job_of(user);
        let wanted = Wanted { heights: limits.heights, format: limits.variants };
        let job = Job { number, format, len, limits: within, wanted };
        let outcome = renderer.render(job, limits.render).await;
        let end = match &outcome {
            Ok(Reply::Rendered(..) | Reply::Refused { .. }) if renderer.can_go_on() => None,
            Ok(Reply::Rendered(..) | Reply::Refused { .. }) => Some(Reason::CpuUsed),
            Ok(Reply::Panicked(_)) => Some(Reason::Panicked),
            Err(Death::TimedOut) => Some(Reason::TimedOut),
            Err(Death::OutOfMemory) => Some(Reason::OutOfMemory),
            Err(Death::Crashed(_)) => Some(Reason::Crashed),
        };
        match end {
            None => self.renderer = Some(RendererState::Warm(renderer)),
            Some(reason) => {
                count(restarts, reason);
                renderer.end().await?;
                self.respawn(spawner)?;
            }
        }
        Ok(outcome)
    }

    fn respawn(&mut self, spawner: &Spawner) -> io::Result<()> {
        self.renderer = Some(RendererState::Starting(spawner.spawn(self.input.for_reading()?)));
        Ok(())
    }

    /// Takes the renderer out of the place, and waits until it is ready.
    async fn warm_renderer(&mut self, spawner: &Spawner, limits: &Limits) -> io::Result<Box<Renderer>> {
        if self.renderer.is_none() {
            self.respawn(spawner)?;
        }
        let spawned = match self.renderer.take() {
            Some(RendererState::Warm(renderer)) => return Ok(renderer),
            Some(RendererState::Starting(spawned)) => spawned.await.map_err(io::Error::other)?,
            None => return Err(io::Error::other("none was spawned")),
        };
        let renderer = Renderer::greeted(spawned, limits.render).await?;
        if renderer.confinement == Confinement::Full || limits.accept_unconfined {
            return Ok(Box::new(renderer));
        }
        Err(io::Error::other(
            "the system refuses the renderers' filter of system calls (seccomp), without which a file that takes \
             over its decoder could open files and connections in the worker's name: allow seccomp, or accept \
             that with RESIZINATOR_UNCONFINED=accept",
        ))
    }
}
