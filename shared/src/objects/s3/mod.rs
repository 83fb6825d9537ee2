//! The object store in S3: a bucket of Amazon S3 or of a server that speaks its protocol.

mod attempt;
mod body;
mod bucket;
mod clients;
mod credentials;
mod presign;
mod put;
mod refusal;
mod signature;

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use rusoto_core::{Region, RusotoError};
use rusoto_credential::{AwsCredentials, ProvideAwsCredentials};
use rusoto_s3::{
    Delete, DeleteObjectsRequest, GetObjectError, GetObjectRequest, HeadBucketRequest, ListObjectsV2Request,
    ObjectIdentifier, S3,
};

pub use self::bucket::BucketCreation;

use self::attempt::{AttemptError, Progress, error_code};
use self::body::Body;
use self::clients::{Client, Clients};
use self::credentials::Credentials;
use self::presign::{Presigner, Site, amazon_host};
use self::signature::Signatory;
use super::{Content, ListedObject, ObjectError, ObjectKey, ObjectStore, SigningWindow};
use crate::settings::S3Location;

/// The most objects that one DeleteObjects takes.
const DELETE_BATCH: usize = 1000;

/// The most keys that one ListObjectsV2 answers.
const LIST_BATCH: usize = 1000;

/// The failure of a call whose answer rusoto does not read.
type Failure = RusotoError<Infallible>;

/// An object store that keeps the objects in a bucket.
pub struct S3Store {
    clients: Clients,
    credentials: Credentials,
    /// The server that this process reaches, and the region that its requests are signed for.
    region: Region,
    location: S3Location,
    site: Site,
    window: SigningWindow,
    presigner: Mutex<Option<Current>>,
}

/// The presigner in use, with the time and the credentials that it was made from.
struct Current {
    signed_at: DateTime<Utc>,
    credentials: AwsCredentials,
    presigner: Arc<Presigner>,
}

impl S3Store {
    /// Makes a store in `location`. It does not connect, and does not look for credentials, before the first call.
    pub fn new(location: S3Location, window: SigningWindow) -> Result<Self, ObjectError> {
        let credentials = Credentials::new(location.keys.as_ref());
        let endpoint = match &location.endpoint {
            Some(server) => server.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://{}", amazon_host(&location.region)),
        };
        let region = Region::Custom { name: location.region.clone(), endpoint };
        Ok(Self {
            clients: Clients::new(&credentials, &region),
            credentials,
            region,
            site: Site::of(&location),
            location,
            window,
            presigner: Mutex::default(),
        })
    }

    fn full_key(&self, key: &ObjectKey) -> String {
        format!("{}{key}", self.location.prefix)
    }

    async fn delete_batch(&self, client: Client, keys: &[ObjectKey]) -> Result<(), AttemptError> {
        let objects =
            keys.iter().map(|key| ObjectIdentifier { key: self.full_key(key), version_id: None }).collect();
        let request = DeleteObjectsRequest {
            bucket: self.location.bucket.clone(),
            delete: Delete { objects, quiet: Some(true) },
            ..Default::default()
        };
        // The status is 200 even if nothing could be deleted.
        let failed = client.s3.delete_objects(request).await?.errors.unwrap_or_default();
        let code =
            failed.into_iter().map(|error| error.code.unwrap_or_default()).find(|code| code != "NoSuchKey");
        match code {
            None => Ok(()),
            Some(code) => Err(AttemptError::Lasting(ObjectError::Unavailable(format!(
                "objects could not be deleted ({code})"
            )))),
        }
    }

    async fn read(
        &self,
        client: Client,
        key: &ObjectKey,
        max_bytes: u64,
        into: &File,
        progress: &Progress,
    ) -> Result<u64, AttemptError> {
        let request = GetObjectRequest {
            bucket: self.location.bucket.clone(),
            key: self.full_key(key),
            ..Default::default()
        };
        let answer = client.s3.get_object(request).await.map_err(|error| match error {
            _ if is_absent(&error) => AttemptError::Lasting(ObjectError::NotFound(key.clone())),
            error => error.into(),
        })?;
        progress.made();
        let too_large = || AttemptError::Lasting(ObjectError::TooLarge { key: key.clone(), max_bytes });
        if answer.content_length.is_some_and(|len| len.unsigned_abs() > max_bytes) {
            return Err(too_large());
        }
        let mut len = 0;
        let mut body = answer.body.ok_or_else(|| AttemptError::Passing("an answer without a body".into()))?;
        while let Some(chunk) =
            body.try_next().await.map_err(|error| AttemptError::Passing(error.to_string()))?
        {
            progress.made();
            if chunk.len() as u64 > max_bytes - len {
                return Err(too_large());
            }
            // This does not use the blocking pool, since the worker's file is in memory.
            into.write_all_at(&chunk, len).map_err(|error| {
                AttemptError::Lasting(ObjectError::Unavailable(format!("the object cannot be kept: {error}")))
            })?;
            len += chunk.len() as u64;
        }
        Ok(len)
    }

