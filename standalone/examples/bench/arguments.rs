//! The command line arguments of the benchmark.

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Measures the whole service on private services: see scripts/bench.sh, which starts them.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// How long the measurement may take.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) size: Size,
    /// The photograph that the files are made from, a JPEG.
    pub(crate) sample: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Size {
    /// The full measurement for docs/performance.md.
    Full,
    /// A measurement of a few minutes, whose percentiles are based on few images.
    Short,
    /// A check that the benchmark works, whose figures have no meaning.
    Smoke,
}

/// The amounts of work of a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// The numbers of large and of small images in a closed loop.
    pub(crate) closed: (u32, u32),
    /// The length of an open loop.
    pub(crate) open: Duration,
    /// The number of repetitions for a median.
    pub(crate) rounds: u32,
    /// The number of jobs that are published to an idle queue.
    pub(crate) published: i64,
    /// The number of images that wait until the broker is available again.
    pub(crate) waiting: i64,
    /// The number of finished images that upkeep has to skip.
    pub(crate) finished: i64,
}

impl Size {
    pub(crate) fn effort(self) -> Effort {
        match self {
            Self::Full => Effort {
                closed: (120, 1500),
                open: Duration::from_secs(30),
                rounds: 31,
                published: 20_000,
                waiting: 10_000,
                finished: 10_000_000,
            },
            Self::Short => Effort {
                closed: (40, 400),
                open: Duration::from_secs(8),
                rounds: 9,
                published: 10_000,
                waiting: 10_000,
                finished: 300_000,
            },
            Self::Smoke => Effort {
                closed: (6, 12),
                open: Duration::from_secs(2),
                rounds: 2,
                published: 200,
                waiting: 100,
                finished: 10_000,
            },
        }
    }
}
