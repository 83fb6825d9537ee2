use resizinator_shared::settings::DatabaseUrl;
use resizinator_shared::testing::metadata::run_sql;

use super::{Running, api, keys, migrate_to, settings, stopped_source};
use crate::eventually::eventually;
use crate::one_process::OneProcess;
use crate::services::Services;

/// So many rows that writing them takes a while.
const TOMBSTONES: i64 = 30_000;
/// So many objects that a copy is far from its end while they are counted.
const OBJECTS: usize = 500;
const INSERTING: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND query LIKE 'INSERT INTO images%'";

/// Inserts tombstones, which have no objects.
async fn insert_tombstones(source: &OneProcess) {
    let url = DatabaseUrl::Sqlite(source.folder.path().join("data/resizinator.sqlite3"));
    let sql = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {TOMBSTONES})
         INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, purge_after, created_at, updated_at)
         SELECT 1, 'deleted', printf('%032x', n), 'a.png', 'png', 70, '', '2999-01-01 00:00:00',
                '2026-01-01 00:00:00.25', '2026-01-01 00:00:00' FROM n"
    );
    run_sql(&url, &sql).await;
}

/// Adds so many objects that copying them takes a while. No row knows them.
fn add_objects(source: &OneProcess) {
    for number in 0..OBJECTS {
        let folder = source.folder.path().join(format!("data/objects/ff/ff{number:030x}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("original.png"), format!("object {number}")).expect("a file");
    }
}

#[tokio::test]
async fn whenever_it_is_killed_it_goes_on_and_nothing_is_there_twice() {
    let (source, user, ids) = stopped_source(60).await;
    insert_tombstones(&source).await;
    add_objects(&source);
    let all = TOMBSTONES + 60;
    let objects = keys(&source);
    let target = Services::new().await;
    let settings = settings(&source, &target);

    for round in 1..=3 {
        let before = target.objects.list().await.len();
        let mut running = Running::start(&settings);
        eventually("more objects are copied", async || {
            (running.has_ended() || target.objects.list().await.len() > before).then_some(())
        })
        .await;
        if round == 2 {
            assert!(!running.has_ended(), "there is much left to copy");
            running.pause();
            migrate_to(&settings).await.assert_refused(&["DATABASE_URL: stop the service", "is in use"]);
        }
        drop(running);
        if round == 1 {
            assert!(target.objects.list().await.len() < objects.len(), "it was killed before the end");
        }
        assert_eq!(target.rows().await, 0, "the rows come last");
    }
    for _ in 0..3 {
        let mut running = Running::start(&settings);
        eventually("rows are written", async || {
            (running.has_ended() || target.number(INSERTING).await > 0).then_some(())
        })
        .await;
        drop(running);
        let rows = target.rows().await;
        assert!(rows == 0 || rows == all, "{rows} of {all} rows are there");
    }
    let already = target.objects.list().await;
    assert_eq!(already, objects);

    let done = migrate_to(&settings).await;
    done.assert_done();
    assert!(done.printed.contains("(0 of them copied now)"), "{}", done.printed);
    assert_eq!(target.rows().await, all);
    assert_eq!(target.number("SELECT count(*) FROM users").await, 1);
    assert_eq!(target.number("SELECT images FROM user_totals").await, 60);
    assert_eq!(target.objects.list().await, objects);
    let again = migrate_to(&settings).await;
    again.assert_done();
    assert!(again.printed.contains("(copied before)"), "{}", again.printed);
    let (_api, base) = api(&source, &target).await;
    user.at(&base).until_all_ready(&ids).await;
}

#[tokio::test]
async fn an_object_that_came_over_damaged_is_copied_again() {
    let (source, _, _) = stopped_source(2).await;
    let target = Services::new().await;
    let settings = settings(&source, &target);
    let objects = keys(&source);
    target.objects.put(&objects[0], "half of it".into()).await;
    let same_length = std::fs::metadata(source.folder.path().join("data/objects").join(&objects[1]));
    let same_length = "x".repeat(usize::try_from(same_length.expect("a file").len()).expect("a size"));
    target.objects.put(&objects[1], same_length).await;
    let done = migrate_to(&settings).await;
    done.assert_done();
    assert!(
        done.printed.contains("6 objects of ") && done.printed.contains("(6 of them copied now)"),
        "{}",
        done.printed
    );
}
