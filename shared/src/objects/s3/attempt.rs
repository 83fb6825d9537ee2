//! Calls to S3 with a time limit and a second try. rusoto has neither of the two.

use std::error::Error;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use rusoto_core::RusotoError;
use rusoto_core::request::BufferedHttpResponse;
use tokio::time::{Instant, sleep, sleep_until};

use super::clients::{Client, Clients};
use crate::causes::with_causes;
use crate::objects::ObjectError;

/// How long a call may make no progress. It is this short so that the client of an upload gets its answer within five
/// seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// How soon after its last progress a call has to fail to be tried again. It then met a closed connection or a busy
/// server, and enough of the five seconds is left for another try.
const QUICK: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);
/// How long a call may make no progress before a second try begins beside it, on a connection of its own. The first one
/// may wait on a connection that a NAT or a firewall has forgotten.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html>
const SILENCE: Duration = Duration::from_millis(1500);
/// How long both tries may make no progress. Together with [`SILENCE`] it is the patience with one try.
const SILENCE_OF_BOTH: Duration = PATIENCE.checked_sub(SILENCE).expect("the shorter one");

/// The time at which a call last made progress: it sent a chunk or received bytes. A call without a body never makes
/// progress, so the limit is for the whole call.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<Instant>>);

/// The reason for which one try failed.
pub(super) enum AttemptError {
    /// The call may succeed at another try right away.
    Passing(String),
    /// The error is final.
    Lasting(ObjectError),
}

impl Progress {
    pub(super) fn start() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(super) fn made(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Runs an idempotent call until it ends or makes no more progress. If it fails quickly or is silent for a while, it
    /// runs a second time, on a new connection.
    pub(super) async fn attempt<T, F>(
        &self,
        clients: &Clients,
        call: impl Fn(Client) -> F,
    ) -> Result<T, ObjectError>
    where
        F: Future<Output = Result<T, AttemptError>>,
    {
        let second = || call(clients.fresh.clone());
        let mut first = pin!(call(clients.pooled.clone()));
        let outcome = match self.unless_silent(SILENCE, first.as_mut()).await {
            Some(Err(AttemptError::Passing(_))) if self.last().elapsed() < QUICK => {
                sleep(PAUSE).await;
                self.unless_silent(PATIENCE, second()).await
            }
            Some(outcome) => Some(outcome),
            None => self.unless_silent(SILENCE_OF_BOTH, either(first, pin!(second()))).await,
        };
        match outcome {
            Some(outcome) => outcome.map_err(|failure| match failure {
                AttemptError::Passing(reason) => ObjectError::Unavailable(reason),
                AttemptError::Lasting(error) => error,
            }),
            None => Err(ObjectError::Unavailable(format!(
                "no sign of the S3 server for {} seconds",
                PATIENCE.as_secs()
            ))),
        }
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The outcome of the work; `None` if there is no progress for so long.
    async fn unless_silent<T>(&self, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
        let silent = async {
            loop {
                let last = self.last();
                sleep_until(last + patience).await;
                if self.last() == last {
                    return;
                }
            }
        };
        tokio::select! {
            outcome = work => Some(outcome),
            () = silent => None,
        }
    }
}

/// The outcome of the try that ends first, or of the other one if that is only a passing error.
async fn either<T>(
    first: impl Future<Output = Result<T, AttemptError>> + Unpin,
    second: impl Future<Output = Result<T, AttemptError>> + Unpin,
) -> Result<T, AttemptError> {
    match select(first, second).await {
        Either::Left((Err(AttemptError::Passing(_)), second)) => second.await,
        Either::Right((Err(AttemptError::Passing(_)), first)) => first.await,
        Either::Left((outcome, _)) | Either::Right((outcome, _)) => outcome,
    }
}

impl<E: Error + 'static> From<RusotoError<E>> for AttemptError {
    fn from(error: RusotoError<E>) -> Self {
        match error {
            RusotoError::HttpDispatch(error) => Self::Passing(with_causes(&error)),
            RusotoError::Unknown(answer) => {
                let reason = in_words(&answer);
                if answer.status.is_server_error() {
                    Self::Passing(reason)
                } else {
                    Self::Lasting(ObjectError::Unavailable(reason))
                }
            }
            RusotoError::Credentials(error) => Self::Lasting(ObjectError::Unavailable(format!(
                "no AWS credentials: {}",
                with_causes(&error)
            ))),
            other => Self::Lasting(ObjectError::Unavailable(with_causes(&other))),
        }
    }
}

/// The answer of the server in words. The log does not get the whole answer, since for a wrong signature it repeats the
/// signed text.
pub(super) fn in_words(answer: &BufferedHttpResponse) -> String {
    let code = error_code(&answer.body).map(|code| format!(" ({code})")).unwrap_or_default();
    format!("the S3 server answered {}{code}", answer.status)
}

/// The code in an error document of S3.
pub(super) fn error_code(document: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(document).ok()?;
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    (code.len() <= 64 && code.bytes().all(|letter| letter.is_ascii_alphanumeric())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::error_code;

    #[test]
    fn of_an_error_document_only_the_code_is_told() {
        let document =
            b"<?xml?><Error><Code>SignatureDoesNotMatch</Code><StringToSign>x</StringToSign></Error>";
        assert_eq!(error_code(document), Some("SignatureDoesNotMatch"));
        assert_eq!(error_code(b"<html>nginx</html>"), None);
        assert_eq!(error_code(b"<Code>one line\nand another</Code>"), None);
    }
}
