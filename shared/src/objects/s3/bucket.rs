//! The creation of the bucket, which an operator asks for once. The services never create one.

use rusoto_core::RusotoError;
use rusoto_s3::{CreateBucketConfiguration, CreateBucketError, CreateBucketRequest, HeadBucketRequest, S3};

use super::attempt::{AttemptError, Progress, in_words};
use super::clients::Client;
use super::{ObjectError, S3Store};

/// The region whose buckets are created without naming it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
const DEFAULT_REGION: &str = "us-east-1";

/// What became of the creation of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketCreation {
    /// The bucket was created.
    Created,
    /// The bucket existed, and it can be used with these credentials.
    WasThere,
    /// The server does not create it, for this reason. Another try would end in the same way.
    Refused(String),
}

impl S3Store {
    /// Creates the bucket. A bucket that exists may be somebody else's, so then this checks whether it can be used.
    ///
    /// # Errors
    /// [`ObjectError::Unavailable`] if the server is away.
    pub async fn create_bucket(&self) -> Result<BucketCreation, ObjectError> {
        let create = |client: Client| self.create(client);
        Progress::start().attempt(&self.clients, create).await
    }

    async fn create(&self, client: Client) -> Result<BucketCreation, AttemptError> {
        let constraint = Some(self.location.region.clone()).filter(|region| region != DEFAULT_REGION);
        let request = CreateBucketRequest {
            bucket: self.location.bucket.clone(),
            create_bucket_configuration: constraint
                .map(|region| CreateBucketConfiguration { location_constraint: Some(region) }),
            ..Default::default()
        };
        match client.s3.create_bucket(request).await {
            Ok(_) => Ok(BucketCreation::Created),
            Err(RusotoError::Service(
                CreateBucketError::BucketAlreadyOwnedByYou(_) | CreateBucketError::BucketAlreadyExists(_),
            )) => self.use_existing(client).await,
            Err(RusotoError::Unknown(answer)) if answer.status.is_client_error() => {
                Ok(BucketCreation::Refused(in_words(&answer)))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn use_existing(&self, client: Client) -> Result<BucketCreation, AttemptError> {
        let request = HeadBucketRequest { bucket: self.location.bucket.clone(), ..Default::default() };
        match client.s3.head_bucket(request).await {
            Ok(()) => Ok(BucketCreation::WasThere),
            Err(RusotoError::Unknown(answer)) if answer.status.as_u16() == 403 => Ok(BucketCreation::Refused(
                "it exists, and these credentials may not use it; buckets of all accounts share their names".into(),
            )),
            Err(error) => Err(error.into()),
        }
    }
}
