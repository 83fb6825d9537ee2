//! Queries of the images in the database, which do not use the service's own code.

use std::collections::HashMap;

use crate::stage::Stage;

#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) file_name: String,
    pub(crate) state: String,
    pub(crate) object_id: String,
    pub(crate) error_code: Option<String>,
    /// How many times the image became ready.
    pub(crate) became_ready: i64,
    /// How many times the image left a final state, other than by a delete.
    pub(crate) resurrected: i64,
    /// The time from the acceptance to the final state.
    pub(crate) seconds: Option<f64>,
}

/// Makes the database record every change of a state from now on.
pub(crate) async fn record_transitions(stage: &Stage) -> anyhow::Result<()> {
    let recording = "
        CREATE TABLE chaos_transitions (image BIGINT, before TEXT, after TEXT, at TIMESTAMP);
        CREATE FUNCTION chaos_transition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO chaos_transitions VALUES (NEW.id, OLD.state, NEW.state, clock_timestamp() AT TIME ZONE 'UTC');
            RETURN NEW;
        END $$;
        CREATE TRIGGER chaos_transition AFTER UPDATE OF state ON images FOR EACH ROW
            WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION chaos_transition()";
    Ok(stage.connect().await?.batch_execute(recording).await?)
}

/// The number of rows in each state.
pub(crate) async fn states(stage: &Stage) -> anyhow::Result<HashMap<String, i64>> {
    let rows = stage.connect().await?.query("SELECT state, count(*) FROM images GROUP BY state", &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

pub(crate) async fn all(stage: &Stage) -> anyhow::Result<Vec<Row>> {
    let query = "
        SELECT id, file_name, state, object_id, error_code,
            count(*) FILTER (WHERE after = 'ready'),
            count(*) FILTER (WHERE before IN ('ready', 'failed') AND after <> 'deleted' OR before = 'deleted'),
            extract(epoch FROM max(at) FILTER (WHERE after IN ('ready', 'failed')) - accepted_at)::float8
        FROM images LEFT JOIN chaos_transitions ON image = id GROUP BY id";
    let rows = stage.connect().await?.query(query, &[]).await?;
    let row = |row: &tokio_postgres::Row| Row {
        id: row.get(0),
        file_name: row.get(1),
        state: row.get(2),
        object_id: row.get(3),
        error_code: row.get(4),
        became_ready: row.get(5),
        resurrected: row.get(6),
        seconds: row.get(7),
    };
    Ok(rows.iter().map(row).collect())
}
