//! The renderers of a worker, one for each slot.

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

/// Of its memory, what a renderer keeps for itself and for the encoded variants.
const OWN_MEMORY: u64 = 32 << 20;
/// A file may be the victim of a short machine or of a renderer's past once, but not twice.
const TRIES: u32 = 2;

/// All slots. Their renderers end with the last reference to this.
#[derive(Debug)]
pub struct Renderers {
    spawner: Spawner,
    idle: Mutex<Vec<Place>>,
    free: Arc<Semaphore>,
    limits: Limits,
}

/// What a slot consists of.
#[derive(Debug)]
struct Place {
    input: Input,
    /// Absent while it renders.
    renderer: Option<RendererState>,
    /// So far.
    jobs: u64,
}

#[derive(Debug)]
enum RendererState {
    /// Spawned as soon as its predecessor was gone, so that hardly a job waits for it.
    Starting(oneshot::Receiver<Spawned>),
    Warm(Box<Renderer>),
}

impl Renderers {
    /// Spawns `limits.slots` renderers, and waits until they are warm.
    ///
    /// # Errors
    /// If there is no memory, no process or no descriptor left for them, or a renderer cannot confine itself.
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

    /// A slot, once one is free.
    pub async fn slot(self: &Arc<Self>) -> Result<Slot, RendererError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.expect("never closed");
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // One is missing after a slot was given up half filled.
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

    /// Takes it out.
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

    /// Renders once, and leaves a renderer for the next time whatever happens.
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

/// A slot in use. Dropped, it goes back; dropped while it renders, it kills its renderer; dropped while it is
/// filled, it is replaced.
#[derive(Debug)]
pub struct Slot {
    /// Absent in `drop` only.
    place: Option<Place>,
    is_filling: bool,
    renderers: Arc<Renderers>,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    /// The file that takes the original, from its start; what it still holds is to be written over.
    pub fn input(&mut self) -> &File {
        // Until `render`: whoever writes may go on after the slot was dropped, on another thread.
        self.is_filling = true;
        self.place().input.file()
    }

    /// Renders the first `len` bytes of the input, which are a file of `format`.
    ///
    /// # Errors
    /// See [`RendererError`]. A renderer that crashes or has no memory left is followed by one more try in a fresh
    /// one; so this takes up to twice `limits.render`.
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
        // Without one if it was dropped while it rendered; the next job tries again if this fails.
        if place.renderer.is_none() {
            let _ = place.respawn(&self.renderers.spawner);
        }
        self.renderers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }
}
