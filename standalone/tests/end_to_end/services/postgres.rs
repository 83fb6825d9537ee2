//! A database of its own for each test.

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

    pub(super) async fn rows(&self) -> i64 {
        let row = connect(&self.url).await.query_one("SELECT count(*) FROM images", &[]).await;
        row.expect("the table of images").get(0)
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
