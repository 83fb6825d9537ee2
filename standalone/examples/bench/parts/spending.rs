//! The resources that parts use.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Part;
use crate::kernel::milliseconds;

/// The resources that one part has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spent {
    /// The CPU time (user and system).
    pub(crate) cpu: Duration,
    /// The bytes written to disk.
    pub(crate) written: u64,
}

/// The resources that each part has used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spending(pub(super) BTreeMap<Part, Spent>);

impl Spending {
    /// The resources that the same parts have used since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let difference = |(part, now): (&Part, &Spent)| {
            let before = earlier.0.get(part).copied().unwrap_or_default();
            let spent = Spent {
                cpu: now.cpu.saturating_sub(before.cpu),
                written: now.written.saturating_sub(before.written),
            };
            (*part, spent)
        };
        Self(self.0.iter().map(difference).collect())
    }

    /// The resources of one part, or `None` if the service has no such part.
    pub(crate) fn of(&self, part: Part) -> Option<Spent> {
        self.0.get(&part).copied()
    }

    /// The CPU time of these parts together in milliseconds.
    pub(crate) fn cpu_ms(&self, parts: &[Part]) -> f64 {
        milliseconds(parts.iter().filter_map(|part| self.of(*part)).map(|spent| spent.cpu).sum())
    }

    /// The bytes that these parts wrote together.
    pub(crate) fn written(&self, parts: &[Part]) -> u64 {
        parts.iter().filter_map(|part| self.of(*part)).map(|spent| spent.written).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spending(pairs: &[(Part, u64, u64)]) -> Spending {
        let spent = |(part, cpu, written): &(Part, u64, u64)| {
            (*part, Spent { cpu: Duration::from_millis(*cpu), written: *written })
        };
        Spending(pairs.iter().map(spent).collect())
    }

    #[test]
    fn a_difference_is_taken_part_by_part() {
        let before = spending(&[(Part::Api, 100, 1000), (Part::Worker, 50, 0)]);
        let after = spending(&[(Part::Api, 130, 5000), (Part::Worker, 55, 7)]);
        let spent = after.since(&before);
        let api = Spent { cpu: Duration::from_millis(30), written: 4000 };
        assert_eq!(spent.of(Part::Api), Some(api));
        assert_eq!(spent.cpu_ms(&[Part::Api, Part::Worker]), 35.0);
        assert_eq!(spent.written(&Part::ALL), 4007);
    }

    #[test]
    fn a_part_that_the_service_does_not_have_is_told_apart_from_one_that_spent_nothing() {
        let spent = spending(&[(Part::Renderers, 0, 0)]);
        assert_eq!(spent.of(Part::Store), None);
        assert_eq!(spent.of(Part::Renderers), Some(Spent::default()));
    }
}
