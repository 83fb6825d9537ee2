//! A message of a webhook, and the request that carries it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Uri};

use super::signature::{WebhookSecret, sign};
use super::target::Target;

/// What is sent in one try.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The id of the event, which is the same in every try. It has letters, digits, `_` and `-` only.
    pub(crate) id: String,
    /// The time of this try, in seconds since 1970.
    pub(crate) timestamp: i64,
    /// The JSON text.
    pub(crate) body: Bytes,
    /// The secrets that sign: one, or two while the receiver changes from the one to the other.
    pub(crate) secrets: Vec<WebhookSecret>,
}

impl Message {
    pub(super) fn request(&self, target: &Target) -> Request<Full<Bytes>> {
        let text = |text: &str| HeaderValue::from_str(text).expect("ids, hosts and signatures are ASCII");
        let signature = sign(&self.id, self.timestamp, &self.body, &self.secrets);
        let mut request = Request::post(Uri::from(target.path().clone()))
            .body(Full::new(self.body.clone()))
            .expect("a path is a URI");
        let headers = request.headers_mut();
        headers.insert(HOST, text(target.authority()));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        headers
            .insert(USER_AGENT, HeaderValue::from_static(concat!("Resizinator/", env!("CARGO_PKG_VERSION"))));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("webhook-id", text(&self.id));
        headers.insert("webhook-timestamp", self.timestamp.into());
        headers.insert("webhook-signature", text(&signature));
        request
    }
}
