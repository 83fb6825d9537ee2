//! The pool of a worker's renderers, which has one renderer for each slot.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use resizinator_formats::Format;
use resizinator_shared::settings::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::RendererError;
use super::confine::Confinement;
use super::input::Input;
use super::process::{Death, Renderer};
use super::protocol::{Job, Reply};
use super::spawner::{Spawned, Spawner};
use crate::pipeline::{RenderLimits, Variants};

/// The part of a renderer's memory that the decoder may not use: it is for the process itself and the encoded variants.
const OWN_MEMORY: u64 = 32 << 20;
/// How often a file is tried. One failure may be due to a lack of memory on the machine or to an earlier job of the
/// same renderer; two failures are considered the file's fault.
const TRIES: u32 = 2;

/// All slots of a worker. The renderers end when the last reference to this is dropped.
#[derive(Debug)]
pub struct Renderers {
    spawner: Spawner,
    idle: Mutex<Vec<Place>>,
    free: Arc<Semaphore>,
    limits: Limits,
}

/// The parts of a slot: its input and its renderer.
#[derive(Debug)]
struct Place {
    input: Input,
    /// `None` while the renderer works on a job.
    renderer: Option<RendererState>,
    /// The number of jobs so far.
    jobs: u64,
}

#[derive(Debug)]
enum RendererState {
    /// The renderer was spawned as soon as the previous one had ended, so that hardly any job has to wait for it.
    Starting(oneshot::Receiver<Spawned>),
    Warm(Box<Renderer>),
}

impl Renderers {
    /// Spawns `limits.slots` renderers, and waits until all of them are ready for a job.
    ///
    /// # Errors
    /// If the system lacks the memory, the processes or the descriptors for them, or if a renderer cannot confine
    /// itself.
    pub async fn start(limits: &Limits) -> io::Result<Arc<Self>> {
        let spawner = Spawner::start(limits.renderer_memory)?;
        let starting: Vec<_> = (0..limits.slots).map(|_| Place::new(&spawner)).collect();
        let mut idle = Vec::new();
        let mut weakest = Confinement::Full;
        for place in starting {
            let mut place = place?;
            let (renderer, confinement) = place.warm_renderer(&spawner).await?;
            place.renderer = Some(RendererState::Warm(Box::new(renderer)));
            weakest = weakest.min(confinement);
            idle.push(place);
        }
        if weakest == Confinement::Unfiltered {
            log::warn!(
                "this system refuses the renderers' filter of system calls (seccomp): a file that takes over \
                 its decoder could open files and connections in the worker's name"
            );
        }
        let free = Arc::new(Semaphore::new(limits.slots.into()));
        Ok(Arc::new(Self { spawner, idle: Mutex::new(idle), free, limits: limits.clone() }))
    }

    /// Waits until a slot is free and returns it.
    pub async fn slot(self: &Arc<Self>) -> Result<Slot, RendererError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.expect("never closed");
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // A place is missing if a slot was dropped while its input was written.
        let place = idle.map_or_else(|| Place::new(&self.spawner), Ok)?;
        Ok(Slot { place: Some(place), is_filling: false, renderers: Arc::clone(self), _permit: permit })
    }
}

impl Place {
    fn new(spawner: &Spawner) -> io::Result<Self> {
        let mut place = Self { input: Input::new()?, renderer: None, jobs: 0 };
        place.respawn(spawner)?;
        Ok(place)
    }

    fn respawn(&mut self, spawner: &Spawner) -> io::Result<()> {
        self.renderer = Some(RendererState::Starting(spawner.spawn(self.input.for_reading()?)));
        Ok(())
    }

    /// Takes the renderer out of the place, and waits until it is ready.
    async fn warm_renderer(&mut self, spawner: &Spawner) -> io::Result<(Renderer, Confinement)> {
        if self.renderer.is_none() {
            self.respawn(spawner)?;
        }
        match self.renderer.take() {
            Some(RendererState::Warm(renderer)) => Ok((*renderer, Confinement::Full)),
            Some(RendererState::Starting(spawned)) => {
                Renderer::greeted(spawned.await.map_err(io::Error::other)?).await
            }
            None => Err(io::Error::other("none was spawned")),
        }
    }

    /// Renders once. Whatever the outcome, the place has a renderer for the next job afterwards.
    async fn render(
        &mut self,
        format: Format,
        len: u64,
        limits: &Limits,
        spawner: &Spawner,
    ) -> io::Result<Result<Reply, Death>> {
        let (renderer, _) = self.warm_renderer(spawner).await?;
        self.jobs += 1;
        let within = RenderLimits {
            image: limits.image,
            decoder_memory: limits.renderer_memory.saturating_sub(OWN_MEMORY),
        };
        let job = Job { number: self.jobs, format, len, limits: within, heights: limits.heights };
        let (outcome, renderer) = match renderer.render(job, limits.render).await {
            Ok((reply, renderer)) => (Ok(reply), renderer),
            Err(death) => (Err(death), None),
        };
        match renderer {
            Some(renderer) => self.renderer = Some(RendererState::Warm(Box::new(renderer))),
            None => self.respawn(spawner)?,
        }
        Ok(outcome)
    }
}

/// A slot in use. When it is dropped, it goes back to the pool. If that happens while it renders, its renderer is
/// killed; if it happens while its input is written, a new slot takes its place.
#[derive(Debug)]
pub struct Slot {
    /// `None` only while the slot is dropped.
    place: Option<Place>,
    is_filling: bool,
    renderers: Arc<Renderers>,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    /// The file that the original has to be written to, from its start. It may still hold bytes of an earlier original.
    pub fn input(&mut self) -> &File {
        // This stays set until `render` is called, because another thread may still write after the slot was dropped.
        self.is_filling = true;
        self.place().input.file()
    }

    /// Renders the variants of the original, which is the first `len` bytes of the input and a file of `format`.
    ///
    /// # Errors
    /// See [`RendererError`]. If a renderer crashes or runs out of memory, the file is tried once more in a new one, so
    /// this takes up to twice `limits.render`.
    pub async fn render(&mut self, format: Format, len: u64) -> Result<Variants, RendererError> {
        self.place().input.end_at(len)?;
        self.is_filling = false;
        let renderers = Arc::clone(&self.renderers);
        let Renderers { limits, spawner, .. } = &*renderers;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.place().render(format, len, limits, spawner).await? {
                Ok(Reply::Rendered(variants)) => return Ok(variants),
                Ok(Reply::Refused { code, detail }) => return Err(RendererError::Refused { code, detail }),
                Ok(Reply::Panicked(message)) => {
                    log::warn!("a renderer panicked: {message}");
                    return Err(RendererError::Panicked);
                }
                Err(Death::TimedOut) => return Err(RendererError::TimedOut(limits.render)),
                Err(Death::OutOfMemory) => RendererError::OutOfMemory(limits.renderer_memory),
                Err(Death::Crashed(how)) => {
                    log::warn!("a renderer crashed: {how}");
                    RendererError::Crashed
                }
            };
            if tries == TRIES {
                return Err(error);
            }
        }
    }

    fn place(&mut self) -> &mut Place {
        self.place.as_mut().expect("there until dropped")
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(mut place) = self.place.take() else { return };
        if self.is_filling || place.input.reuse().is_err() {
            return;
        }
        // The renderer is missing if the slot was dropped while it rendered. If this fails, the next job tries again.
        if place.renderer.is_none() {
            let _ = place.respawn(&self.renderers.spawner);
        }
        self.renderers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }
}
