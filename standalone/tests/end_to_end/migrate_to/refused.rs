use resizinator_shared::settings::DatabaseUrl;
use resizinator_shared::testing::metadata::run_sql;

use super::{folder, migrate_to, settings, stopped_source};
use crate::client::User;
use crate::one_process::OneProcess;
use crate::process::{Environment, environment};
use crate::services::Services;

fn with(settings: &Environment, changed: &[(&str, &str)]) -> Environment {
    let mut all = settings.clone();
    for (name, value) in changed {
        all.extend(environment([(*name, *value)]));
    }
    all
}

/// Settings that are wrong in some way.
type Settings<'a> = &'a [(&'a str, &'a str)];
/// What the sentence about them has in it.
type Words<'a> = &'a [&'a str];

#[tokio::test]
async fn a_source_whose_service_runs_is_refused() {
    let source = OneProcess::start().await;
    let target = Services::new().await;
    let refused = migrate_to(&settings(&source, &target)).await;
    refused.assert_refused(&["DATABASE_URL: stop the service before its data are copied", "is in use"]);
    User::new(&source.base).await;

    // The services of a target become a source that runs, too.
    let (_api, _) = target.api().await;
    let place = folder();
    let place = place.path().to_str().expect("UTF-8");
    let mut back = target.environment([]);
    back.extend(environment([("TO_DATABASE_URL", &*format!("sqlite://{place}/db.sqlite3"))]));
    let refused = migrate_to(&back).await;
    refused.assert_refused(&["DATABASE_URL: stop the service", "other connections of its user are open"]);
}

#[tokio::test]
async fn a_target_with_other_data_is_refused_and_stays_as_it_is() {
    let (source, _, _) = stopped_source(1).await;
    let target = Services::new().await;
    {
        let (_api, base) = target.api().await;
        User::new(&base).await;
    }
    let all = settings(&source, &target);
    let refused = migrate_to(&all).await;
    refused.assert_refused(&["TO_DATABASE_URL: an empty database is expected", "rows already"]);
    assert_eq!(target.number("SELECT count(*) FROM users").await, 1);
    assert!(target.objects.list().await.is_empty());

    let target = Services::new().await;
    let foreign = "01/0123456789abcdef0123456789abcdef/original.jpg";
    target.objects.put(foreign, "somebody's".into()).await;
    let refused = migrate_to(&settings(&source, &target)).await;
    refused.assert_refused(&[
        "TO_STORAGE_URL: the object 01/0123456789abcdef",
        "without other objects is expected",
    ]);
    assert_eq!(target.objects.list().await, [foreign]);
    assert_eq!(target.rows().await, 0);
}

#[tokio::test]
async fn what_cannot_be_used_is_named_with_what_is_expected() {
    let (source, _, _) = stopped_source(1).await;
    let target = Services::new().await;
    let all = settings(&source, &target);
    let nowhere = folder();
    let nowhere = nowhere.path().join("nowhere");
    let nowhere = nowhere.to_str().expect("UTF-8");
    let data = source.folder.path().join("data");
    let data = data.to_str().expect("UTF-8");
    let wrong_password = target.database_url().replace(":resizinator@", ":wrong@");
    let no_bucket = target.objects.url.replacen("s3://resizinator", "s3://no-such-bucket", 1);
    let no_objects = format!("file://{nowhere}");
    let same_file = format!("sqlite://{data}/../data/resizinator.sqlite3");
    let same_folder = format!("file://{data}/objects");
    let cases: [(Settings<'_>, Words<'_>); 9] = [
        (
            &[("TO_DATABASE_URL", ""), ("TO_STORAGE_URL", "")],
            &["TO_DATABASE_URL and TO_STORAGE_URL are not set"],
        ),
        (&[("TO_DATABASE_URL", "mysql://me:secret@host/db")], &["TO_DATABASE_URL is (hidden", "postgres://"]),
        (
            &[("TO_DATABASE_URL", &wrong_password)],
            &["TO_DATABASE_URL: ", "takes this user and password, is expected"],
        ),
        (&[("TO_DATABASE_URL", &same_file)], &["TO_DATABASE_URL names the same database as DATABASE_URL"]),
        (&[("TO_STORAGE_URL", "bucket")], &["TO_STORAGE_URL is \"bucket\"", "s3://BUCKET"]),
        (
            &[("TO_STORAGE_URL", &no_bucket)],
            &["TO_STORAGE_URL: ", "a bucket that is there", "the bucket no-such-bucket does not exist"],
        ),
        (&[("TO_STORAGE_URL", &same_folder)], &["TO_STORAGE_URL names the same place as STORAGE_URL"]),
        (&[("RESIZINATOR_DATA", nowhere)], &["DATABASE_URL: there is no file ", nowhere]),
        (&[("STORAGE_URL", &no_objects)], &["STORAGE_URL: there is no folder ", nowhere]),
    ];
    for (changed, parts) in cases {
        migrate_to(&with(&all, changed)).await.assert_refused(parts);
    }
    assert!(!std::path::Path::new(nowhere).exists(), "a source that is not there is not made");
    assert!(target.objects.list().await.is_empty());

    let url = DatabaseUrl::Sqlite(source.folder.path().join("data/resizinator.sqlite3"));
    run_sql(&url, "DELETE FROM __diesel_schema_migrations WHERE version LIKE '20261127%'").await;
    migrate_to(&all)
        .await
        .assert_refused(&["DATABASE_URL: the tables are those of another version", "migrate"]);
}
