//! One connection of a client: the step that it is at, and how long that step may take.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use resizinator_shared::settings::ConnectionLimits;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::admission::Place;
use super::alarm::Alarm;
use crate::metrics::{InProgress, Limit, Refusals, count};

/// How long the rest of a body is read after an answer that came before it. Many clients read nothing before they have
/// sent everything; without this they would see a reset connection instead of the answer.
pub(super) const DISCARD: Duration = Duration::from_secs(10);
/// How many bytes of it are read and thrown away at most.
const MOST_DISCARDED: u64 = 64 << 20;
/// How many bytes are read ahead of what the handlers have taken. It is also the size of the longest head. The HTTP server
/// looks at its buffer again and again without a pause once it holds 128 KiB that nobody takes.
pub(super) const READ_AHEAD: usize = 48 << 10;

/// The step that a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It waits for a request.
    Idle { since: Instant },
    /// The head of a request arrives.
    Head { since: Instant },
    /// A request is handled, or its answer is made. `body` says when its time is over.
    Answering,
    /// The answer was given before the body had arrived. The rest of the body is read and thrown away.
    Discarding { since: Instant, left: u64 },
    /// No more is read.
    Over,
    /// Nor is anything more written.
    Cut,
}

/// The part of a body that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyState {
    /// All of it; there may be none.
    Complete,
    Arriving,
    /// It arrived too slowly, so no more is read.
    TooSlow,
}

/// What is known about one connection. The socket, the requests on it and their bodies share it.
pub(crate) struct Connection {
    pub(super) limits: ConnectionLimits,
    step: Cell<Step>,
    body: Cell<BodyState>,
    /// How many bytes have been read and not been taken, as far as that can be known from here.
    ahead: Cell<usize>,
    /// Whether the HTTP server has been given all of [`READ_AHEAD`], and has another look at it.
    is_full: Cell<bool>,
    /// Wakes the task of the connection. It is set while the task reads nothing until handlers have taken bytes.
    waits_for_room: Cell<Option<Waker>>,
    /// Whether the request that is handled is the last one of this connection.
    is_last: Cell<bool>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    gate: RefCell<Gate>,
    alarm: RefCell<Alarm>,
    waits_for_flush: Cell<Option<Waker>>,
    draining: RefCell<Pin<Box<WaitForCancellationFutureOwned>>>,
    refusals: Refusals,
    _counted: Counted,
}

/// What counts a connection as open, until this is dropped.
pub(super) struct Counted {
    pub(super) _place: Place,
    pub(super) _in_progress: InProgress,
}

#[derive(Default)]
enum Gate {
    #[default]
    Open,
    Closed,
    /// The handler asks for the body.
    Knocked(Waker),
}

/// What the socket has to do while there is nothing to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Patience {
    Wait,
    /// The client sent nothing for too long, or everything has been said.
    End,
    /// The head took too long.
    RefuseHead,
}

/// Whether the socket may be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    /// The handlers have to take something first.
    Wait,
    /// Nothing will ever be taken: the head is too long.
    Never,
}

impl Connection {
    pub(super) fn new(
        limits: ConnectionLimits,
        draining: CancellationToken,
        refusals: Refusals,
        counted: Counted,
    ) -> Self {
        Self {
            limits,
            step: Cell::new(Step::Idle { since: Instant::now() }),
            body: Cell::new(BodyState::Complete),
            ahead: Cell::new(0),
            is_full: Cell::new(false),
            waits_for_room: Cell::default(),
            is_last: Cell::new(false),
            gate: RefCell::default(),
            alarm: RefCell::default(),
            waits_for_flush: Cell::default(),
            draining: RefCell::new(Box::pin(draining.cancelled_owned())),
            refusals,
            _counted: counted,
        }
    }

    /// A request was read, with a head of `head` bytes. `with_body` says whether it announces a body.
    pub(super) fn begin_request(&self, head: usize, with_body: bool, is_last: bool) {
        if let Step::Discarding { .. } = self.step.get() {
            self.ahead.set(0);
        }
        self.took(head);
        self.step.set(Step::Answering);
        self.body.set(if with_body { BodyState::Arriving } else { BodyState::Complete });
        self.is_last.set(is_last);
    }

    /// The answer is complete, apart from what the socket has not sent yet.
    pub(super) fn end_request(&self) {
        let now = Instant::now();
        self.step.set(match self.body.get() {
            BodyState::Complete => Step::Idle { since: now },
            BodyState::Arriving => Step::Discarding { since: now, left: MOST_DISCARDED },
            BodyState::TooSlow => Step::Over,
        });
        self.make_room();
    }

    /// The HTTP server or a handler has taken bytes of what was read.
    pub(super) fn took(&self, bytes: usize) {
        self.ahead.set(self.ahead.get().saturating_sub(bytes));
        self.make_room();
    }

