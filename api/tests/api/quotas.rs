//! Tests of the quotas: how many images and bytes a user may have.

use std::cell::Cell;

use futures_util::future::join_all;
use resizinator_shared::account::{OwnQuotas, Quota, Quotas};
use resizinator_shared::settings::Settings;

use crate::helpers::{Answer, TestApp, User, early_answer, on_services_with, png, until, upload_head};

/// Runs a test with SQLite and a folder, and with Postgres, S3 and two apis, with these quotas.
macro_rules! with_quotas {
    ($($story:ident: $images:expr, $bytes:expr;)+) => {
        mod on_the_embedded_default {
            use super::*;

            $(#[tokio::test]
            async fn $story() {
                let app = TestApp::start_with(quotas($images, $bytes)).await;
                super::$story(&app, &app).await;
            })+
        }
        mod on_two_replicas {
            use super::*;

            $(#[tokio::test]
            async fn $story() {
                on_services_with(quotas($images, $bytes), async |start| {
                    let (first, second) = (start.api().await, start.api().await);
                    super::$story(&first, &second).await;
                })
                .await;
            })+
        }
    };
}

with_quotas! {
    of_64_uploads_at_once_those_that_fit_are_accepted: Quota::at_most(10), Quota::UNLIMITED;
    bytes_are_counted_at_once_too: Quota::UNLIMITED, Quota::at_most(7 * size() + size() / 2);
    a_refusal_names_limit_and_use: Quota::at_most(2), Quota::UNLIMITED;
    a_refusal_names_the_size: Quota::UNLIMITED, Quota::at_most(2 * size() - 1);
    an_operator_gives_one_user_more: Quota::at_most(1), Quota::at_most(1_000_000);
}

async fn of_64_uploads_at_once_those_that_fit_are_accepted(first: &TestApp, second: &TestApp) {
    race(first, second, 10).await;
}

async fn bytes_are_counted_at_once_too(first: &TestApp, second: &TestApp) {
    race(first, second, 7).await;
}

/// 64 uploads of the same user at once, half of them on each api.
async fn race(first: &TestApp, second: &TestApp, fits: usize) {
    let ada = first.user("ada").await;
    let on_second = User::new(second, ada.token.clone());
    let overloaded = Cell::new(false);
    let uploads = (0..64).map(|number| {
        let user = if number % 2 == 0 { &ada } else { &on_second };
        let overloaded = &overloaded;
        async move { definite(user, overloaded).await }
    });
    let answers = join_all(uploads).await;
    let accepted = answers.iter().filter(|answer| answer.status == 201).count();
    // Whoever is told that the service is overloaded does not know whether the upload was accepted.
    assert!(accepted == fits || overloaded.get() && accepted < fits, "{accepted} of {fits}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_over(answer);
    }
    assert_eq!(ada.get("/image/").await.json()["count"], fits);
    let used = &ada.get("/limits/").await.json()["quotas"];
    assert_eq!(
        (&used["images"]["used"], &used["bytes"]["used"]),
        (&fits.into(), &(fits as u64 * size()).into())
    );
    // Nothing of what was refused stays. What nobody knows of is removed minutes later.
    if overloaded.get() {
        return;
    }
    until("only accepted originals are left", async || {
        first.backends.objects.list("", 100).await.expect("an answer").len() == fits
    })
    .await;
}

/// The answer to an upload, which is tried again as long as the answer is that the service is overloaded: 64 uploads at
/// once may wait longer for a connection to the database than they are let.
async fn definite(user: &User<'_>, overloaded: &Cell<bool>) -> Answer {
    for _ in 0..20 {
        let answer = user.upload("a.png", &png()).await;
        if answer.status != 503 {
            return answer;
        }
        overloaded.set(true);
    }
    panic!("the service is overloaded for too long")
}

async fn a_refusal_names_limit_and_use(app: &TestApp, other: &TestApp) {
    let ada = app.user("ada").await;
    let (image, _) = (ada.uploaded().await, ada.uploaded().await);
    let on_other = User::new(other, ada.token.clone());
    let refused = on_other.upload("a.png", &png()).await;
    refused.assert_refused("The limit max_images_per_user is 2 images, and you have 2.");
    assert_eq!(ada.delete(&format!("/image/{}/", image["id"])).await.status, 204);
    assert_eq!(on_other.upload("a.png", &png()).await.status, 201, "a deletion makes room");
    let bob = app.user("bob").await;
    assert_eq!(bob.upload("a.png", &png()).await.status, 201, "another user has a quota of their own");
}

async fn a_refusal_names_the_size(app: &TestApp, other: &TestApp) {
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let refused = User::new(other, ada.token.clone()).upload("a.png", &png()).await;
    refused.assert_refused(&format!(
        "The limit max_bytes_per_user is {} bytes, you have {size}, and this file has {size}.",
        2 * size() - 1,
        size = size()
    ));
}

async fn an_operator_gives_one_user_more(app: &TestApp, other: &TestApp) {
    let ada = app.user("ada").await;
    ada.uploaded().await;
    assert_over(&ada.upload("a.png", &png()).await);
    let own = OwnQuotas { images: Some(Quota::UNLIMITED), bytes: None };
    assert!(app.backends.metadata.set_quotas(&app.row("ada").await, own).await.expect("an answer"));
    assert_eq!(User::new(other, ada.token.clone()).upload("a.png", &png()).await.status, 201);
    let quotas = ada.get("/limits/").await.json()["quotas"].clone();
    assert_eq!(quotas["images"]["limit"], serde_json::Value::Null);
    assert_eq!(quotas["bytes"]["limit"], 1_000_000);
}

#[tokio::test]
async fn a_user_whose_quota_is_full_need_not_send_the_file() {
    let app = TestApp::start_with(quotas(Quota::at_most(0), Quota::UNLIMITED)).await;
    let ada = app.user("ada").await;
    let answer = early_answer(&app, &upload_head(&ada, "Content-Length: 10000000")).await;
    answer.assert_refused("The limit max_images_per_user is 0 images, and you have 0.");
}

#[tokio::test]
async fn other_mistakes_are_told_before_a_full_quota() {
    let app = TestApp::start_with(quotas(Quota::at_most(0), Quota::UNLIMITED)).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.post("image/png", png()).await.status, 415);
    ada.post("application/json", "{}").await.assert_refused("No file was submitted.");
}

#[track_caller]
fn assert_over(answer: &Answer) {
    let text = answer.text();
    assert_eq!(answer.status, 422, "{text}");
    assert!(text.contains("_per_user is ") && text.contains("you have "), "{text}");
}

fn size() -> u64 {
    png().len() as u64
}

fn quotas(images: Quota, bytes: Quota) -> impl Fn(&mut Settings) {
    move |settings| settings.limits.quotas = Quotas { images, bytes }
}
