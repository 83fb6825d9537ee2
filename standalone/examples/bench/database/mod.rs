//! Direct queries of the database, which do not use the service's own code.

mod rows;
mod sizes;

use anyhow::Context;
use tokio_postgres::{Client, NoTls};
use url::Url;

pub(crate) use rows::Times;

pub(crate) struct Database {
    client: Client,
    url: Url,
}

impl Database {
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("the database")?;
        tokio::spawn(connection);
        Ok(Self { client, url: Url::parse(url)? })
    }

    /// Makes a new and empty database beside this one, and returns its URL.
    pub(crate) async fn another(&self, name: &str) -> anyhow::Result<String> {
        self.client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let mut url = self.url.clone();
        url.set_path(name);
        Ok(url.into())
    }

    /// Makes the database record the time of every change of a state from now on.
    pub(crate) async fn record_states(&self) -> anyhow::Result<()> {
        let recording = "
            CREATE TABLE bench_states (image BIGINT, state TEXT, at TIMESTAMP);
            CREATE FUNCTION bench_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO bench_states VALUES (NEW.id, NEW.state, clock_timestamp() AT TIME ZONE 'UTC');
                RETURN NEW;
            END $$;
            CREATE TRIGGER bench_state AFTER UPDATE OF state ON images FOR EACH ROW EXECUTE FUNCTION bench_state();";
        self.client.batch_execute(recording).await.context("the trigger")
    }

    pub(crate) async fn stop_recording(&self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute("DROP TRIGGER bench_state ON images").await?)
    }

    /// In ms.
    pub(crate) async fn wait_for_claim(&self, id: i64) -> anyhow::Result<f64> {
        let wait = "SELECT (extract(epoch FROM max(at) FILTER (WHERE state = 'processing')
                                             - max(at) FILTER (WHERE state = 'pending')) * 1000)::float8
                    FROM bench_states WHERE image = $1";
        Ok(self.client.query_one(wait, &[&id]).await?.get(0))
    }

    /// Inserts images that were accepted a minute ago and are in no queue. They have no objects.
    pub(crate) async fn insert_unqueued(&self, count: i64) -> anyhow::Result<()> {
        let rows = "INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, accepted_at,
                                        created_at, updated_at)
            SELECT (SELECT min(id) FROM users), 'pending', md5('unqueued' || n), 'photo.jpg', 'jpeg', 1000, '', past, past, past
            FROM generate_series(1, $1::bigint) AS n, (SELECT now() AT TIME ZONE 'UTC' - interval '1 minute' AS past) AS time";
        self.client.execute(rows, &[&count]).await?;
        Ok(())
    }
}
