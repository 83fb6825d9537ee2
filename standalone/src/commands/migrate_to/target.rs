//! The settings of the target, which are read from the variables that begin with `TO_`.

use std::path::Path;

use resizinator_shared::settings::{SettingError, Settings};

/// The variables of the target by those of a service. Whatever else there is holds for both places.
const RENAMED: [(&str, &str); 6] = [
    ("DATABASE_URL", "TO_DATABASE_URL"),
    ("DATABASE_URL_FILE", "TO_DATABASE_URL_FILE"),
    ("STORAGE_URL", "TO_STORAGE_URL"),
    ("AWS_ACCESS_KEY_ID_FILE", "TO_AWS_ACCESS_KEY_ID_FILE"),
    ("AWS_SECRET_ACCESS_KEY_FILE", "TO_AWS_SECRET_ACCESS_KEY_FILE"),
    ("AWS_SESSION_TOKEN_FILE", "TO_AWS_SESSION_TOKEN_FILE"),
];

/// The place to copy to.
pub(super) struct Target {
    /// Its settings. What stays where it is is taken from those of the source.
    pub(super) settings: Settings,
    pub(super) moves_rows: bool,
    pub(super) moves_objects: bool,
}

/// Reads the target from the environment.
pub(super) fn from_env(source: &Settings) -> anyhow::Result<Target> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    read(source, &variable)
}

fn read(source: &Settings, variable: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Target> {
    let is_set = |name| variable(name).is_some();
    let moves_rows = is_set("TO_DATABASE_URL") || is_set("TO_DATABASE_URL_FILE");
    let moves_objects = is_set("TO_STORAGE_URL");
    anyhow::ensure!(
        moves_rows || moves_objects,
        "TO_DATABASE_URL and TO_STORAGE_URL are not set: the database and the object store to copy to are expected, \
         such as postgres://USER:PASSWORD@HOST/DATABASE and s3://BUCKET"
    );
    let has_own_keys = is_set("TO_AWS_ACCESS_KEY_ID_FILE");
    let own_secret = source.data.join("secret");
    let target = Settings::from_lookup(|name| match name {
        "DATABASE_URL" | "DATABASE_URL_FILE" | "STORAGE_URL" => variable(of_target(name)),
        "QUEUE_URL" | "QUEUE_URL_FILE" => None,
        "AWS_ACCESS_KEY_ID_FILE" | "AWS_SECRET_ACCESS_KEY_FILE" | "AWS_SESSION_TOKEN_FILE"
            if has_own_keys =>
        {
            variable(of_target(name))
        }
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" if has_own_keys => None,
        // The embedded default has made a secret, which the services of the target go on with.
        "RESIZINATOR_SECRET_FILE" if source.secrets.is_empty() && own_secret.exists() => path(&own_secret),
        other => variable(other),
    });
    let mut settings =
        target.map_err(|error| SettingError { variable: of_target(error.variable), ..error })?;
    if !moves_rows {
        settings.database = source.database.clone();
    }
    if !moves_objects {
        settings.storage = source.storage.clone();
    }
    Ok(Target { settings, moves_rows, moves_objects })
}

fn of_target(name: &str) -> &str {
    RENAMED.iter().find(|(of_service, _)| *of_service == name).map_or(name, |(_, of_target)| of_target)
}

fn path(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use resizinator_shared::settings::{DatabaseUrl, StorageUrl};

    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> Result<Target, String> {
        let variable =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        read(&Settings::default(), &variable).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_named_stays_where_it_is() {
        let rows = read_from(&[("TO_DATABASE_URL", "sqlite://other.sqlite3")]).expect("a target");
        assert!(rows.moves_rows && !rows.moves_objects);
        let rows = rows.settings;
        assert!(rows.database == DatabaseUrl::Sqlite("other.sqlite3".into()));
        assert!(rows.storage == Settings::default().storage);
        let objects = read_from(&[("TO_STORAGE_URL", "file://other")]).expect("a target").settings;
        assert!(objects.database == Settings::default().database);
        assert!(objects.storage == StorageUrl::Folder("other".into()));
    }

    #[test]
    fn an_error_names_the_variable_of_the_target_and_no_password() {
        let said = read_from(&[("TO_DATABASE_URL", "mysql://me:hunter2@host/db")]).err().expect("refused");
        assert!(said.starts_with("TO_DATABASE_URL is (hidden") && !said.contains("hunter2"), "{said}");
        let said = read_from(&[("TO_STORAGE_URL", "bucket")]).err().expect("refused");
        assert!(said.starts_with("TO_STORAGE_URL is \"bucket\""), "{said}");
        let said = read_from(&[]).err().expect("refused");
        assert!(said.starts_with("TO_DATABASE_URL and TO_STORAGE_URL are not set"), "{said}");
    }
}
