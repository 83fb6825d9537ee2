//! The object store of a test: each test has its own prefix in the bucket. It lists and cleans up with curl, which can
//! sign requests, so that this crate needs no S3 client.

use std::net::SocketAddr;
use std::time::Duration;

use resizinator_shared::objects::{Content, ObjectKey, ObjectStore, S3Store, SigningWindow};
use resizinator_shared::settings::{Settings, StorageUrl};
use tokio::task::spawn_blocking;
use url::Url;

pub(crate) struct Prefix {
    pub(crate) url: String,
    bucket: Bucket,
    prefix: String,
}

#[derive(Clone)]
struct Bucket {
    url: String,
    region: String,
}

impl Prefix {
    pub(super) fn new() -> Self {
        let mut url = Url::parse(&super::variable("TEST_STORAGE_URL")).expect("TEST_STORAGE_URL is a URL");
        let parameter = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_else(|| panic!("TEST_STORAGE_URL has no {name}"))
        };
        let (endpoint, region) = (parameter("endpoint"), parameter("region"));
        let bucket = url.host_str().expect("TEST_STORAGE_URL names a bucket");
        let bucket = Bucket { url: format!("{}/{bucket}", endpoint.trim_end_matches('/')), region };
        let prefix = format!("test-{:032x}", rand::random::<u128>());
        url.set_path(&prefix);
        Self { url: url.into(), bucket, prefix }
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> String {
        let bucket = Url::parse(&self.bucket.url).expect("the bucket is a URL");
        bucket.socket_addrs(|| None).expect("its address")[0].to_string()
    }

    /// The URL of the same objects at another address of the server.
    pub(crate) fn url_at(&self, address: SocketAddr) -> String {
        let mut url = Url::parse(&self.url).expect("a URL");
        let region = &self.bucket.region;
        url.set_query(Some(&format!("endpoint=http://{address}&region={region}")));
        url.into()
    }

    /// The URL of a bucket with this name on the same server.
    pub(crate) fn url_of_bucket(&self, name: &str) -> String {
        let mut url = Url::parse(&self.url).expect("a URL");
        url.set_host(Some(name)).expect("the name of a bucket");
        url.into()
    }

    /// Name of the bucket and the prefix in it, as tools for S3 write it, and the URL of the server.
    pub(crate) fn place(&self) -> (String, &str) {
        let (server, bucket) = self.bucket.url.rsplit_once('/').expect("server and bucket");
        (format!("{bucket}/{}", self.prefix), server)
    }

    /// Stores an object, as our own processes do.
    pub(crate) async fn put(&self, key: &str, text: String) {
        let url = |name: &str| (name == "STORAGE_URL").then(|| self.url.clone());
        let StorageUrl::S3(location) = Settings::from_lookup(url).expect("settings").storage else {
            panic!("{} is S3", self.url)
        };
        let window = SigningWindow::new(Duration::from_secs(3600));
        let store = S3Store::new(*location, window).expect("a store");
        let key = ObjectKey::parse(key).expect("a key");
        store.put(&key, Content::of(text.into())).await.expect("a put");
    }

    /// The keys of all objects, sorted, without the prefix.
    pub(crate) async fn list(&self) -> Vec<String> {
        let (bucket, prefix) = (self.bucket.clone(), self.prefix.clone());
        spawn_blocking(move || bucket.list(&prefix)).await.expect("a list")
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        for key in self.bucket.list(&self.prefix) {
            self.bucket.call(&["-X", "DELETE"], &format!("/{}/{key}", self.prefix));
        }
    }
}

impl Bucket {
    /// Lists up to 1000 keys, which is more than any test stores.
    fn list(&self, prefix: &str) -> Vec<String> {
        let xml = self.call(&[], &format!("?list-type=2&prefix={prefix}%2F"));
        let keys = xml.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        let mut keys: Vec<_> = keys.map(|(key, _)| key[prefix.len() + 1..].to_owned()).collect();
        keys.sort();
        keys
    }

    fn call(&self, options: &[&str], path: &str) -> String {
        let user = [super::variable("AWS_ACCESS_KEY_ID"), super::variable("AWS_SECRET_ACCESS_KEY")].join(":");
        let mut curl = std::process::Command::new("curl");
        curl.args(["-fsS", "--max-time", "20", "--user", &user]);
        curl.args(["--aws-sigv4", &format!("aws:amz:{}:s3", self.region)]);
        let output = curl.args(options).arg(format!("{}{path}", self.url)).output().expect("curl runs");
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}