    /// A handler waits for more of the body, so it has taken all that was read.
    pub(super) fn took_everything(&self) {
        self.took(usize::MAX);
    }

    fn make_room(&self) {
        self.is_full.set(false);
        if let Some(waker) = self.waits_for_room.take() {
            waker.wake();
        }
    }

    /// Whether the socket may be read now. If not, the task wakes up when that changes.
    pub(super) fn room(&self, context: &Context<'_>) -> Room {
        if self.ahead.get() < READ_AHEAD {
            return Room::Free;
        }
        match self.step.get() {
            Step::Discarding { .. } | Step::Over | Step::Cut => Room::Free,
            Step::Answering => {
                self.waits_for_room.set(Some(context.waker().clone()));
                Room::Wait
            }
            // The HTTP server finds a request in what it has on its next turn, or never.
            Step::Idle { .. } | Step::Head { .. } if self.is_full.replace(true) => Room::Never,
            Step::Idle { .. } | Step::Head { .. } => {
                context.waker().wake_by_ref();
                Room::Wait
            }
        }
    }

    pub(super) fn set_body(&self, state: BodyState) {
        self.body.set(state);
    }

    /// Whether the handler has answered before the whole body was read.
    pub(super) fn has_unread_body(&self) -> bool {
        self.body.get() == BodyState::Arriving
    }

    /// Whether the body of this request came too slowly.
    pub(crate) fn body_is_too_slow(&self) -> bool {
        self.body.get() == BodyState::TooSlow
    }

    /// Whether the connection has to end after the request that is handled.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.get()
    }

    /// Counts a request that a limit refuses before there is a request.
    pub(super) fn refused(&self, limit: Limit) {
        count(&self.refusals, limit);
    }

    /// Reads nothing more, so that the connection ends once the answer is sent.
    pub(super) fn end(&self) {
        self.step.set(Step::Over);
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.step.get(), Step::Over | Step::Cut)
    }

    /// Completes once everything that was answered so far has gone to the socket. Nothing more is read or written then.
    pub(super) fn poll_cut(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_cut() {
            return Poll::Ready(());
        }
        self.end();
        self.waits_for_flush.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    /// Notes that everything that was written has gone to the socket.
    pub(super) fn flushed(&self) {
        if let Some(waker) = self.waits_for_flush.take() {
            self.step.set(Step::Cut);
            waker.wake();
        }
    }

    pub(super) fn is_cut(&self) -> bool {
        self.step.get() == Step::Cut
    }

    /// Whether bytes have arrived that are no request so far, so that whatever is answered is about them.
    pub(super) fn has_no_request(&self) -> bool {
        matches!(self.step.get(), Step::Head { .. })
    }

    /// Notes that bytes have arrived.
    pub(super) fn received(&self, bytes: usize) {
        self.ahead.set(self.ahead.get().saturating_add(bytes));
        match self.step.get() {
            Step::Idle { .. } => self.step.set(Step::Head { since: Instant::now() }),
            Step::Discarding { since, left } => match left.checked_sub(bytes as u64) {
                Some(left) if since.elapsed() < DISCARD => self.step.set(Step::Discarding { since, left }),
                _ => self.end(),
            },
            Step::Head { .. } | Step::Answering | Step::Over | Step::Cut => {}
        }
    }

    /// Decides what to do while nothing arrives, and makes the task wake up when that changes.
    pub(super) fn patience(&self, context: &mut Context<'_>) -> Patience {
        let (deadline, then) = match self.step.get() {
            Step::Idle { since } => (since + self.limits.idle, Patience::End),
            Step::Head { since } => (since + self.limits.head, Patience::RefuseHead),
            Step::Discarding { since, .. } => (since + DISCARD, Patience::End),
            Step::Answering => return Patience::Wait,
            Step::Over | Step::Cut => return Patience::End,
        };
        if self.draining.borrow_mut().as_mut().poll(context).is_ready() {
            return Patience::End;
        }
        match self.alarm.borrow_mut().poll(deadline, context) {
            Poll::Ready(()) => then,
            Poll::Pending => Patience::Wait,
        }
    }

    /// Keeps the body back: its client sends it only after `100 Continue`.
    pub(super) fn close_gate(&self) {
        self.gate.replace(Gate::Closed);
    }

    /// Lets the body come.
    pub(super) fn open_gate(&self) {
        if let Gate::Knocked(waker) = self.gate.take() {
            waker.wake();
        }
    }

    /// Whether a handler has asked for the body that is kept back.
    pub(super) fn is_body_wanted(&self) -> bool {
        matches!(*self.gate.borrow(), Gate::Knocked(_))
    }

    /// Passes if the body may be read.
    pub(super) fn pass_gate(&self, context: &Context<'_>) -> Poll<()> {
        let mut gate = self.gate.borrow_mut();
        if let Gate::Open = *gate {
            return Poll::Ready(());
        }
        *gate = Gate::Knocked(context.waker().clone());
        Poll::Pending
    }
}
