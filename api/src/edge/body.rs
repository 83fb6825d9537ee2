//! The body of a request. It has to keep arriving, or else the request ends with 408.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
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
    wait: Option<Wait>,
    alarm: Alarm,
}

/// The bytes that have come, and the time that was spent waiting, since a period began.
#[derive(Default)]
struct Period {
    waited: Duration,
    bytes: u64,
}

/// A handler waits for bytes.
#[derive(Clone, Copy)]
struct Wait {
    since: Instant,
    /// From when on it counts in the present period.
    counted_from: Instant,
}

impl Body {
    pub(super) fn new(inner: Payload, connection: Rc<Connection>) -> Self {
        Self { inner, connection, period: Period::default(), wait: None, alarm: Alarm::default() }
    }

    fn arrived(&mut self, bytes: usize) {
        if let Some(wait) = self.wait.take() {
            self.period.waited += wait.counted_from.elapsed();
        }
        self.period.bytes += bytes as u64;
        self.connection.took(bytes);
    }

    /// Completes when the client has taken too long.
    fn poll_too_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limits = &self.connection.limits;
        loop {
            let now = Instant::now();
            let wait = *self.wait.get_or_insert(Wait { since: now, counted_from: now });
            let silent_until = wait.since + limits.stall;
            let period_ends = wait.counted_from + limits.stall.saturating_sub(self.period.waited);
            ready!(self.alarm.poll(silent_until.min(period_ends), context));
            let now = Instant::now();
            if now >= silent_until || self.period.bytes < limits.least_bytes() {
                return Poll::Ready(());
            }
            self.period = Period::default();
            self.wait = Some(Wait { counted_from: now, ..wait });
        }
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
                this.connection.took_everything();
                ready!(this.poll_too_late(context));
                this.connection.set_body(BodyState::TooSlow);
                this.inner = Payload::None;
                Poll::Ready(Some(Err(PayloadError::Incomplete(None))))
            }
        }
    }
}

impl Drop for Body {
    /// Looks whether the rest of the body is there already, although no handler has asked for it.
    fn drop(&mut self) {
        if self.connection.body_is_too_slow() {
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match Pin::new(&mut self.inner).poll_next(&mut context) {
                Poll::Ready(Some(Ok(chunk))) => self.connection.took(chunk.len()),
                Poll::Ready(_) => return self.connection.set_body(BodyState::Complete),
                Poll::Pending => return,
            }
        }
    }
}
