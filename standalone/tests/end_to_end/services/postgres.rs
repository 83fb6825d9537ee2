//! The database of a test: each test has its own.

use tokio_postgres::{Client, NoTls};
use url::Url;

pub(crate) struct Database {
    pub(super) url: String,
    name: String,
    server: String,
}

impl Database {
    pub(super) async fn create() -> Self {
        let server = super::variable("TEST_DATABASE_URL");
        let name = format!("resizinator_test_{:032x}", rand::random::<u128>());
        let mut url = Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
        url.set_path(&name);
        connect(&server)
            .await
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("makes a database");
        Self { url: url.into(), name, server }
    }

    /// Inserts accepted images of `user` whose jobs no queue has yet.
    pub(super) async fn insert_unqueued(&self, user: i64, count: i32) {
        let rows = "INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, accepted_at,
                                        created_at, updated_at)
            SELECT $1, 'pending', md5(n::text), 'photo.jpg', 'jpeg', 1000, '', past, past, past
            FROM generate_series(1, $2) AS n, (SELECT now() AT TIME ZONE 'UTC' - interval '1 minute' AS past) AS time";
        connect(&self.url).await.execute(rows, &[&user, &count]).await.expect("rows");
    }

    pub(super) async fn rows(&self) -> i64 {
        self.number("SELECT count(*) FROM images").await
    }

    pub(super) async fn number(&self, query: &str) -> i64 {
        connect(&self.url).await.query_one(query, &[]).await.expect("an answer").get(0)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        super::block_on(async move {
            connect(&server).await.batch_execute(&drop).await.expect("drops the database");
        });
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("reaches TEST_DATABASE_URL");
    tokio::spawn(connection);
    client
}
