//! The waiting times, computed from what clients saw and what the rows say.

use std::collections::HashMap;
use std::time::SystemTime;

use anyhow::Context;

use crate::database::Times;
use crate::kernel::milliseconds;
use crate::load::Uploads;

/// The waiting times in milliseconds, with one value for each image.
#[derive(Debug, Default)]
pub(super) struct Latencies {
    /// From the 201 to the variants. It is zero if they were there before the 201 arrived.
    pub(super) answer_to_ready: Vec<f64>,
    /// From the intended start to the variants.
    pub(super) intended_to_ready: Vec<f64>,
    /// From the intended start to the 201.
    pub(super) intended_to_answer: Vec<f64>,
    /// From the intended start to the actual start.
    pub(super) late: Vec<f64>,
}

impl Latencies {
    pub(super) fn of(uploads: &Uploads, times: &[Times]) -> anyhow::Result<Self> {
        let by_image: HashMap<i64, Times> = times.iter().map(|times| (times.image, *times)).collect();
        let mut latencies = Self::default();
        for sent in &uploads.sent {
            let times =
                by_image.get(&sent.image).with_context(|| format!("no row of image {}", sent.image))?;
            latencies.answer_to_ready.push(between(sent.answered, times.ready.max(sent.answered))?);
            latencies.intended_to_ready.push(between(sent.intended, times.ready)?);
            latencies.intended_to_answer.push(milliseconds(sent.answer()));
            latencies.late.push(milliseconds(sent.late()));
        }
        Ok(latencies)
    }
}

fn between(from: SystemTime, to: SystemTime) -> anyhow::Result<f64> {
    Ok(milliseconds(to.duration_since(from).context("a clock was set back during the measurement")?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::Sent;

    fn at(ms: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn one_upload() -> Uploads {
        let sent = Sent { image: 7, intended: at(100), began: at(130), answered: at(180) };
        Uploads { sent: vec![sent], ..Uploads::default() }
    }

    #[test]
    fn waiting_is_counted_from_the_intended_arrival_even_if_the_upload_began_later() {
        let times = [Times { image: 7, ready: at(400) }];
        let latencies = Latencies::of(&one_upload(), &times).expect("its row");
        assert_eq!(latencies.intended_to_ready, [300.0]);
        assert_eq!(latencies.answer_to_ready, [220.0]);
        assert_eq!(latencies.intended_to_answer, [80.0]);
        assert_eq!(latencies.late, [30.0]);
    }

    #[test]
    fn an_upload_without_its_row_is_an_error() {
        let times = [Times { image: 8, ready: at(400) }];
        assert!(Latencies::of(&one_upload(), &times).is_err());
    }

    #[test]
    fn variants_that_are_there_before_the_201_arrives_are_not_waited_for() {
        let times = [Times { image: 7, ready: at(170) }];
        let latencies = Latencies::of(&one_upload(), &times).expect("its row");
        assert_eq!((latencies.answer_to_ready[0], latencies.intended_to_ready[0]), (0.0, 70.0));
    }

    #[test]
    fn an_image_that_is_ready_before_it_was_sent_is_an_error() {
        let times = [Times { image: 7, ready: at(99) }];
        assert!(Latencies::of(&one_upload(), &times).is_err());
    }
}
