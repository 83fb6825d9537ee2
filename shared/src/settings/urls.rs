//! The three URLs in the settings that choose the backends.

use std::path::PathBuf;

use url::Url;

use super::AwsKeys;

/// The value of `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file: `sqlite:///absolute/file` or `sqlite://relative/file`.
    Sqlite(PathBuf),
    /// A PostgreSQL database: `postgres://user:password@host/database?sslmode=…&sslrootcert=…`.
    Postgres(String),
}

/// The value of `QUEUE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// The in-process queue: `in-process`. The api and the worker then have to run in one process.
    InProcess,
    /// A RabbitMQ broker: `amqp://user:password@host:5672/vhost` or `amqps://…`.
    Amqp(String),
}

/// The value of `STORAGE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum StorageUrl {
    /// A local folder: `file:///absolute/folder` or `file://relative/folder`.
    Folder(PathBuf),
    /// An S3 bucket: `s3://bucket/prefix?region=…&endpoint=…&public_endpoint=…`.
    S3(Box<S3Location>),
}

/// The place in S3 where the objects are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket, which has to exist.
    pub bucket: String,
    /// The text in front of every key, which is empty or ends with a slash.
    pub prefix: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The URL of an S3-compatible server, which is addressed in path style; `None` means Amazon S3.
    pub endpoint: Option<Url>,
    /// The URL by which clients reach the server, if it is another one. The host is part of a URL's signature.
    pub public_endpoint: Option<Url>,
    /// The keys that sign requests; `None` means those that the usual places of AWS credentials have.
    pub keys: Option<AwsKeys>,
}

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            return (!path.is_empty()).then(|| Self::Sqlite(path.into()));
        }
        let url = Url::parse(text).ok()?;
        matches!(url.scheme(), "postgres" | "postgresql").then(|| Self::Postgres(text.into()))
    }
}

impl QueueUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "in-process" {
            return Some(Self::InProcess);
        }
        let url = Url::parse(text).ok()?;
        (matches!(url.scheme(), "amqp" | "amqps") && url.has_host()).then(|| Self::Amqp(text.into()))
    }
}

impl StorageUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("file://") {
            return (!path.is_empty()).then(|| Self::Folder(path.into()));
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "s3")?;
        let mut location = S3Location {
            bucket: url.host_str().filter(|bucket| !bucket.is_empty())?.to_owned(),
            prefix: prefix(url.path()),
            region: "us-east-1".into(),
            endpoint: None,
            public_endpoint: None,
            keys: None,
        };
        for (name, value) in url.query_pairs() {
            match &*name {
                "region" => location.region = value.into_owned(),
                "endpoint" => location.endpoint = Some(server(&value)?),
                "public_endpoint" => location.public_endpoint = Some(server(&value)?),
                _ => return None,
            }
        }
        Some(Self::S3(Box::new(location)))
    }
}

fn prefix(path: &str) -> String {
    let path = path.trim_matches('/');
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

fn server(text: &str) -> Option<Url> {
    // Requests are signed with AWS keys; a server takes no password.
    let anonymous = |url: &Url| url.username().is_empty() && url.password().is_none();
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_s3_url_names_bucket_prefix_region_and_servers() {
        let url = "s3://photos/a/b?region=eu-west-1&endpoint=http://10.0.0.1:8333&public_endpoint=https://cdn.example";
        let Some(StorageUrl::S3(location)) = StorageUrl::parse(url) else { panic!("not read") };
        assert_eq!((location.bucket.as_str(), location.prefix.as_str()), ("photos", "a/b/"));
        assert_eq!(location.region, "eu-west-1");
        assert_eq!(location.endpoint.expect("endpoint").as_str(), "http://10.0.0.1:8333/");
        assert_eq!(location.public_endpoint.expect("public").as_str(), "https://cdn.example/");
    }

    #[test]
    fn what_names_no_backend_is_refused() {
        for text in ["", "mysql://host/db", "sqlite://", "/var/lib/db", "nonsense"] {
            assert!(DatabaseUrl::parse(text).is_none(), "{text}");
        }
        for text in ["", "redis://host", "amqp://", "inprocess"] {
            assert!(QueueUrl::parse(text).is_none(), "{text}");
        }
        for text in [
            "",
            "s3://",
            "file://",
            "s3://bucket?colour=red",
            "s3://bucket?endpoint=host:9000",
            "s3://bucket?endpoint=http://me:pw@host",
        ] {
            assert!(StorageUrl::parse(text).is_none(), "{text}");
        }
    }
}
