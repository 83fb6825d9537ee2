//! The load: clients that upload in a closed loop or at fixed times.

mod closed;
mod open;
mod schedule;
mod upload;

pub(crate) use closed::closed_loop;
pub(crate) use open::open_loop;
pub(crate) use schedule::Schedule;
#[cfg(test)]
pub(crate) use upload::Sent;
pub(crate) use upload::Uploads;
