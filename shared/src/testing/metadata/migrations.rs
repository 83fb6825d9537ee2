//! The behaviours of migrations: each runs once, whichever process runs it.

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::*;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

/// Every start runs the migrations, and only the first one finds something to do.
pub async fn a_second_migration_finds_nothing_to_do(url: DatabaseUrl) {
    let store = open(&url);
    assert!(!store.migrate().await.expect("migrates").is_empty());
    assert!(store.migrate().await.expect("migrates again").is_empty());
    assert!(open(&url).migrate().await.expect("migrates from another store").is_empty());
}

/// Replicas that start at the same time all have a usable schema afterwards.
pub async fn eight_stores_that_migrate_at_once_all_succeed(url: DatabaseUrl) {
    let stores: Vec<_> = (0..8).map(|_| open(&url)).collect();
    let outcomes = at_once(8, |number| {
        let store = stores[number].clone();
        async move {
            let done = store.migrate().await?;
            store.create_user(&username(&format!("user-{number}")), "hash", None).await?;
            Ok::<_, crate::metadata::MetadataError>(done)
        }
    });
    let done: Vec<_> = outcomes.await.into_iter().map(|outcome| outcome.expect("migrates")).collect();
    assert_eq!(done.iter().filter(|done| !done.is_empty()).count(), 1, "{done:?}");
    stores[0].check().await.expect("answers");
}

/// A migration does not disturb another replica that is working.
pub async fn a_store_in_use_can_be_migrated_again(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let working = async {
        for _ in 0..20 {
            accepted(&store, ada).await;
        }
    };
    let other = open(&url);
    let migrating = async {
        for _ in 0..5 {
            assert!(other.migrate().await.expect("migrates").is_empty());
        }
    };
    tokio::join!(working, migrating);
    assert_eq!(listed(&other, ada).await.0, 20);
}

/// Each migration can be undone with rows in every table: what the tables before it have stays, the schema is the one of
/// before, and the migration can run again.
pub async fn every_migration_can_be_undone_and_done_again(url: DatabaseUrl) {
    // Opening the store makes the file of SQLite.
    open(&url).check().await.expect("makes the database");
    let count = match &url {
        DatabaseUrl::Sqlite(_) => MigrationSource::<Sqlite>::migrations(&SQLITE).expect("migrations").len(),
        DatabaseUrl::Postgres(_) => MigrationSource::<Pg>::migrations(&POSTGRES).expect("migrations").len(),
    };
    for number in 1..=count {
        let before = catalog::schema(&url).await;
        let mut older = Vec::new();
        for table in catalog::tables(&url).await {
            older.push((table.clone(), catalog::columns(&url, &table).await));
        }
        migrate_once(&url, Step::Up).await;
        let after = catalog::schema(&url).await;
        assert_ne!(after, before, "migration {number} does something");
        catalog::fill(&url, number).await;
        let rows = rows_of(&url, &older).await;
        migrate_once(&url, Step::Down).await;
        assert_eq!(catalog::schema(&url).await, before, "after migration {number} was undone");
        assert_eq!(rows_of(&url, &older).await, rows, "after migration {number} was undone");
        migrate_once(&url, Step::Up).await;
        assert_eq!(catalog::schema(&url).await, after, "after migration {number} was done again");
        assert_eq!(rows_of(&url, &older).await, rows, "after migration {number} was done again");
        catalog::fill(&url, number).await;
    }
    let store = open(&url);
    assert!(store.migrate().await.expect("migrates").is_empty());
    assert_eq!(store.users(None, 100).await.expect("lists users").len(), count);
}

async fn rows_of(url: &DatabaseUrl, tables: &[(String, Vec<catalog::Column>)]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (table, columns) in tables {
        rows.push(catalog::rows(url, table, columns).await);
    }
    rows
}

/// Runs the next migration, or undoes the last one.
async fn migrate_once(url: &DatabaseUrl, step: Step) {
    match url {
        DatabaseUrl::Sqlite(file) => {
            let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("opens the file");
            run(&mut conn, SQLITE, step);
        }
        DatabaseUrl::Postgres(url) => {
            let conn = AsyncPgConnection::establish(url).await.expect("reaches the database");
            let work =
                move || run(&mut AsyncConnectionWrapper::<AsyncPgConnection>::from(conn), POSTGRES, step);
            tokio::task::spawn_blocking(work).await.expect("does not panic");
        }
    }
}

fn run<DB: Backend>(conn: &mut impl MigrationHarness<DB>, migrations: EmbeddedMigrations, step: Step) {
    match step {
        Step::Up => drop(conn.run_next_migration(migrations).expect("runs")),
        Step::Down => drop(conn.revert_last_migration(migrations).expect("is undone")),
    }
}

/// A service whose user may only read and write rows starts, works, and says what to do if a migration is due.
pub async fn a_user_without_rights_to_the_schema_can_start(url: DatabaseUrl) {
    let owner = migrated(&url).await;
    // The roles of a server are common to all its databases, so this one has a name of its own.
    let role = format!("resizinator_test_{:032x}", rand::random::<u128>());
    run_sql(
        &url,
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'rows';
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
             GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
        ),
    )
    .await;
    let store = open(&as_user(&url, &role, "rows"));
    assert!(store.migrate().await.expect("starts").is_empty());
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    assert!(store.delete_image(ada, image.id).await.expect("deletes"));
    assert_eq!(existing(&owner, "ada").await.id, ada);

    run_sql(
        &url,
        "DELETE FROM __diesel_schema_migrations
         WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    )
    .await;
    let error = store.migrate().await.expect_err("may not change the tables").to_string();
    assert!(error.contains("permission denied") && error.contains("resizinator migrate"), "{error}");
    run_sql(&url, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

/// The same database of PostgreSQL for another user.
fn as_user(url: &DatabaseUrl, name: &str, password: &str) -> DatabaseUrl {
    let DatabaseUrl::Postgres(text) = url else { panic!("only PostgreSQL has users") };
    let mut url = url::Url::parse(text).expect("a URL");
    url.set_username(name).and_then(|()| url.set_password(Some(password))).expect("a URL with a host");
    DatabaseUrl::Postgres(url.into())
}
