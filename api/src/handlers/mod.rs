//! The handlers. Each endpoint has its own file.

pub(crate) mod change_password;
pub(crate) mod delete_image;
pub(crate) mod delete_images;
pub(crate) mod delete_user;
pub(crate) mod delete_webhook;
pub(crate) mod docs;
pub(crate) mod docs_file;
pub(crate) mod enable_webhook;
pub(crate) mod get_image;
pub(crate) mod get_status;
pub(crate) mod healthz;
pub(crate) mod limits;
pub(crate) mod list_deliveries;
pub(crate) mod list_images;
pub(crate) mod list_tokens;
pub(crate) mod list_webhooks;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod objects;
pub(crate) mod openapi;
pub(crate) mod other_method;
pub(crate) mod other_method_of_user;
pub(crate) mod readyz;
pub(crate) mod register;
pub(crate) mod register_webhook;
pub(crate) mod retry_image;
pub(crate) mod revoke_token;
pub(crate) mod rotate_webhook;
pub(crate) mod slash;
pub(crate) mod stream_events;
pub(crate) mod test_webhook;
pub(crate) mod unknown_path;
pub(crate) mod upload_image;

mod credentials;
mod image_id;
mod webhook_id;
