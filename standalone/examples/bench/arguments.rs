//! The command line.

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Measures the whole service on private services: see scripts/bench.sh, which starts them.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// How long it may take.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) size: Size,
    /// The photograph that the files are made from, a JPEG.
    pub(crate) sample: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Size {
    /// For docs/performance.md.
    Full,
    /// A few minutes: the percentiles rest on few images.
    Short,
    /// To see that the bench works: its figures mean nothing.
    Smoke,
}

/// How much of everything is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Images of a closed loop: large ones, small ones.
    pub(crate) closed: (u32, u32),
    /// The length of an open loop.
    pub(crate) open: Duration,
    /// Of what is repeated for a median.
    pub(crate) rounds: u32,
    /// Jobs published to an idle queue.
    pub(crate) published: i64,
    /// Images that wait for the broker to come back.
    pub(crate) waiting: i64,
    /// Finished images that upkeep has to pass by.
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
