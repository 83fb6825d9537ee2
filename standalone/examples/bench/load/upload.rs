//! An upload as its client sees it, and all uploads of a load.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::client::Client;

/// An upload that was answered with 201.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) image: i64,
    /// The time when the client intended to begin.
    pub(crate) intended: SystemTime,
    /// The time when the client began.
    pub(crate) began: SystemTime,
    /// The time when the 201 had arrived.
    pub(crate) answered: SystemTime,
}

impl Sent {
    /// How much later than intended the upload began. This is the fault of the load generator, not of the service.
    pub(crate) fn late(&self) -> Duration {
        between(self.intended, self.began)
    }

    /// The time from the intended start to the 201.
    pub(crate) fn answer(&self) -> Duration {
        between(self.intended, self.answered)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Uploads {
    pub(crate) sent: Vec<Sent>,
    /// The number of uploads that were not answered with 201.
    pub(crate) refused: u32,
    pub(crate) last_refusal: Option<String>,
}

impl Uploads {
    pub(crate) fn note(&mut self, outcome: anyhow::Result<Sent>) {
        match outcome {
            Ok(sent) => self.sent.push(sent),
            Err(error) => {
                self.refused += 1;
                self.last_refusal = Some(format!("{error:#}"));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.refused += other.refused;
        self.last_refusal = other.last_refusal.or_else(|| self.last_refusal.take());
    }

    pub(crate) fn began(&self) -> Option<SystemTime> {
        self.sent.iter().map(|sent| sent.began).min()
    }

    pub(crate) fn answered(&self) -> Option<SystemTime> {
        self.sent.iter().map(|sent| sent.answered).max()
    }
}

pub(super) async fn upload(client: &Client, file: &Bytes, intended: SystemTime) -> anyhow::Result<Sent> {
    let began = SystemTime::now();
    let image = client.upload(file).await?;
    Ok(Sent { image, intended, began, answered: SystemTime::now() })
}

/// The time between two moments. It is zero if the clock was set back in between.
fn between(from: SystemTime, to: SystemTime) -> Duration {
    to.duration_since(from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_began_late_is_still_measured_from_when_it_was_meant_to_begin() {
        let intended = SystemTime::UNIX_EPOCH;
        let at = |ms| intended + Duration::from_millis(ms);
        let sent = Sent { image: 1, intended, began: at(70), answered: at(100) };
        assert_eq!((sent.late(), sent.answer()), (Duration::from_millis(70), Duration::from_millis(100)));
    }

    #[test]
    fn refused_uploads_are_counted_and_never_taken_for_fast_ones() {
        let mut uploads = Uploads::default();
        uploads.note(Err(anyhow::anyhow!("the api answered 503")));
        assert_eq!((uploads.sent.len(), uploads.refused, uploads.began()), (0, 1, None));
        assert_eq!(uploads.last_refusal.as_deref(), Some("the api answered 503"));
    }
}
