//! Every command once, on both databases.

use super::{attempt, embedded, operate, operate_with};
use crate::client::new_password;
use crate::process::Environment;
use crate::services::Services;

fn tour(environment: &Environment) {
    let printed = |arguments: &[&str]| operate(environment, arguments).printed;
    let made = operate_with(environment, &["create", "ada"], &new_password());
    assert_eq!(made.printed, "User ada has id 1.\n");
    operate_with(environment, &["create", "bob"], &new_password());
    let again = attempt(environment, &["create", "ada"], &new_password());
    again.assert_refused("there is a user ada already");

    assert_eq!(printed(&["disable", "bob"]), "User bob is disabled.\n");
    assert_eq!(printed(&["enable", "bob"]), "User bob is enabled.\n");
    assert_eq!(printed(&["disable", "bob"]), "User bob is disabled.\n");
    assert_eq!(printed(&["admin", "bob", "on"]), "User bob may use the endpoints for operators.\n");
    assert_eq!(printed(&["admin", "bob", "off"]), "User bob may not use the endpoints for operators.\n");
    assert_eq!(printed(&["admin", "ada", "on"]), "User ada may use the endpoints for operators.\n");
    let changed = operate_with(environment, &["set-password", "bob"], &new_password());
    assert_eq!(changed.printed, "User bob has a new password, and no token any more.\n");
    let quotas = "images: 0 of 3\nbytes: 0 of unlimited\n";
    assert_eq!(printed(&["quota", "ada", "--images", "3", "--bytes", "unlimited"]), quotas);
    assert_eq!(printed(&["quota", "ada"]), quotas);

    let list = operate(environment, &["list"]);
    let rows: Vec<_> = list.rows().into_iter().map(|row| row[..8].join(" ")).collect();
    assert_eq!(rows, ["1 ada active admin 0 0 3 unlimited", "2 bob disabled - 0 0 default default"]);
    assert!(list.rows().iter().all(|row| row.len() == 9 && row[8].ends_with('Z')), "{}", list.printed);

    let deleted = operate(environment, &["delete", "bob", "--yes"]);
    assert_eq!(deleted.printed, "User bob is deleted. The running api removes the 0 images now.\n");
    let list = operate(environment, &["list"]);
    assert_eq!(list.rows()[1][..4], ["2", "bob", "deleted", "-"]);
    let log = operate(environment, &["log", "bob"]);
    let events: Vec<_> = log.rows().into_iter().map(|row| row[1..].join(" ")).collect();
    let of_bob = [
        "created",
        "disabled",
        "enabled",
        "disabled",
        "admin_granted",
        "admin_revoked",
        "password_changed",
        "deleted",
    ];
    assert_eq!(events, of_bob.map(|event| format!("2 {event} - -")));
}

#[test]
fn every_command_does_its_work_on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tour(&embedded(folder.path()));
}

#[tokio::test]
async fn every_command_does_its_work_on_postgres() {
    let services = Services::new().await;
    tour(&services.environment([]));
}

#[test]
fn an_unknown_name_is_refused_by_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    for arguments in [
        &["enable", "nobody"][..],
        &["disable", "nobody"],
        &["delete", "nobody", "--yes"],
        &["set-password", "nobody"],
        &["quota", "nobody"],
        &["quota", "nobody", "--images", "1"],
        &["admin", "nobody", "on"],
        &["log", "nobody"],
    ] {
        attempt(&environment, arguments, "a password").assert_refused("there is no user nobody");
    }
}
