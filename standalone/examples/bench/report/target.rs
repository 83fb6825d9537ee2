//! The targets. Each is a ratio to a reference that was measured in the same run.

use super::Table;
use crate::parts::Part;
use crate::photos::Photos;
use crate::reference::Calibration;
use crate::service::{Load, Measurement, StoreKind};

/// The bound of a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    /// At most this many milliseconds on the machine on which the targets were set. It is scaled with the calibration.
    Milliseconds(f64),
    /// At most this many times the reference.
    Times { reference: f64, what: &'static str, most: f64 },
    /// No target. Only the ratio to the reference is reported.
    Reported { reference: f64, what: &'static str },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    CpuMs,
    /// Of wall clock.
    WallMs,
    MiB,
}

/// A measured value and its bound.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) bound: Bound,
}

impl Target {
    pub(super) fn measured(&self) -> String {
        match self.unit {
            Unit::CpuMs => format!("{:.2} ms of CPU", self.value),
            Unit::WallMs => format!("{:.2} ms", self.value),
            Unit::MiB => format!("{:.1} MiB", self.value),
        }
    }

    /// The reference, its value, the ratio to it, and the largest allowed ratio.
    fn judged(&self, calibration: &Calibration) -> (String, f64, f64, Option<f64>) {
        let (what, reference, most) = match self.bound {
            Bound::Milliseconds(target) => {
                ("calibration", calibration.ms(), Some(Calibration::in_units(target)))
            }
            Bound::Times { reference, what, most } => (what, reference, Some(most)),
            Bound::Reported { reference, what } => (what, reference, None),
        };
        (what.to_owned(), reference, self.value / reference, most)
    }
}

pub(super) fn table(targets: &[Target], calibration: &Calibration) -> Table {
    let mut table = Table::new(&["what", "measured", "reference in this run", "ratio", "target", ""]);
    for target in targets {
        let (what, reference, ratio, most) = target.judged(calibration);
        let (bound, verdict) = match most {
            Some(most) => (format!("≤ {most:.3} ×"), if ratio <= most { "met" } else { "**missed**" }),
            None => ("–".into(), "reported"),
        };
        table.row(vec![
            target.what.clone(),
            target.measured(),
            format!("{what}, {reference:.2}"),
            format!("{ratio:.3} ×"),
            bound,
            verdict.into(),
        ]);
    }
    table
}

/// The figures of the original service on the machine of the calibration: the CPU milliseconds of its api and worker
/// per image, and its images per second. With them, the largest share of these that this service may take.
struct Original {
    cpu_ms: f64,
    rate: f64,
    share_of_cpu: f64,
    times_its_rate: f64,
}

const ORIGINAL_LARGE: Original =
    Original { cpu_ms: 35.0 + 250.0, rate: 5.6, share_of_cpu: 1.0 / 6.0, times_its_rate: 3.0 };
/// The original service with small images. It rendered 34 to 38 images per second.
const ORIGINAL_SMALL: Original =
    Original { cpu_ms: 8.0 + 18.0, rate: 36.0, share_of_cpu: 1.0 / 5.0, times_its_rate: 4.0 };

/// The smallest share of the time of all cores that all parts of the service together may use during a closed loop.
const CORES_IN_USE: f64 = 0.93;

/// The targets of one load. An open loop has none, since it does not show the limits of the service.
pub(super) fn of_service(measurement: &Measurement, rendering_ms: f64) -> Vec<Target> {
    let Load::Closed { .. } = measurement.load else { return Vec::new() };
    let original = if measurement.file == Photos::LARGE { ORIGINAL_LARGE } else { ORIGINAL_SMALL };
    let bound = |target_ms: f64| match measurement.store {
        StoreKind::Folder => Bound::Milliseconds(target_ms),
        // The S3 server shares the cores, so there is no target.
        StoreKind::S3 => Bound::Reported { reference: target_ms, what: "target of the folder store" },
    };
    let alone = Bound::Reported { reference: rendering_ms, what: "rendering alone" };
    let ours = measurement.each(measurement.cpu.cpu_ms(&[Part::Api, Part::Worker, Part::Renderers]));
    let all_parts = measurement.each(measurement.cpu.cpu_ms(&Part::ALL));
    let name = |what: &str| format!("{}, {}: {what}", measurement.store, measurement.file);
    let line = |what: &str, value, unit, bound| Target { what: name(what), value, unit, bound };
    vec![
        line(
            "api, worker and renderers an image",
            ours,
            Unit::CpuMs,
            bound(original.cpu_ms * original.share_of_cpu),
        ),
        line(
            "an image, from the first upload to the last variant",
            1e3 / measurement.rate,
            Unit::WallMs,
            bound(1e3 / (original.rate * original.times_its_rate)),
        ),
        line("api, worker and renderers an image", ours, Unit::CpuMs, alone),
        line(
            "renderers an image",
            measurement.each(measurement.cpu.cpu_ms(&[Part::Renderers])),
            Unit::CpuMs,
            alone,
        ),
        line("all parts an image", all_parts, Unit::CpuMs, alone),
        line(
            "time of all cores an image, from the first upload to the last variant",
            measurement.cores * 1e3 / measurement.rate,
            Unit::WallMs,
            Bound::Times { reference: all_parts, what: "CPU of all parts", most: 1.0 / CORES_IN_USE },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn verdict(value: f64, bound: Bound, calibration: &Calibration) -> String {
        let target = Target { what: "it".into(), value, unit: Unit::CpuMs, bound };
        table(&[target], calibration).to_string().lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_ratio_is_held_against_its_own_reference() {
        let bound = Bound::Times { reference: 4.0, what: "bare put", most: 1.5 };
        let none = Calibration::default();
        assert_eq!(
            verdict(6.0, bound, &none),
            "| it | 6.00 ms of CPU | bare put, 4.00 | 1.500 × | ≤ 1.500 × | met |"
        );
        assert!(verdict(6.1, bound, &none).ends_with("| **missed** |"));
    }

    #[test]
    fn an_absolute_target_is_scaled_by_how_fast_the_machine_is() {
        let mut calibration = Calibration::default();
        calibration.measure(&Bytes::from(vec![7; 1 << 16]));
        let slower = calibration.ms() / Calibration::ON_TARGETS_MACHINE;
        let bound = Bound::Milliseconds(14.0);
        assert!(verdict(13.9 * slower, bound, &calibration).ends_with("| met |"));
        assert!(verdict(14.1 * slower, bound, &calibration).ends_with("| **missed** |"));
    }

    #[test]
    fn what_was_not_measured_is_missed_and_never_met() {
        let bound = Bound::Times { reference: f64::NAN, what: "nothing", most: 1.0 };
        assert!(verdict(0.0, bound, &Calibration::default()).ends_with("| **missed** |"));
        assert!(verdict(0.0, Bound::Milliseconds(1.0), &Calibration::default()).ends_with("| **missed** |"));
    }

    #[test]
    fn a_figure_without_a_target_is_reported() {
        let bound = Bound::Reported { reference: 2.0, what: "rendering alone" };
        assert_eq!(
            verdict(3.0, bound, &Calibration::default()),
            "| it | 3.00 ms of CPU | rendering alone, 2.00 | 1.500 × | – | reported |"
        );
    }
}
