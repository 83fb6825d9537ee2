//! The messages of jobs. Somebody who looks at a message in the management UI has to understand the job from it.

use std::str::FromStr;

use chrono::{SecondsFormat, Utc};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use super::identity::Identity;
use crate::failure_code::FailureCode;
use crate::jobs::JobError;
use crate::resize_job::{RESIZE_JOB_TYPE, ResizeJob};
use crate::trace::Trace;

const ATTEMPT: &str = "x-attempt";
const REQUEST_ID: &str = "x-request-id";
/// <https://www.w3.org/TR/trace-context-amqp/>
const TRACEPARENT: &str = "traceparent";
/// <https://www.rabbitmq.com/docs/publishers#message-properties>
const PERSISTENT: u8 = 2;
/// The longest text in a header, in bytes. All headers together have to fit into one frame, which has 128 KiB unless
/// the broker allows less.
const LONGEST_TEXT: usize = 1_000;

/// A message to publish.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) payload: Vec<u8>,
    pub(super) properties: BasicProperties,
}

impl Message {
    /// Makes the message of a job that is published for the first time.
    pub(super) fn job(job: &ResizeJob, trace: &Trace, identity: &Identity) -> Result<Self, JobError> {
        let image = format!("image-{}", job.image_id);
        // The random suffix makes the ids of two publications of one job different.
        let id = format!("{image}-g{}-{:08x}", job.generation, rand::random::<u32>());
        let mut headers = headers([(ATTEMPT, AMQPValue::LongInt(0))]);
        add_trace(&mut headers, trace);
        let seconds = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
        let properties = BasicProperties::default()
            .with_type(RESIZE_JOB_TYPE.into())
            .with_content_type("application/json".into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(id.into())
            .with_correlation_id(image.into())
            .with_timestamp(seconds)
            .with_app_id(identity.application.into())
            .with_headers(headers);
        let payload = serde_json::to_vec(job).map_err(|error| JobError(error.to_string()))?;
        Ok(Self { payload, properties })
    }

    /// Makes the copy that waits in a retry queue.
    pub(super) fn retry(&self, error: &str, identity: &Identity) -> Self {
        let attempt = self.attempt().saturating_add(1);
        self.copy([(ATTEMPT, AMQPValue::LongInt(attempt)), ("x-last-error", text(error))], identity)
    }

    /// Makes the copy for the queue of failed jobs.
    pub(super) fn failed(&self, code: FailureCode, detail: &str, identity: &Identity) -> Self {
        let attempt = (ATTEMPT, AMQPValue::LongInt(self.attempt()));
        self.copy([attempt, ("x-error-code", text(code.name())), ("x-error-detail", text(detail))], identity)
    }

    /// The request that the image comes from, as far as the headers say it in the way in which we write it.
    pub(super) fn trace(&self) -> Trace {
        Trace { request_id: self.parsed(REQUEST_ID), parent: self.parsed(TRACEPARENT) }
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        let bytes = match self.header(name)? {
            AMQPValue::LongString(text) => text.as_bytes(),
            AMQPValue::ShortString(text) => text.as_str().as_bytes(),
            _ => return None,
        };
        str::from_utf8(bytes).ok()?.parse().ok()
    }

    fn header(&self, name: &str) -> Option<&AMQPValue> {
        self.properties.headers().as_ref()?.inner().get(name)
    }

    fn attempt(&self) -> i32 {
        match self.header(ATTEMPT) {
            Some(AMQPValue::LongInt(attempt)) => *attempt,
            Some(AMQPValue::LongLongInt(attempt)) => i32::try_from(*attempt).unwrap_or(i32::MAX),
            _ => 0,
        }
    }

    /// Copies the message with new headers. It keeps the payload and the properties, but of the headers only the ids of
    /// the request, since the headers of a message that is not ours may have any size.
    fn copy<const N: usize>(&self, reason: [(&str, AMQPValue); N], identity: &Identity) -> Self {
        let mut headers = headers(reason);
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        headers.insert("x-failed-at".into(), text(&now));
        headers.insert("x-host".into(), text(&identity.to_string()));
        add_trace(&mut headers, &self.trace());
        let mut properties = BasicProperties::default().with_delivery_mode(PERSISTENT).with_headers(headers);
        let original = &self.properties;
        if let Some(kind) = original.kind() {
            properties = properties.with_type(kind.clone());
        }
        if let Some(content_type) = original.content_type() {
            properties = properties.with_content_type(content_type.clone());
        }
        if let Some(id) = original.message_id() {
            properties = properties.with_message_id(id.clone());
        }
        if let Some(id) = original.correlation_id() {
            properties = properties.with_correlation_id(id.clone());
        }
        if let Some(timestamp) = original.timestamp() {
            properties = properties.with_timestamp(*timestamp);
        }
        if let Some(application) = original.app_id() {
            properties = properties.with_app_id(application.clone());
        }
        Self { payload: self.payload.clone(), properties }
    }

    /// Reads the job in the message. The error says why the message is not a job.
    pub(super) fn read(&self) -> Result<ResizeJob, String> {
        match self.properties.kind() {
            Some(kind) if kind.as_str() == RESIZE_JOB_TYPE => {
                ResizeJob::parse(&self.payload).map_err(|error| error.to_string())
            }
            Some(kind) => {
                Err(format!("the message's type is {kind:?}, not {RESIZE_JOB_TYPE:?}", kind = kind.as_str()))
            }
            None => Err(format!("the message has no type, a job's is {RESIZE_JOB_TYPE:?}")),
        }
    }

    /// The name of the message in the log, with the id of its request.
    pub(super) fn name(&self) -> String {
        let id = self.properties.message_id().as_ref().map_or("without an id", |id| id.as_str());
        match self.trace().request_id {
            Some(request) => format!("{id:?} (request {})", request.as_str()),
            None => format!("{id:?}"),
        }
    }
}

fn headers<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert(name.into(), value);
    }
    table
}

fn add_trace(headers: &mut FieldTable, trace: &Trace) {
    if let Some(request) = &trace.request_id {
        headers.insert(REQUEST_ID.into(), text(request.as_str()));
    }
    if let Some(parent) = &trace.parent {
        headers.insert(TRACEPARENT.into(), text(parent.as_str()));
    }
}

fn text(value: &str) -> AMQPValue {
    let end = value.floor_char_boundary(LONGEST_TEXT);
    AMQPValue::LongString(value[..end].into())
}
