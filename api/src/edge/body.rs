//! The body of a request. It has to keep arriving, or else the request ends with 408.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::connection::{BodyState, Connection};

/// A body that ends with an error if nothing of it arrives for too long, or too little over a period. Only the time for
/// which a handler waits for the client counts.
pub(super) struct Body {
    inner: Payload,
    connection: Rc<Connection>,
    period: Period,
    waiting_since: Option<Instant>,
    alarm: Alarm,
}

/// The bytes that have come, and the time that was spent waiting, since a period began.
#[derive(Default)]
struct Period {
    waited: Duration,
    bytes: u64,
}

impl Body {
    pub(super) fn new(inner: Payload, connection: Rc<Connection>) -> Self {
        Self { inner, connection, period: Period::default(), waiting_since: None, alarm: Alarm::default() }
    }

    fn arrived(&mut self, bytes: usize) {
        if let Some(since) = self.waiting_since.take() {
            self.period.waited += since.elapsed();
        }
        self.period.bytes += bytes as u64;
        // The period is over if it had enough bytes; otherwise `too_late` ends it.
        if self.period.waited >= self.connection.limits.stall && self.has_enough() {
            self.period = Period::default();
        }
    }

    fn has_enough(&self) -> bool {
        self.period.bytes >= self.connection.limits.least_bytes()
    }

    /// When the wait that began at `since` has taken too long: at the end of the period if it has too few bytes, and
    /// in any case when no byte has come for as long as a period takes.
    fn too_late(&self, since: Instant) -> Instant {
        let stall = self.connection.limits.stall;
        if self.has_enough() { since + stall } else { since + stall.saturating_sub(self.period.waited) }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        ready!(this.connection.pass_gate(context));
        match Pin::new(&mut this.inner).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.arrived(chunk.len());
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(end) => {
                this.connection.set_body(BodyState::Complete);
                Poll::Ready(end)
            }
            Poll::Pending => {
                let since = *this.waiting_since.get_or_insert_with(Instant::now);
                ready!(this.alarm.poll(this.too_late(since), context));
                this.connection.set_body(BodyState::TooSlow);
                this.inner = Payload::None;
                Poll::Ready(Some(Err(PayloadError::Incomplete(None))))
            }
        }
    }
}
