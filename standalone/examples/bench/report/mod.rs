//! The report, which is printed as Markdown for `docs/performance.md`.

mod heading;
mod service_tables;
mod table;
mod target;

use std::fmt;

use crate::photos::Photos;
use crate::reference::Calibration;
use crate::service::Measurement;

pub(crate) use heading::heading;
use table::Table;
pub(crate) use target::{Bound, Target, Unit};

/// A report that collects the measurements, and shows the progress on standard error.
#[derive(Default)]
pub(crate) struct Report {
    calibration: Calibration,
    /// The CPU time of rendering each file alone, in milliseconds.
    rendering: Vec<(&'static str, f64)>,
    measurements: Vec<Measurement>,
    targets: Vec<Target>,
    information: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn calibrate(&mut self, photos: &Photos) {
        self.calibration.measure(&photos.large);
    }

    /// Adds the CPU time `ms` of rendering `file` without the service.
    pub(crate) fn rendering(&mut self, file: &'static str, ms: f64) {
        eprintln!("{file}: rendering alone takes {ms:.1} ms of CPU");
        self.rendering.push((file, ms));
    }

    pub(crate) fn measured(&mut self, measurement: Measurement) {
        let Measurement { store, file, load, rate, .. } = &measurement;
        eprintln!("{store}, {file}, {load}: {rate:.1} images/s");
        self.targets.extend(target::of_service(&measurement, self.rendering_of(file)));
        self.measurements.push(measurement);
    }

    pub(crate) fn target(&mut self, target: Target) {
        eprintln!("{}: {}", target.what, target.measured());
        self.targets.push(target);
    }

    /// Adds a figure without a target.
    pub(crate) fn note(&mut self, what: &str, value: &str) {
        eprintln!("{what}: {value}");
        self.information.push((what.into(), value.into()));
    }

    /// The latest value, which was measured just before the loads with the file.
    fn rendering_of(&self, file: &str) -> f64 {
        let mut of_file = self.rendering.iter().rev().filter(|(name, _)| *name == file);
        of_file.next().map_or(f64::NAN, |(_, ms)| *ms)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        service_tables::write(f, &self.measurements)?;
        writeln!(f, "### Targets\n\n{}", target::table(&self.targets, &self.calibration))?;
        let mut information = Table::new(&["for information", ""]);
        for (what, value) in &self.information {
            information.row(vec![what.clone(), value.clone()]);
        }
        write!(f, "{information}")
    }
}
