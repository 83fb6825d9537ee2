//! The text of a stream of events (HTML Living Standard, section 9.2).

use bytes::Bytes;
use resizinator_shared::ids::ImageEventId;
use resizinator_shared::image_event::{ImageEvent, ImageEventRecord};

/// How long a client waits until it connects again, in milliseconds.
const RETRY: u32 = 2_000;

/// An event of an image.
pub(super) fn of(event: &ImageEvent) -> String {
    let record = serde_json::to_string(&ImageEventRecord::from(event)).expect("all keys are texts");
    format!("id: {}\nevent: {}\ndata: {record}\n\n", event.id, event.kind)
}

/// The beginning of a stream. A block without data is no event, but the client keeps its id, so that a stream which ends
/// before the first event can be resumed.
pub(super) fn beginning(at: ImageEventId) -> String {
    format!("retry: {RETRY}\nid: {at}\n\n")
}

/// The event for a client whose last id is not known any more, or not known yet: it may have missed events.
pub(super) fn reset(at: ImageEventId) -> String {
    format!("id: {at}\nevent: reset\ndata: {{\"id\":{at},\"type\":\"reset\"}}\n\n")
}

/// What keeps the connection open. With an id, nothing up to that id is left to tell.
pub(super) fn heartbeat(at: Option<ImageEventId>) -> Bytes {
    at.map_or(Bytes::from_static(b":\n\n"), |at| format!(":\nid: {at}\n\n").into())
}

/// The end of a stream when the process shuts down: the client is to connect to another replica soon.
pub(super) const END: Bytes = Bytes::from_static(b"retry: 500\n\n");
