//! Tests of both readings with AVIF files that are made here, and with real ones.

mod features;
mod hostile;
mod readings;
mod strict;
mod writer;

pub(crate) use strict::sample;

use super::boxes::Tolerance;
use super::fault::AvifFault;
use super::image::Avif;
use crate::cursor::Cursor;
use crate::tests::{Windowed, check};
use crate::{Header, Refusal};

/// The result of the strict reading, and the number of its reads.
fn strictly(bytes: &[u8]) -> (Result<Header, Refusal>, u64) {
    let mut source = Windowed::new(bytes);
    let limits = crate::ImageLimits::default();
    let found = crate::inspect(&mut source, &limits).map_err(|error| match error {
        crate::InspectError::Refused(refusal) => refusal,
        crate::InspectError::Source(never) => match never {},
    });
    (found, source.windows)
}

/// The result of the lenient reading, and the number of its reads.
fn leniently(bytes: &[u8]) -> (Result<Avif, AvifFault<std::convert::Infallible>>, u64) {
    let mut source = Windowed::new(bytes);
    let found = Avif::read(&mut Cursor::new(&mut source), Tolerance::Lenient);
    (found, source.windows)
}
