use resizinator_shared::testing::username;

use super::{attempt, embedded, operate, operate_with, store};
use crate::client::{User, new_password};
use crate::one_process::OneProcess;
use crate::pictures;

/// A name that would break a line and its columns.
const ODD: &str = "a\tb\nc\u{1b}[31m\u{202e}";
const ESCAPED: &str = r"a\tb\nc\u{1b}[31m\u{202e}";

#[tokio::test]
async fn a_user_is_listed_with_what_they_have() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let photo = pictures::photo(64, 48);
    for _ in 0..2 {
        user.upload("photo.jpg", photo.clone()).await;
    }
    let list = operate(&app.environment, &["list"]);
    let bytes = (2 * photo.len()).to_string();
    let row = ["1", &user.name, "active", "-", "2", &bytes, "default", "default"];
    assert_eq!(list.rows()[0][..8], row);
}

#[test]
fn an_odd_name_breaks_no_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    let printed = |arguments: &[&str]| operate_with(&environment, arguments, &new_password()).printed;
    assert_eq!(printed(&["create", ODD]), format!("User {ESCAPED} has id 1.\n"));
    assert_eq!(printed(&["disable", ODD]), format!("User {ESCAPED} is disabled.\n"));
    assert_eq!(printed(&["enable", ODD]), format!("User {ESCAPED} is enabled.\n"));
    let may = format!("User {ESCAPED} may use the endpoints for operators.\n");
    assert_eq!(printed(&["admin", ODD, "on"]), may);
    let changed = format!("User {ESCAPED} has a new password, and no token any more.\n");
    assert_eq!(printed(&["set-password", ODD]), changed);
    let list = operate(&environment, &["list"]);
    assert_eq!(list.rows().iter().map(|row| (row.len(), row[1])).collect::<Vec<_>>(), [(9, ESCAPED)]);
    let log = operate(&environment, &["log", ODD]);
    assert!(log.rows().len() == 5 && log.rows().iter().all(|row| row.len() == 5), "{}", log.printed);
    let refused = attempt(&environment, &["delete", ODD], "");
    refused.assert_refused(&format!("user {ESCAPED} would be deleted"));
    let deleted = printed(&["delete", ODD, "--yes"]);
    assert!(deleted.starts_with(&format!("User {ESCAPED} is deleted.")), "{deleted}");
    attempt(&environment, &["enable", ODD], "").assert_refused(&format!("user {ESCAPED} is deleted"));
    let unknown = attempt(&environment, &["enable", "no\none"], "");
    unknown.assert_refused(r"there is no user no\none");
}

#[tokio::test]
async fn more_users_than_fit_into_a_page_are_all_listed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = store(folder.path()).await;
    for number in 1..=501 {
        store.create_user(&username(&format!("user-{number}")), "no hash", None).await.expect("a user");
    }
    let list = operate(&embedded(folder.path()), &["list"]);
    let listed: Vec<_> = list.rows().into_iter().map(|row| [row[0], row[1]].join(" ")).collect();
    assert_eq!(listed, (1..=501).map(|number| format!("{number} user-{number}")).collect::<Vec<_>>());
}

#[test]
fn the_help_says_what_the_columns_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    for (command, part) in [("list", "quota of images"), ("log", "address of the client")] {
        let help = operate(&environment, &[command, "--help"]);
        let words = help.printed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(part) && words.contains("separated by tabs"), "{words}");
    }
    let help = operate(&environment, &["admin", "--help"]);
    assert!(help.printed.contains("the endpoints for operators"), "{}", help.printed);
}
