//! The way of a job from its row to the queue. A job is published right after its image is accepted while the queue is
//! short, and otherwise held back until it is the turn of its user. So the queue is never long, and nobody waits behind
//! all the images of somebody else. See docs/adr/0025.

mod marks;
mod publish;
mod turns;

pub use marks::Marks;
pub use publish::{publish, publish_reserved};
pub use turns::{Place, RESERVED, Round, Turns};
