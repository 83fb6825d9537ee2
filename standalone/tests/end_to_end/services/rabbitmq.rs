//! The broker of a test: each test has its own vhost, which it reads through the management API.

use reqwest::{Client, Method, StatusCode};
use resizinator_shared::jobs::{RabbitOptions, RabbitQueue};
use serde_json::{Value, json};
use url::Url;

use crate::eventually::eventually;

/// The password of a user with few permissions.
const LITTLE: &str = "little-but-secret";
/// The permissions that the README names, for processes that create no queue and no exchange but their own ones.
pub(crate) const CONFIGURE: &str = r"^images\.events\..+$";
pub(crate) const WRITE: &str = r"^(amq\.default|images\.events(\..+)?)$";
pub(crate) const READ: &str = r"^images\.(resize|events(\..+)?)$";
pub(crate) const MAIN: &str = "images.resize";
pub(crate) const FAILED: &str = "images.resize.failed";

pub(crate) struct Vhost {
    pub(super) url: String,
    pub(crate) server: String,
    name: String,
    user: String,
    management: Management,
}

#[derive(Clone)]
struct Management {
    http: Client,
    url: String,
}

impl Vhost {
    pub(super) async fn create() -> Self {
        let url = super::variable("TEST_RABBITMQ_MANAGEMENT_URL");
        let management = Management { http: Client::new(), url: url.trim_end_matches('/').into() };
        let name = format!("test-{:032x}", rand::random::<u128>());
        let mut url = Url::parse(&super::variable("TEST_QUEUE_URL")).expect("TEST_QUEUE_URL is a URL");
        url.set_path(&name);
        let server = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5672));
        let vhost = Self { server, name, user: url.username().into(), url: url.into(), management };
        vhost.make().await;
        vhost
    }

    async fn make(&self) {
        let Self { management, name, user, .. } = self;
        management.call(Method::PUT, &format!("vhosts/{name}"), json!({})).await;
        let all = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        management.call(Method::PUT, &format!("permissions/{name}/{user}"), all).await;
    }

    /// Deletes the vhost with all that is in it, and creates it again.
    pub(crate) async fn wipe(&self) {
        self.management.call(Method::DELETE, &format!("vhosts/{}", self.name), Value::Null).await;
        self.make().await;
    }

    /// Creates a user whose permissions are these patterns of names, and returns the URL of the vhost for that user.
    /// <https://www.rabbitmq.com/docs/access-control#authorisation>
    pub(crate) async fn user_who_may(&self, configure: &str, write: &str, read: &str) -> String {
        let Self { management, name, .. } = self;
        let body = json!({ "password": LITTLE, "tags": "" });
        management.call(Method::PUT, &format!("users/{name}"), body).await;
        let some = json!({ "configure": configure, "write": write, "read": read });
        management.call(Method::PUT, &format!("permissions/{name}/{name}"), some).await;
        let mut url = Url::parse(&self.url).expect("a URL");
        url.set_username(name).expect("a user");
        url.set_password(Some(LITTLE)).expect("a password");
        url.into()
    }

    /// How many messages are ready in a queue. RabbitMQ counts them every few seconds.
    pub(crate) async fn ready(&self, queue: &str) -> u64 {
        let path = format!("queues/{}/{queue}", self.name);
        let answer = self.management.call(Method::GET, &path, Value::Null).await;
        answer["messages_ready"].as_u64().unwrap_or(0)
    }

    /// The job queue, as the service uses it.
    pub(crate) fn queue(&self) -> RabbitQueue {
        RabbitQueue::new(&self.url, RabbitOptions::default()).expect("a URL")
    }

    /// The URL of the vhost at another address.
    pub(crate) fn url_at(&self, address: std::net::SocketAddr) -> String {
        let mut url = Url::parse(&self.url).expect("a URL");
        url.set_ip_host(address.ip()).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        url.into()
    }

    pub(crate) async fn delete_queue(&self, queue: &str) {
        self.management.call(Method::DELETE, &format!("queues/{}/{queue}", self.name), Value::Null).await;
    }

    pub(crate) async fn purge(&self, queue: &str) {
        let path = format!("queues/{}/{queue}/contents", self.name);
        self.management.call(Method::DELETE, &path, Value::Null).await;
    }

    pub(crate) async fn queues(&self) -> Vec<String> {
        let all = self.management.call(Method::GET, &format!("queues/{}", self.name), Value::Null).await;
        let names = all.as_array().into_iter().flatten().filter_map(|queue| queue["name"].as_str());
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Creates a queue, as an operator does.
    pub(crate) async fn declare(&self, queue: &str, how: Value) {
        let Self { management, name, .. } = self;
        management.call(Method::PUT, &format!("queues/{name}/{queue}"), how).await;
    }

    /// Waits until somebody has created an exchange.
    pub(crate) async fn until_exchange(&self, exchange: &str) {
        let path = format!("exchanges/{}/{exchange}", self.name);
        eventually(&format!("the exchange {exchange}"), async || {
            let found = self.management.call(Method::GET, &path, Value::Null).await;
            (found["name"] == exchange).then_some(())
        })
        .await;
    }

    /// Creates a queue that gets the messages of an exchange as soon as that is there, as another service does.
    pub(crate) async fn bind(&self, queue: &str, exchange: &str, routing_key: &str) {
        let Self { management, name, .. } = self;
        management.call(Method::PUT, &format!("queues/{name}/{queue}"), json!({})).await;
        self.until_exchange(exchange).await;
        let path = format!("bindings/{name}/e/{exchange}/q/{queue}");
        management.call(Method::POST, &path, json!({ "routing_key": routing_key })).await;
    }

    pub(crate) async fn publish(&self, queue: &str, properties: Value, payload: &str) {
        let message = json!({
            "properties": properties, "routing_key": queue, "payload": payload, "payload_encoding": "string",
        });
        let path = format!("exchanges/{}/amq.default/publish", self.name);
        let answer = self.management.call(Method::POST, &path, message).await;
        assert_eq!(answer["routed"], true, "{answer}");
    }

    /// Reads at most `count` messages, as the management UI shows them. They stay in the queue.
    pub(crate) async fn messages(&self, queue: &str, count: usize) -> Vec<Value> {
        let body = json!({ "count": count, "ackmode": "ack_requeue_true", "encoding": "auto" });
        let path = format!("queues/{}/{queue}/get", self.name);
        let answer = self.management.call(Method::POST, &path, body).await;
        answer.as_array().cloned().unwrap_or_default()
    }

    /// Waits until a queue has `count` messages, and returns them.
    pub(crate) async fn until_messages(&self, queue: &str, count: usize) -> Vec<Value> {
        eventually(&format!("{count} messages in {queue}"), async || {
            let messages = self.messages(queue, count + 1).await;
            (messages.len() == count).then_some(messages)
        })
        .await
    }
}

impl Management {
    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let mut request = self.http.request(method, format!("{}/api/{path}", self.url));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.expect("TEST_RABBITMQ_MANAGEMENT_URL answers");
        let status = response.status();
        let answer = response.text().await.expect("a body");
        assert!(status.is_success() || status == StatusCode::NOT_FOUND, "{path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        // This needs a new client, since connections belong to the runtime that made them.
        let management = Management { http: Client::new(), url: self.management.url.clone() };
        let name = self.name.clone();
        super::block_on(async move {
            management.call(Method::DELETE, &format!("vhosts/{name}"), Value::Null).await;
            // Most tests have not made a user.
            management.call(Method::DELETE, &format!("users/{name}"), Value::Null).await;
        });
    }
}
