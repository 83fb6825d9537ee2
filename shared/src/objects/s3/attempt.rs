//! No call without an end, and one quick second try. rusoto has neither.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusoto_core::RusotoError;
use tokio::time::{Instant, sleep, sleep_until};

use crate::objects::ObjectError;

/// How long a call may go without progress; the client of an upload hears of it within five seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// A call that fails this soon after its last progress met a closed connection or a busy server,
/// and leaves enough of those five seconds for another try.
const QUICK: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);

/// When a call last got on: a chunk taken, bytes received. Calls that move no body never get on,
/// so their patience is for the whole.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<Instant>>);

/// Why one try failed.
pub(super) enum AttemptError {
    /// Worth another try right away.
    Passing(String),
    /// The answer.
    Lasting(ObjectError),
}

impl Progress {
    pub(super) fn start() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(super) fn made(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Runs an idempotent call, a second time if the first failed quickly, until it ends or no
    /// longer gets on.
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
            RusotoError::HttpDispatch(error) => Self::Passing(error.to_string()),
            RusotoError::Unknown(answer) => {
                // Not the whole answer: for a wrong signature it repeats what was signed.
                let code = error_code(&answer.body).map(|code| format!(" ({code})")).unwrap_or_default();
                let reason = format!("the S3 server answered {}{code}", answer.status);
                if answer.status.is_server_error() {
                    Self::Passing(reason)
                } else {
                    Self::Lasting(ObjectError::Unavailable(reason))
                }
            }
            RusotoError::Credentials(error) => {
                Self::Lasting(ObjectError::Unavailable(format!("no AWS credentials: {error}")))
            }
            other => Self::Lasting(ObjectError::Unavailable(other.to_string())),
        }
    }
}

/// The code of an S3 error document.
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
