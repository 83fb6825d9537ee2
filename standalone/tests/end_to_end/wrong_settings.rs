//! Tests of a wrong setting or a foreign database, which stops the start with a sentence.

use std::process::Output;

use crate::process::{command, environment};

/// Starts a process that has to refuse the start, and returns what it says. It runs in its own folder, since the
/// default data folder is relative.
fn refusal(name: &str, settings: [(&str, &str); 2]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = command(name, &environment(settings));
    let Output { status, stdout, stderr } = command.current_dir(&folder).output().expect("it runs");
    let said = String::from_utf8(stderr).expect("UTF-8");
    assert_eq!(status.code(), Some(1), "{name}: {said}");
    assert!(stdout.is_empty());
    assert!(!said.contains("panicked"), "{said}");
    assert!(folder.path().read_dir().expect("the folder").next().is_none(), "it left files behind");
    said
}

const BINARIES: [&str; 3] = ["resizinator", "resizinator-api", "resizinator-worker"];

#[test]
fn a_wrong_value_is_named_with_what_is_expected() {
    for name in BINARIES {
        let said = refusal(name, [("RESIZINATOR_SLOTS", "many"), ("QUEUE_URL", "amqp://localhost")]);
        assert!(said.contains("RESIZINATOR_SLOTS is \"many\": a whole number from 1 to"), "{said}");
    }
}

#[test]
fn values_that_contradict_each_other_are_refused() {
    for name in BINARIES {
        let said = refusal(name, [("RESIZINATOR_GRACE", "10"), ("RESIZINATOR_RENDER_TIMEOUT", "20")]);
        assert!(said.contains("RESIZINATOR_GRACE is \"10\"") && said.contains("20 seconds"), "{said}");
    }
}

#[test]
fn a_password_in_a_wrong_url_is_not_shown() {
    for name in BINARIES {
        let said = refusal(
            name,
            [("DATABASE_URL", "mysql://me:hunter2@host/db"), ("QUEUE_URL", "amqp://localhost")],
        );
        assert!(said.contains("DATABASE_URL is (hidden") && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn one_end_of_the_queue_alone_refuses_the_in_process_queue() {
    for name in ["resizinator-api", "resizinator-worker"] {
        for queue in ["", "in-process"] {
            let said = refusal(name, [("QUEUE_URL", queue), ("RUST_LOG", "info")]);
            assert!(
                said.contains("QUEUE_URL is") && said.contains("amqp://") && said.contains(name),
                "{said}"
            );
        }
    }
}

#[test]
fn tables_that_do_not_fit_end_the_process_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("metadata.sqlite3");
    std::fs::write(&database, [b'?'; 4096]).expect("a file that is no database");
    let database = format!("sqlite://{}", database.display());
    for name in BINARIES {
        let queue = if name == "resizinator" { "in-process" } else { "amqp://localhost:1" };
        let settings = environment([
            ("DATABASE_URL", &database),
            ("QUEUE_URL", queue),
            ("RESIZINATOR_LISTEN", "127.0.0.1:0"),
        ]);
        let mut command = command(name, &settings);
        let Output { status, stderr, .. } = command.current_dir(&folder).output().expect("it runs");
        let said = String::from_utf8(stderr).expect("UTF-8");
        assert_eq!(status.code(), Some(1), "{name}: {said}");
        assert!(
            said.contains("the statement \"migrate\" failed") && said.contains("not a database"),
            "{name}: {said}"
        );
    }
}
