//! The structure of JPEG files: markers, segments, frame and scan headers.
//!
//! Sources: ITU-T T.81 (the standard) and T.871 (JFIF). If real files differ from them, they are read as libjpeg reads
//! them.
//!
//! - `marker`: the meaning of a marker, and the search for the next one.
//! - `segment`: a marker with its length and its body.
//! - `frame`: the frame header, which has the size and the components.
//! - `scan`: a scan header; `scans`: all scans of a file, for the lenient reading.
//! - `icc`: the colour profile, which is split over segments.
//! - `strict` and `lenient`: the two policies.

mod frame;
mod icc;
mod lenient;
pub mod marker;
mod scan;
mod scans;
mod segment;
pub(crate) mod strict;
#[cfg(test)]
mod tests;

pub use frame::{Component, Frame};
pub use lenient::{Jpeg, read};
pub use scan::{ScanComponent, ScanHeader};
pub use scans::{MAX_SCANS, Scan, Scans};
pub use segment::{Segment, Segments};
