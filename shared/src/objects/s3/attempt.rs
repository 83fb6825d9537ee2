//! Calls of S3 with a limit of time and one quick second try, which rusoto does not have.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusoto_core::RusotoError;
use tokio::time::{Instant, sleep, sleep_until};

use crate::causes::with_causes;
use crate::objects::ObjectError;

/// How long a call may make no progress. It is this short so that the client of an upload gets its answer within five
/// seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// How soon after its last progress a call has to fail to be tried again. It then met a closed connection or a busy
/// server, and enough of the five seconds is left for another try.
const QUICK: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);

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

    /// Runs an idempotent call until it ends or makes no more progress. If it fails quickly, it runs a second time.
    pub(super) async fn attempt<T, F>(&self, call: impl Fn() -> F) -> Result<T, ObjectError>
    where
        F: Future<Output = Result<T, AttemptError>>,
    {
        let tries = async {
            match call().await {
                Err(AttemptError::Passing(_)) if self.last().elapsed() < QUICK => {
                    sleep(PAUSE).await;
                    call().await
                }
                first => first,
            }
        };
        tokio::select! {
            outcome = tries => outcome.map_err(|failure| match failure {
                AttemptError::Passing(reason) => ObjectError::Unavailable(reason),
                AttemptError::Lasting(error) => error,
            }),
            () = self.stalled() => Err(ObjectError::Unavailable(format!(
                "no sign of the S3 server for {} seconds",
                PATIENCE.as_secs()
            ))),
        }
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn stalled(&self) {
        loop {
            let last = self.last();
            sleep_until(last + PATIENCE).await;
            if self.last() == last {
                return;
            }
        }
    }
}

impl<E: Error + 'static> From<RusotoError<E>> for AttemptError {
    fn from(error: RusotoError<E>) -> Self {
        match error {
            RusotoError::HttpDispatch(error) => Self::Passing(with_causes(&error)),
            RusotoError::Unknown(answer) => {
                // The log does not get the whole answer, since for a wrong signature it repeats the signed text.
                let code = error_code(&answer.body).map(|code| format!(" ({code})")).unwrap_or_default();
                let reason = format!("the S3 server answered {}{code}", answer.status);
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
