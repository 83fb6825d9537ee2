//! The references that measured values are compared with. They are always measured in the same run on the same machine.

mod calibration;
mod rendering;

pub(crate) use calibration::Calibration;
pub(crate) use rendering::rendering_alone;
