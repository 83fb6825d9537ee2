use std::time::Duration;

use resizinator_shared::account::AccountEvent;
use resizinator_shared::testing::username;

use super::{Answer, embedded, operate, operate_with, store};
use crate::client::{User, new_password};
use crate::one_process::OneProcess;

/// The user and the event of each line.
fn events(log: &Answer) -> Vec<(&str, &str)> {
    log.rows().into_iter().map(|row| (row[1], row[2])).collect()
}

#[tokio::test]
async fn the_log_has_what_users_and_operators_do_in_the_order_of_time() {
    let app = OneProcess::start().await;
    let password = new_password();
    operate_with(&app.environment, &["create", "ada"], &password);
    operate(&app.environment, &["admin", "ada", "on"]);
    User::log_in(&app.base, "ada", &password).await.expect("a token");
    operate(&app.environment, &["quota", "ada", "--images", "5"]);
    operate(&app.environment, &["delete", "ada", "--yes"]);
    User::new(&app.base).await;

    let log = operate(&app.environment, &["log", "ada"]);
    let of_ada = ["created", "admin_granted", "login", "quota_changed", "deleted"];
    assert_eq!(events(&log), of_ada.map(|event| ("1", event)));
    let details: Vec<_> = log.rows().into_iter().map(|row| row[4]).collect();
    assert_eq!(details[3], "images 5, bytes default");
    let times: Vec<_> = log.rows().into_iter().map(|row| row[0]).collect();
    assert!(times.is_sorted() && times.iter().all(|time| time.ends_with('Z')), "{times:?}");

    let latest = operate(&app.environment, &["log", "ada", "--limit", "2"]);
    assert_eq!(events(&latest), [("1", "quota_changed"), ("1", "deleted")]);
}

#[tokio::test]
async fn the_log_of_a_name_shows_every_user_who_had_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (environment, store) = (embedded(folder.path()), store(folder.path()).await);
    operate_with(&environment, &["create", "ada"], &new_password());
    operate_with(&environment, &["create", "bob"], &new_password());
    operate(&environment, &["delete", "ada", "--yes"]);
    // Upkeep does this, but no service runs.
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 1);
    let of_first = [("1", "created"), ("1", "deleted")];
    assert_eq!(events(&operate(&environment, &["log", "ada"])), of_first, "nobody has the name now");
    operate_with(&environment, &["create", "ada"], &new_password());
    let of_both = [of_first[0], of_first[1], ("3", "created")];
    assert_eq!(events(&operate(&environment, &["log", "ada"])), of_both);
}

#[tokio::test]
async fn a_log_longer_than_a_page_is_printed_up_to_its_limit() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (environment, store) = (embedded(folder.path()), store(folder.path()).await);
    store.create_user(&username("ada"), "no hash", None).await.expect("a user");
    let ada = store.find_user(&username("ada")).await.expect("a query").expect("the user");
    for _ in 0..600 {
        store.record(&ada, AccountEvent::LoginFailed, None).await.expect("records");
    }
    store.set_active(&ada, false).await.expect("disables");
    let log = operate(&environment, &["log", "ada"]);
    let (first, last) = (("1", "created"), ("1", "disabled"));
    let all = events(&log);
    assert_eq!((all.len(), all.first(), all.last()), (602, Some(&first), Some(&last)));
    let latest = operate(&environment, &["log", "ada", "--limit", "501"]);
    assert_eq!(latest.rows(), log.rows()[101..]);
    let none = super::attempt(&environment, &["log", "ada", "--limit", "0"], "");
    assert!(none.code == Some(2) && none.said.contains("--limit"), "{}", none.said);
}

#[tokio::test]
async fn a_user_whose_events_are_forgotten_has_an_empty_log() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (environment, store) = (embedded(folder.path()), store(folder.path()).await);
    operate_with(&environment, &["create", "ada"], &new_password());
    assert_eq!(store.forget_events(Duration::ZERO, 10).await.expect("forgets"), 1);
    assert_eq!(operate(&environment, &["log", "ada"]).printed, "");
}
