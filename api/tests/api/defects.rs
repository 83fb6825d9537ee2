//! Tests of defects: a mistake of the service is answered with 500, is logged once, and is not taken for an outage.

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use log::{Level, Log, Metadata, Record};
use resizinator_api::Api;
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::settings::{DatabaseUrl, Settings};
use resizinator_shared::testing::metadata::run_sql;
use url::Url;

use crate::helpers::{TestApp, database};

const SERVER_ERROR: &str = r#"{"detail":"A server error occurred."}"#;
const ADA: &str = r#"{"username":"ada","password":"correct horse"}"#;

#[tokio::test]
async fn a_missing_column_is_a_server_error_that_is_logged_once_with_its_statement() {
    let app = TestApp::start().await;
    let file = app.folder.path().join("resizinator.sqlite3");
    the_column_goes(&app, &DatabaseUrl::Sqlite(file)).await;
    database(async |url: Url| {
        let url = DatabaseUrl::Postgres(url.into());
        let app = TestApp::start_with(|settings| settings.database = url.clone()).await;
        the_column_goes(&app, &url).await;
    })
    .await;
}

async fn the_column_goes(app: &TestApp, url: &DatabaseUrl) {
    app.user("ada").await;
    run_sql(url, "ALTER TABLE users DROP COLUMN password_hash").await;
    let before = errors_about_find_login().len();
    app.post_json("/user/login/", ADA).await.assert_is(500, SERVER_ERROR);
    let logged = errors_about_find_login().split_off(before);
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].starts_with("answered 500: ") && logged[0].contains("password_hash"), "{logged:?}");
    // Requests that do not need the column still work.
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn tables_that_do_not_fit_end_the_api_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::embedded_in(folder.path().to_owned());
    settings.listen = "127.0.0.1:0".into();
    run_sql(&settings.database, "CREATE TABLE images (id INTEGER)").await;
    let backends = Backends::choose(&settings, Role::Standalone).expect("backends");
    let api = Api::bind(settings, backends).expect("a free port");
    let ended = tokio::time::timeout(Duration::from_secs(20), api.run(pending())).await;
    let error = ended.expect("ends by itself").expect_err("has no tables").to_string();
    assert!(error.contains("\"migrate\" failed") && error.contains("images"), "{error}");
}

/// A logger that keeps the lines of the level error.
struct Errors(Mutex<Vec<String>>);

static ERRORS: Errors = Errors(Mutex::new(Vec::new()));

impl Log for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() == Level::Error
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

fn errors_about_find_login() -> Vec<String> {
    // Only the first call sets the logger.
    if log::set_logger(&ERRORS).is_ok() {
        log::set_max_level(log::LevelFilter::Error);
    }
    let errors = ERRORS.0.lock().unwrap_or_else(PoisonError::into_inner);
    errors.iter().filter(|error| error.contains("\"find_login\"")).cloned().collect()
}
