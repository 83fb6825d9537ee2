//! Secrets that are given by files. The last story needs the S3 of `TEST_STORAGE_URL`.

use std::path::PathBuf;
use std::time::Duration;

use resizinator_shared::objects::{ObjectStore, S3Store, SigningWindow};
use resizinator_shared::settings::{DatabaseUrl, QueueUrl, Settings, StorageUrl};
use tempfile::TempDir;

const SECRET: &str = "a secret of more than thirty-two characters";
const DATABASE: &str = "postgres://me:hunter2@host/db";

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Writes a file, and returns its path.
    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
    let lookup =
        |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings::from_lookup(lookup).map_err(|error| error.to_string())
}

fn complaint(pairs: &[(&str, &str)]) -> String {
    let said = read(pairs).err().expect("refused");
    assert!(!said.contains("hunter2"), "{said}");
    said
}

#[test]
fn every_secret_can_come_from_a_file() {
    let files = Files::new();
    let settings = read(&[
        ("DATABASE_URL_FILE", &files.with("database", DATABASE)),
        ("QUEUE_URL_FILE", &files.with("queue", "amqp://me:hunter2@broker\n")),
        ("RESIZINATOR_SECRET_FILE", &files.with("secret", format!("{SECRET},{SECRET}!\r\n"))),
        ("STORAGE_URL", "s3://bucket"),
        ("AWS_ACCESS_KEY_ID_FILE", &files.with("id", "key\n")),
        ("AWS_SECRET_ACCESS_KEY_FILE", &files.with("key", "hunter2\n")),
        ("AWS_SESSION_TOKEN_FILE", &files.with("token", "token\n")),
    ])
    .expect("settings");
    assert!(settings.database == DatabaseUrl::Postgres(DATABASE.into()));
    assert!(settings.queue == QueueUrl::Amqp("amqp://me:hunter2@broker".into()));
    let secrets: Vec<_> = settings.secrets.iter().map(|secret| secret.expose().to_vec()).collect();
    assert_eq!(secrets, [SECRET.as_bytes().to_vec(), format!("{SECRET}!").into_bytes()]);
    let StorageUrl::S3(location) = settings.storage else { panic!("the storage is a bucket") };
    assert!(!format!("{location:?}").contains("hunter2"), "{location:?}");
    let keys = location.keys.expect("keys");
    assert_eq!((&*keys.access_key_id, &*keys.secret_access_key), ("key", "hunter2"));
    assert_eq!(keys.session_token.as_deref(), Some("token"));
}

#[test]
fn only_one_line_break_at_the_end_is_cut_off() {
    let files = Files::new();
    let path = files.with("secret", format!(" {SECRET}\n\n"));
    let settings = read(&[("RESIZINATOR_SECRET_FILE", &path)]).expect("settings");
    // Around a secret, white space has never counted.
    assert_eq!(settings.secrets[0].expose(), SECRET.as_bytes());
    let path = files.with("key", "key \n\n");
    let id = files.with("id", "id");
    let settings = read(&[
        ("STORAGE_URL", "s3://bucket"),
        ("AWS_ACCESS_KEY_ID_FILE", &id),
        ("AWS_SECRET_ACCESS_KEY_FILE", &path),
    ]);
    let StorageUrl::S3(location) = settings.expect("settings").storage else { panic!("a bucket") };
    assert_eq!(location.keys.expect("keys").secret_access_key, "key \n");
}

#[test]
fn a_value_and_a_file_together_are_refused() {
    let files = Files::new();
    for variable in ["DATABASE_URL", "QUEUE_URL", "RESIZINATOR_SECRET"] {
        let (twin, path) = (format!("{variable}_FILE"), files.with("value", DATABASE));
        let said = complaint(&[(variable, DATABASE), (&twin, &path)]);
        assert_eq!(said, format!("{twin} is set, and so is {variable}: only one of the two is expected"));
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_the_reason() {
    let files = Files::new();
    let absent = files.path("absent").to_str().expect("UTF-8").to_owned();
    for (path, reason) in [
        (absent, "No such file or directory"),
        (files.0.path().to_str().expect("UTF-8").to_owned(), "Is a directory"),
        (files.with("empty", "\n"), "is empty"),
        (files.with("binary", [0xff, 0xfe]), "is not UTF-8 text"),
        ("/dev/zero".to_owned(), "has more than 65536 bytes"),
    ] {
        let said = complaint(&[("DATABASE_URL_FILE", &path)]);
        let begin = format!("DATABASE_URL_FILE is \"{path}\", which ");
        assert!(said.starts_with(&begin) && said.contains(reason), "{said}");
    }
}

#[test]
fn a_wrong_value_in_a_file_is_blamed_on_the_file() {
    let files = Files::new();
    for (content, reason) in [
        ("mysql://me:hunter2@host/db", "sqlite://FILE or postgres://"),
        ("postgres://me:hunter2#@host/db", "a plain \"#\""),
        ("postgres://me:changeme@host/db", "placeholder"),
    ] {
        let said = complaint(&[("DATABASE_URL_FILE", &files.with("url", content))]);
        assert!(said.starts_with("DATABASE_URL_FILE is (hidden") && said.contains(reason), "{said}");
    }
    let said = complaint(&[("RESIZINATOR_SECRET_FILE", &files.with("secret", "hunter2"))]);
    assert!(said.starts_with("RESIZINATOR_SECRET_FILE is (hidden)"), "{said}");
}

#[test]
fn half_of_the_aws_keys_is_refused() {
    let files = Files::new();
    let path = files.with("key", "hunter2");
    let said = complaint(&[("STORAGE_URL", "s3://bucket"), ("AWS_SECRET_ACCESS_KEY_FILE", &path)]);
    assert!(said.starts_with("AWS_ACCESS_KEY_ID is not set"), "{said}");
}

#[tokio::test]
async fn keys_from_files_sign_requests() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let files = Files::new();
    let right = variable("AWS_SECRET_ACCESS_KEY");
    for (key, is_right) in [(right, true), ("another key".to_owned(), false)] {
        let settings = read(&[
            ("STORAGE_URL", &variable("TEST_STORAGE_URL")),
            ("AWS_ACCESS_KEY_ID", &variable("AWS_ACCESS_KEY_ID")),
            ("AWS_SECRET_ACCESS_KEY_FILE", &files.with("key", key + "\n")),
        ]);
        let StorageUrl::S3(location) = settings.expect("settings").storage else { panic!("a bucket") };
        let window = SigningWindow::new(Duration::from_secs(3600));
        let store = S3Store::new(*location, window).expect("a store");
        assert_eq!(store.check().await.is_ok(), is_right);
        if let Err(error) = store.list("", 1).await {
            let error = error.to_string();
            assert!(error.contains("403") && error.contains("SignatureDoesNotMatch"), "{error}");
            assert!(!error.contains("another key"), "{error}");
        }
    }
}
