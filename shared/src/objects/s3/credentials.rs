//! The AWS credentials from the usual places. They are fetched again before they expire.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use rusoto_credential::{AwsCredentials, ChainProvider, CredentialsError, ProvideAwsCredentials};
use tokio::sync::Mutex;

use crate::settings::AwsKeys;

const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long before their end credentials are fetched again, since they may not last through a call.
const RESERVE: TimeDelta = TimeDelta::seconds(60);

/// The keys in the settings, or else credentials from the environment, the AWS profile, the container or the instance,
/// in this order. (rusoto's
/// `AutoRefreshingProvider` would keep a failure for ever: after one failure at the start, the process could never sign
/// anything.)
#[derive(Clone)]
pub(super) struct Credentials {
    chain: ChainProvider,
    current: Arc<Mutex<Option<AwsCredentials>>>,
}

impl Credentials {
    pub(super) fn new(keys: Option<&AwsKeys>) -> Self {
        let mut chain = ChainProvider::new();
        chain.set_timeout(FETCH_TIMEOUT);
        // Keys without an end are never fetched again.
        let known = keys.map(|keys| {
            let AwsKeys { access_key_id, secret_access_key, session_token } = keys.clone();
            AwsCredentials::new(access_key_id, secret_access_key, session_token, None)
        });
        Self { chain, current: Arc::new(Mutex::new(known)) }
    }
}

#[async_trait]
impl ProvideAwsCredentials for Credentials {
    async fn credentials(&self) -> Result<AwsCredentials, CredentialsError> {
        let mut current = self.current.lock().await;
        let enough = Utc::now() + RESERVE;
        let valid = |known: &&AwsCredentials| known.expires_at().is_none_or(|end| end > enough);
        if let Some(credentials) = current.as_ref().filter(valid) {
            return Ok(credentials.clone());
        }
        let fetched = self.chain.credentials().await?;
        Ok(current.insert(fetched).clone())
    }
}
