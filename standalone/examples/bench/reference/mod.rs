//! What measured values are held against: always measured in the same run, on the same machine.

mod calibration;
mod rendering;

pub(crate) use calibration::Calibration;
pub(crate) use rendering::rendering_alone;
