//! The socket of a connection, with the limits on it.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::connection::{Connection, Patience, Room};
use super::refusal;
use crate::metrics::Limit;

/// How long the system may take to accept more bytes of an answer. The system itself ends a connection whose client
/// reads nothing; this is for the case that it does not. It is long, because a system that has room for some megabytes
/// accepts the next bytes only when a good part of them has been read.
const LONGEST_WRITE: Duration = Duration::from_secs(120);

/// A socket whose reads end when the [`Connection`] says so.
pub(super) struct LimitedStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    /// Since when the system has accepted no byte.
    stuck_since: Option<Instant>,
    /// Whether the task was woken to read because the time of a step is over.
    is_woken: bool,
    alarm: Alarm,
}

impl LimitedStream {
    pub(super) fn new(stream: TcpStream, connection: Rc<Connection>) -> Self {
        Self { stream, connection, stuck_since: None, is_woken: false, alarm: Alarm::default() }
    }

    pub(super) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }

    /// Writes an answer that the HTTP server knows nothing of, if nothing of another one waits to be written.
    fn say(&self, answer: &[u8]) {
        if self.stuck_since.is_none() {
            // If there is no room for it, the client is not reading.
            drop(self.stream.try_write(answer));
        }
    }
}

impl AsyncRead for LimitedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.is_woken = false;
        if this.connection.is_over() {
            return Poll::Ready(Ok(()));
        }
        match this.connection.room(context) {
            Room::Free => {}
            Room::Wait => return Poll::Pending,
            Room::Never => {
                if this.connection.has_no_request() {
                    this.connection.refused(Limit::HeadSize);
                    this.say(&refusal::head_too_long());
                }
                this.connection.end();
                return Poll::Ready(Ok(()));
            }
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(context, buffer) {
            let received = buffer.filled().len() - before;
            if received > 0 {
                this.connection.received(received);
            }
            return Poll::Ready(read);
        }
        // An end of the stream makes the HTTP server finish what it does and close the socket.
        match this.connection.patience(context) {
            Patience::Wait => Poll::Pending,
            Patience::End => Poll::Ready(Ok(())),
            Patience::RefuseHead => {
                this.connection.refused(Limit::HeadTimeout);
                this.say(&refusal::head_too_slow(this.connection.limits.head));
                this.connection.end();
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.connection.is_cut() {
            return Poll::Ready(Ok(bytes.len()));
        }
        if this.connection.has_no_request()
            && let Some(answer) = refusal::in_json(bytes)
        {
            drop(this.stream.try_write(&answer));
            return Poll::Ready(Ok(bytes.len()));
        }
        if let Poll::Ready(written) = Pin::new(&mut this.stream).poll_write(context, bytes) {
            this.stuck_since = None;
            return Poll::Ready(written);
        }
        let since = *this.stuck_since.get_or_insert_with(Instant::now);
        ready!(this.alarm.poll(since + LONGEST_WRITE, context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        this.connection.flushed();
        // After an answer the HTTP server reads no more before something arrives, so the time for the next step begins to
        // run here.
        if !this.is_woken && this.connection.patience(context) != Patience::Wait {
            this.is_woken = true;
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
