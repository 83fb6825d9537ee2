//! The pool of a worker's renderers, of which there are up to two for each slot: one of them renders.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resizinator_formats::Format;
use resizinator_shared::ids::UserId;
use resizinator_shared::settings::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::RendererError;
use super::confine::Confinement;
use super::place::Place;
use super::process::Death;
use super::protocol::{MAX_VARIANT, Reply};
use super::restarts::{Reason, Restarts, count};
use super::spawner::Spawner;
use super::step_times::StepTimes;
use crate::pipeline::Variants;

/// How often a file is tried. One failure may be due to a lack of memory or time on the machine, or to an earlier job of
/// the same renderer; two failures are considered the file's fault.
const TRIES: u32 = 2;

/// How many places there are for each slot. The next original is fetched into one while the other is rendered, and users
/// who take turns find their own renderers again.
const PLACES_PER_SLOT: usize = 2;

/// The unit of [`Renderers::results`], in bytes: a semaphore has too few permits to count single ones.
const RESULT_UNIT: usize = 4 << 10;

/// All slots of a worker. The renderers end when the last reference to this is dropped.
#[derive(Debug)]
pub struct Renderers {
    spawner: Spawner,
    /// The places that are not in use, with the one used last at the end.
    idle: Mutex<Vec<Place>>,
    /// One permit for each place that may be in use.
    free: Arc<Semaphore>,
    /// One permit for each image that may be rendered at the same time, which is the number of slots.
    rendering: Semaphore,
    /// The room for variants that are not stored yet: the most that all slots together render at a time.
    results: Arc<Semaphore>,
    limits: Limits,
    restarts: Restarts,
}

impl Renderers {
    /// Starts `limits.slots` renderers, and waits until all of them are ready for a job. Those that have to be replaced
    /// later are counted in `restarts`.
    ///
    /// # Errors
    /// If the system lacks the memory, the processes or the descriptors for them, or if a renderer cannot confine
    /// itself.
    pub async fn start(limits: &Limits, restarts: Restarts) -> io::Result<Arc<Self>> {
        let spawner = Spawner::start(limits.renderer_memory)?;
        let mut idle = Vec::new();
        for _ in 0..limits.slots {
            idle.push(Place::new(&spawner)?);
        }
        let mut weakest = Confinement::Full;
        for place in &mut idle {
            let mut warm = place.warm_up(&spawner, limits).await;
            if warm.as_ref().is_err_and(hung_up) {
                // Something killed it, for example the kernel for lack of memory. It is replaced, as it is later on.
                warm = place.warm_up(&spawner, limits).await;
            }
            weakest = weakest.min(warm?);
        }
        if weakest == Confinement::Unfiltered {
            log::warn!(
                "RESIZINATOR_UNCONFINED is accept, and this system refuses the renderers' filter of system calls \
                 (seccomp): a file that takes over its decoder could open files and connections in the worker's name"
            );
        }
        let slots = usize::from(limits.slots);
        Ok(Arc::new(Self {
            spawner,
            idle: Mutex::new(idle),
            free: Arc::new(Semaphore::new(slots * PLACES_PER_SLOT)),
            rendering: Semaphore::new(slots),
            results: Arc::new(Semaphore::new(slots * units(2 * MAX_VARIANT))),
            limits: limits.clone(),
            restarts,
        }))
    }

