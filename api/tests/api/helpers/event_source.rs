//! A client of `GET events/`.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::User;

/// How long an event may take that was not heard of, with much to spare.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream of events that is read block by block.
pub(crate) struct EventSource {
    response: Response,
    read: String,
}

/// A block of a stream: everything up to an empty line.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) id: Option<i64>,
    pub(crate) event: Option<String>,
    pub(crate) data: Value,
    pub(crate) retry: Option<u32>,
}

impl EventSource {
    /// Opens a stream and reads its first block, which says where it begins.
    pub(crate) async fn open(user: &User<'_>, path: &str, last: Option<&str>) -> (Self, Block) {
        let mut request = user.request(Method::GET, path).header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let mut source = Self { response, read: String::new() };
        let first = source.block().await.expect("a beginning");
        assert!(first.id.is_some() && first.retry.is_some() && first.event.is_none(), "{first:?}");
        (source, first)
    }

    /// The next block; `None` at the end of the stream.
    pub(crate) async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (Block::of(block), rest.to_owned());
                self.read = rest;
                return Some(block);
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something comes");
            self.read += str::from_utf8(&chunk.expect("a whole stream")?).expect("UTF-8");
        }
    }

    /// The next event, without what only keeps the connection open.
    pub(crate) async fn event(&mut self) -> Block {
        loop {
            let block = self.block().await.expect("an event");
            if block.event.is_some() {
                return block;
            }
        }
    }

    /// The next events, as their names and the ids of their images.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<(String, i64)> {
        let mut events = Vec::new();
        for _ in 0..count {
            let event = self.event().await;
            events.push((event.event.expect("a name"), event.data["image_id"].as_i64().expect("an image")));
        }
        events
    }

    /// Reads to the end of the stream, and returns its last block.
    pub(crate) async fn end(mut self) -> Block {
        let mut last = Block::default();
        while let Some(block) = self.block().await {
            last = block;
        }
        last
    }
}

impl Block {
    fn of(text: &str) -> Self {
        let mut block = Self::default();
        for line in text.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => block.id = Some(id.parse().expect("a number")),
                Some(("event", name)) => block.event = Some(name.to_owned()),
                Some(("data", data)) => block.data = serde_json::from_str(data).expect("JSON"),
                Some(("retry", retry)) => block.retry = Some(retry.parse().expect("a number")),
                _ => assert_eq!(line, ":"),
            }
        }
        block
    }
}
