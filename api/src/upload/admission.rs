//! The admission of uploads: how many run at the same time, in this process and of one user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use resizinator_shared::ids::UserId;
use resizinator_shared::settings::UploadLimits;

use crate::error::ApiError;
use crate::metrics::Limit;

/// The uploads that are running, counted by user.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    all: u32,
    by_user: HashMap<UserId, u32>,
}

/// The place of one upload. It is free again when this is dropped, also if the client goes away.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    user: UserId,
}

impl Admission {
    /// Admits an upload, or refuses it at once.
    pub(crate) fn admit(self: &Arc<Self>, user: UserId, limits: &UploadLimits) -> Result<Permit, ApiError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let of_user = running.by_user.get(&user).copied().unwrap_or(0);
        if of_user >= limits.per_user {
            let limit = limits.per_user;
            return Err(ApiError::TooMany(
                Limit::UploadsPerUser,
                format!(
                    "The limit max_uploads_per_user is {limit} at a time, and you have {of_user} running."
                ),
            ));
        }
        if running.all >= limits.at_once {
            let (limit, all) = (limits.at_once, running.all);
            return Err(ApiError::Busy(
                Limit::Uploads,
                format!("The limit max_uploads is {limit} at a time, and {all} are running."),
            ));
        }
        running.all += 1;
        running.by_user.insert(user, of_user + 1);
        Ok(Permit { admission: Arc::clone(self), user })
    }
}

impl Admission {
    /// How many uploads are running.
    pub(crate) fn running(&self) -> u32 {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// How many uploads of the user are running.
    pub(crate) fn of_user(&self, user: UserId) -> u32 {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.by_user.get(&user).copied().unwrap_or(0)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut running = self.admission.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.all -= 1;
        match running.by_user.get_mut(&self.user) {
            Some(of_user) if *of_user > 1 => *of_user -= 1,
            // A user without uploads takes no memory.
            _ => drop(running.by_user.remove(&self.user)),
        }
    }
}
