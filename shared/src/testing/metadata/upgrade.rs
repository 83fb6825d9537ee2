//! The behaviours of an upgrade from the schema of the last release, with rows in it.

use super::*;
use crate::account::Totals;

/// The schema of the release before accounts had quotas: the version that diesel gives each migration, and its SQL.
macro_rules! released_schema {
    ($database:literal) => {
        released_schema! { $database:
            "20261123000000" "2026-11-23-000000_images_and_users",
            "20261124000000" "2026-11-24-000000_operators",
            "20261124120000" "2026-11-24-120000_shared_upkeep",
            "20261126180000" "2026-11-26-180000_missing_originals",
            "20261126190000" "2026-11-26-190000_variant_sizes",
        }
    };
    ($database:literal: $($version:literal $name:literal,)+) => {
        [$((
            $version,
            include_str!(concat!("../../../../migrations/", $database, "/", $name, "/up.sql")),
        )),+]
    };
}

/// The images and the bytes of each user are counted, tokens go on, and names that do not collide are normalised.
pub async fn rows_of_the_last_release_are_kept(url: DatabaseUrl) {
    release(&url).await;
    let store = migrated(&url).await;
    let ada = existing(&store, "ada").await;
    assert_eq!(quotas::totals(&store, ada.id).await, Totals { images: 4, bytes: 4 * 70 });
    assert_eq!(listed(&store, ada.id).await.0, 4);
    let bob = existing(&store, "bob").await;
    assert_eq!(quotas::totals(&store, bob.id).await, Totals::default());
    let token = store.holder_of_token("hash-of-ada", LONG).await.expect("looks up").expect("is there");
    assert_eq!((token.user.id, token.totals.images), (ada.id, 4), "a token is not too old after an upgrade");
    let accepted = accepted(&store, bob.id).await;
    assert!(store.delete_image(bob.id, accepted.id).await.expect("deletes"));
    assert_eq!(quotas::totals(&store, bob.id).await, Totals::default());
    assert!(ada.active && !ada.admin);
}

/// A name in another form is brought into NFKC. Of two users with the same name in that form the first has it, and the
/// other logs in with the name as it was stored.
pub async fn of_names_that_look_the_same_the_first_is_normalised(url: DatabaseUrl) {
    release(&url).await;
    for round in 0..2 {
        let store = migrated(&url).await;
        let zoe = existing(&store, "Zo\u{eb}").await;
        assert_eq!(
            (zoe.username.as_str(), zoe.password_hash.as_str()),
            ("Zo\u{eb}", "zoe"),
            "in round {round}"
        );
        assert_eq!(existing(&store, "Zoe\u{308}").await, zoe, "spelled as before");
        let wide = existing(&store, "ａｄａ").await;
        assert_eq!((wide.username.as_str(), wide.password_hash.as_str()), ("ａｄａ", "wide ada"));
        assert_eq!(existing(&store, "ada").await.password_hash, "ada");
        assert_eq!(existing(&store, "ＥＶＥ").await.password_hash, "wide eve", "the first of two");
        assert_eq!(existing(&store, "EVE").await.password_hash, "wide eve");
        assert_eq!(existing(&store, "ＥＶE").await.password_hash, "half-wide eve", "as it was stored");
    }
}

/// Makes the tables of the release, and rows of every kind.
async fn release(url: &DatabaseUrl) {
    let schema = match url {
        DatabaseUrl::Sqlite(_) => released_schema!("sqlite"),
        DatabaseUrl::Postgres(_) => released_schema!("postgres"),
    };
    // Opening the store makes the file of SQLite.
    open(url).check().await.expect("makes the database");
    run_sql(
        url,
        "CREATE TABLE __diesel_schema_migrations (
             version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    )
    .await;
    for (version, sql) in schema {
        run_sql(url, sql).await;
        run_sql(url, &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')")).await;
    }
    run_sql(
        url,
        "INSERT INTO users (username, password_hash, created_at) VALUES
             ('ada', 'ada', '2020-01-01 00:00:00'), ('bob', 'bob', '2020-01-01 00:00:00'),
             ('Zoe\u{308}', 'zoe', '2020-01-01 00:00:00'), ('ａｄａ', 'wide ada', '2020-01-01 00:00:00'),
             ('ＥＶＥ', 'wide eve', '2020-01-01 00:00:00'), ('ＥＶE', 'half-wide eve', '2020-01-01 00:00:00');
         INSERT INTO tokens (user_id, key_hash, created_at)
             SELECT id, 'hash-of-ada', '2020-01-01 00:00:00' FROM users WHERE username = 'ada'",
    )
    .await;
    for state in ["receiving", "pending", "processing", "ready", "failed", "deleted"] {
        run_sql(
            url,
            &format!(
                "INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, created_at, updated_at)
                 SELECT id, '{state}', '{}', 'a.png', 'png', 70, '', '2020-01-01 00:00:00', '2020-01-01 00:00:00'
                 FROM users WHERE username = 'ada'",
                ObjectId::random()
            ),
        )
        .await;
    }
}
