//! The helpers that the tests share.

mod answer;
mod app;
mod event_source;
mod form;
mod images;
mod leftovers;
mod proxy;
mod raw;
mod receiver;
mod services;
mod small_disk;
mod user;

pub(crate) use answer::Answer;
pub(crate) use app::{TestApp, send, until};
pub(crate) use event_source::EventSource;
pub(crate) use form::{Form, JSON, URLENCODED};
pub(crate) use images::{bmp, encoded, png, png_of_height};
pub(crate) use leftovers::{assert_left_nothing, temporary_files};
pub(crate) use proxy::{ClosedPort, Proxy};
pub(crate) use raw::{Line, early_answer, next_answer, raw_answer, raw_status, upload_head};
pub(crate) use receiver::Receiver;
pub(crate) use services::{database, on_services, on_services_with, on_storage, s3};
pub(crate) use small_disk::SmallDisk;
pub(crate) use user::User;

/// Runs each test twice: with SQLite and a folder, and with Postgres and S3.
macro_rules! on_every_backend {
    ($($story:ident)+) => {
        mod on_the_embedded_default {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::helpers::TestApp::start().await).await;
            })+
        }
        mod on_postgres_and_s3 {
            $(#[tokio::test]
            async fn $story() {
                crate::helpers::on_services(super::$story).await;
            })+
        }
    };
}
pub(crate) use on_every_backend;
