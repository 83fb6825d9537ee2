//! The three URLs that choose the backends.

use std::path::PathBuf;

use url::Url;

/// `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:///absolute/file` or `sqlite://relative/file`.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database?sslmode=…&sslrootcert=…`.
    Postgres(String),
}

/// `QUEUE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// `in-process`: api and worker have to be one process.
    InProcess,
    /// `amqp://user:password@host:5672/vhost` or `amqps://…`.
    Amqp(String),
}

/// `STORAGE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum StorageUrl {
    /// `file:///absolute/folder` or `file://relative/folder`.
    Folder(PathBuf),
    /// `s3://bucket/prefix?region=…&endpoint=…&public_endpoint=…`.
    S3(Box<S3Location>),
}

/// Where in S3 the objects lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket; it has to exist.
    pub bucket: String,
    /// In front of every key; empty, or ends with a slash.
    pub prefix: String,
    /// The region that requests are signed for.
    pub region: String,
    /// An S3-compatible server, reached in path style; none is Amazon's.
    pub endpoint: Option<Url>,
    /// What clients call the server, if they reach it by another name; the host is part of a signature.
    pub public_endpoint: Option<Url>,
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
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
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
        for text in ["", "s3://", "file://", "s3://bucket?colour=red", "s3://bucket?endpoint=host:9000"] {
            assert!(StorageUrl::parse(text).is_none(), "{text}");
        }
    }
}
