//! What a running upload has, and a refused one must not leave behind.

use std::path::PathBuf;

use super::{TestApp, User, until};

/// Waits until nothing is left of uploads that were refused: no row, no object, no temporary file, no descriptor.
pub(crate) async fn assert_left_nothing(app: &TestApp, user: &User<'_>) {
    assert_eq!(user.get("/image/").await.json()["count"], 0);
    assert!(app.objects().is_empty(), "{:?}", app.objects());
    until("no temporary file is left", async || temporary_files(app).is_empty()).await;
}

/// The temporary files of uploads. They have no names in the folder, so the open descriptors of this process show them.
pub(crate) fn temporary_files(app: &TestApp) -> Vec<PathBuf> {
    let folder = app.folder.path().join("tmp");
    let named = std::fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path());
    let open = std::fs::read_dir("/proc/self/fd").expect("the descriptors").flatten();
    let open = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    named.chain(open.filter(|path| path.starts_with(&folder))).collect()
}