    /// The presigner for the present window.
    fn presigner(&self, credentials: AwsCredentials) -> Arc<Presigner> {
        let signed_at = self.window.signed_at(Utc::now());
        let mut current = self.presigner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &*current
            && current.signed_at == signed_at
            && same(&current.credentials, &credentials)
        {
            return Arc::clone(&current.presigner);
        }
        let signatory = Signatory::of(&credentials);
        let lifetime = self.window.lifetime().as_secs();
        let presigner = Arc::new(Presigner::new(&signatory, &self.location.region, signed_at, lifetime));
        *current = Some(Current { signed_at, credentials, presigner: Arc::clone(&presigner) });
        presigner
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn put(&self, key: &ObjectKey, content: Content) -> Result<(), ObjectError> {
        let progress = Progress::start();
        let body = Body::try_from(content.source)?;
        let put = |client| self.send(client, key, &content.sha256, body.stream(&progress));
        progress.attempt(&self.clients, put).await
    }

    async fn get(&self, key: &ObjectKey, max_bytes: u64, into: &File) -> Result<u64, ObjectError> {
        let progress = Progress::start();
        progress.attempt(&self.clients, |client| self.read(client, key, max_bytes, into, &progress)).await
    }

    async fn delete(&self, keys: &[ObjectKey]) -> Result<(), ObjectError> {
        for batch in keys.chunks(DELETE_BATCH) {
            Progress::start().attempt(&self.clients, |client| self.delete_batch(client, batch)).await?;
        }
        Ok(())
    }

    async fn list(&self, after: &str, limit: usize) -> Result<Vec<String>, ObjectError> {
        let objects = self.list_objects(after, limit).await?;
        Ok(objects.into_iter().map(|object| object.name).collect())
    }

    async fn list_objects(&self, after: &str, limit: usize) -> Result<Vec<ListedObject>, ObjectError> {
        let prefix = &self.location.prefix;
        let request = || ListObjectsV2Request {
            bucket: self.location.bucket.clone(),
            prefix: Some(prefix.clone()),
            start_after: (!after.is_empty()).then(|| format!("{prefix}{after}")),
            max_keys: Some(limit.min(LIST_BATCH) as i64),
            ..Default::default()
        };
        let list = async |client: Client| Ok(client.s3.list_objects_v2(request()).await?);
        let listed = Progress::start().attempt(&self.clients, list).await?;
        let listed = listed.contents.unwrap_or_default().into_iter();
        Ok(listed
            .filter_map(|object| {
                Some(ListedObject {
                    name: object.key?.strip_prefix(prefix)?.to_owned(),
                    len: object.size.unwrap_or_default().unsigned_abs(),
                    md5: object.e_tag.as_deref().and_then(md5_of_tag),
                })
            })
            .collect())
    }

    async fn signed_url(&self, key: &ObjectKey, _base_url: &str) -> Result<String, ObjectError> {
        let credentials = Progress::start()
            .attempt(&self.clients, |_| async {
                Ok(self.credentials.credentials().await.map_err(Failure::from)?)
            })
            .await?;
        Ok(self.presigner(credentials).get(&self.site, key.as_str()))
    }

    fn origin(&self) -> Option<String> {
        Some(self.site.origin())
    }

    fn signing_time(&self) -> DateTime<Utc> {
        self.window.signed_at(Utc::now())
    }

    async fn check(&self) -> Result<(), ObjectError> {
        let request = || HeadBucketRequest { bucket: self.location.bucket.clone(), ..Default::default() };
        let head = async |client: Client| {
            client.s3.head_bucket(request()).await.map_err(|error| refusal::of_bucket(error, &self.location))
        };
        Progress::start().attempt(&self.clients, head).await
    }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Store").field("location", &self.location).finish_non_exhaustive()
    }
}

fn is_absent(error: &RusotoError<GetObjectError>) -> bool {
    match error {
        RusotoError::Service(GetObjectError::NoSuchKey(_)) => true,
        // Some servers leave out the code. A missing bucket is not a missing object.
        RusotoError::Unknown(answer) => {
            answer.status.as_u16() == 404 && error_code(&answer.body) != Some("NoSuchBucket")
        }
        _ => false,
    }
}

/// The MD5 in an entity tag. The tag is another text if the object was put in parts, or if the server encrypts it with a
/// key of its own. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
fn md5_of_tag(tag: &str) -> Option<[u8; 16]> {
    let mut md5 = [0; 16];
    hex::decode_to_slice(tag.trim_matches('"'), &mut md5).ok()?;
    Some(md5)
}

fn same(a: &AwsCredentials, b: &AwsCredentials) -> bool {
    a.aws_access_key_id() == b.aws_access_key_id()
        && a.aws_secret_access_key() == b.aws_secret_access_key()
        && a.token() == b.token()
}