    /// Waits until there is room for another original, and returns a slot for one of `user`. No process that has read
    /// another user's original can read what is written to its input from then on.
    ///
    /// # Errors
    /// If there are no memory or descriptors for a new slot.
    pub async fn slot(self: &Arc<Self>, user: UserId) -> Result<Slot, RendererError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.expect("never closed");
        let idle = take_for(user, &mut self.idle(), self.free.available_permits());
        let mut place = idle.map_or_else(|| Place::new(&self.spawner), Ok)?;
        if place.keep_to(user, &self.spawner).await? {
            count(&self.restarts, Reason::OtherUser);
        }
        Ok(Slot { place: Some(place), user, is_clean: true, renderers: Arc::clone(self), _permit: permit })
    }

    /// How many images are rendered now.
    pub(crate) fn busy(&self) -> u32 {
        let free = u16::try_from(self.rendering.available_permits()).unwrap_or(u16::MAX);
        self.limits.slots.saturating_sub(free).into()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Place>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether this is the error of a process that has ended instead of answering.
fn hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

/// Chooses the place whose renderer suits `user` best: the user's own one, else one without a user. If there is neither,
/// a new place is to be made as long as no more than `free` are idle, which is how many others may be taken into use;
/// else the one is taken that was not used for the longest time.
fn take_for(user: UserId, idle: &mut Vec<Place>, free: usize) -> Option<Place> {
    let of = |wanted| idle.iter().rposition(|place| place.user() == wanted);
    let place = of(Some(user)).or_else(|| of(None)).or((idle.len() > free).then_some(0))?;
    Some(idle.remove(place))
}

/// A slot in use. When it is dropped, it goes back to the pool. If that happens before its job is over, a new slot takes
/// its place.
#[derive(Debug)]
pub struct Slot {
    /// `None` only while the slot is dropped.
    place: Option<Place>,
    user: UserId,
    /// Whether nobody writes or reads the input, or will do so.
    is_clean: bool,
    renderers: Arc<Renderers>,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    /// The file that the original has to be written to, from its start. It may still hold bytes of an earlier original.
    pub fn input(&mut self) -> &File {
        // This stays so until the job is over, because another thread may still write after the slot was dropped.
        self.is_clean = false;
        self.place().input()
    }

    /// Waits until another image may be rendered, and renders the variants of the original, which is the first `len`
    /// bytes of the input and a file of `format`. The log calls the original `name`.
    ///
    /// # Errors
    /// See [`RendererError`]. If a renderer crashes, runs out of memory or takes too long, the file is tried once more
    /// in a new one, so this takes up to twice `limits.render`.
    pub async fn render(
        &mut self,
        name: &(dyn Display + Sync),
        format: Format,
        len: u64,
    ) -> Result<Rendered, RendererError> {
        self.is_clean = false;
        let renderers = Arc::clone(&self.renderers);
        let _permit = renderers.rendering.acquire().await.expect("never closed");
        let rendered = self.try_twice(name, format, len).await;
        // If no renderer was available, it is not certain what became of the last one.
        self.is_clean = !matches!(rendered, Err(RendererError::Unavailable(_)));
        let (variants, times) = rendered?;
        // The next image is rendered once there is room for what this one has become.
        let units = units(variants.small.bytes.len() + variants.medium.bytes.len());
        let room =
            Arc::clone(&renderers.results).acquire_many_owned(u32::try_from(units).unwrap_or(u32::MAX));
        Ok(Rendered { variants, times, held: Held(room.await.expect("never closed")) })
    }

    async fn try_twice(
        &mut self,
        name: &(dyn Display + Sync),
        format: Format,
        len: u64,
    ) -> Result<(Variants, StepTimes), RendererError> {
        let (user, renderers) = (self.user, Arc::clone(&self.renderers));
        let Renderers { limits, spawner, restarts, .. } = &*renderers;
        self.place().end_input_at(len)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.place().render(user, format, len, limits, spawner, restarts).await? {
                Ok(Reply::Rendered(variants, times)) => return Ok((variants, times)),
                Ok(Reply::Refused { code, detail }) => return Err(RendererError::Refused { code, detail }),
                Ok(Reply::Panicked(message)) => {
                    log::warn!("{name}: a renderer panicked: {message}");
                    return Err(RendererError::Panicked);
                }
                Err(Death::TimedOut) => RendererError::TimedOut(limits.render),
                Err(Death::OutOfMemory) => RendererError::OutOfMemory(limits.renderer_memory),
                Err(Death::Crashed(how)) => {
                    log::warn!("{name}: a renderer crashed: {how}");
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

/// What became of an original.
#[derive(Debug)]
pub struct Rendered {
    /// Its variants.
    pub variants: Variants,
    /// How long each step took.
    pub times: StepTimes,
    /// The room in memory that the variants take, which is to be held until they are stored.
    pub held: Held,
}

/// A part of the room in memory that a worker's variants may take. Dropping it gives the part back.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "it counts until it is dropped")] OwnedSemaphorePermit);

fn units(bytes: usize) -> usize {
    bytes.div_ceil(RESULT_UNIT)
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A place that is dropped here kills its renderer.
        let Some(place) = self.place.take() else { return };
        if self.is_clean && place.reuse_input().is_ok() {
            self.renderers.idle().push(place);
        }
    }
}
