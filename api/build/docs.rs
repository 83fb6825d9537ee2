//! Takes Swagger UI, which `docs/` serves, out of the archive that the registry has of it.

use std::io::{Cursor, Read};
use std::path::Path;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use crate::pack;

/// The files that the page needs. The archive also has their sources, which are many times as large.
const FILES: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

pub(crate) fn prepare(made: &Path) {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).expect("an archive");
    for name in FILES {
        let end = format!("/dist/{name}");
        let path =
            archive.file_names().find(|path| path.ends_with(&end)).expect("the archive has it").to_owned();
        let mut bytes = Vec::new();
        let mut packed = archive.by_name(&path).expect("the archive has it");
        packed.read_to_end(&mut bytes).expect("the archive is whole");
        pack::write(&made.join(name), &bytes);
    }
}
