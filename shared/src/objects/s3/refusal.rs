//! What it means if the S3 server refuses the bucket. The answer to a HEAD has no document that says it.

use chrono::{DateTime, TimeDelta, Utc};
use rusoto_core::RusotoError;
use rusoto_core::request::BufferedHttpResponse;
use rusoto_s3::HeadBucketError;

use super::attempt::AttemptError;
use crate::objects::ObjectError;
use crate::settings::S3Location;
use crate::skew;

/// How far the clock of a client may be off. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
/// (`RequestTimeTooSkewed`)
const MOST_SKEW: TimeDelta = TimeDelta::minutes(15);

/// The error of a HEAD of the bucket, with what is expected instead.
pub(super) fn of_bucket(error: RusotoError<HeadBucketError>, location: &S3Location) -> AttemptError {
    let bucket = &location.bucket;
    let missing = format!(
        "the bucket {bucket} does not exist; it has to be created, for instance by \"resizinator bucket create\""
    );
    let sentence = match &error {
        RusotoError::Service(HeadBucketError::NoSuchBucket(_)) => missing,
        RusotoError::Unknown(answer) => match (answer.status.as_u16(), too_far(answer, Utc::now())) {
            (404, _) => missing,
            (400 | 403, Some(ahead)) => format!(
                "the clock of this machine is {} that of the S3 server, which therefore refuses its requests; at most {} s \
                 are allowed",
                skew::in_words(ahead),
                MOST_SKEW.num_seconds()
            ),
            (403, None) => format!(
                "the S3 server answered 403 Forbidden: the access key, its secret, or its right to list the bucket \
                 {bucket} (s3:ListBucket) is not as expected"
            ),
            _ => return error.into(),
        },
        _ => return error.into(),
    };
    AttemptError::Lasting(ObjectError::Unavailable(sentence))
}

/// By how much our clock is ahead of the server's, if that is more than is allowed.
fn too_far(answer: &BufferedHttpResponse, now: DateTime<Utc>) -> Option<TimeDelta> {
    let date = answer.headers.get("date")?;
    let ahead = now - DateTime::parse_from_rfc2822(date).ok()?.to_utc();
    (ahead.abs() > MOST_SKEW).then_some(ahead)
}
