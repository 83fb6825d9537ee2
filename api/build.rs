//! Takes Swagger UI, which `docs/` serves, out of the archive that the registry has of it.

use std::io::{Cursor, copy};
use std::path::Path;
use std::{env, fs};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// The files that the page needs. The archive also has their sources, which are many times as large.
const FILES: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).expect("an archive");
    for name in FILES {
        let end = format!("/dist/{name}");
        let path =
            archive.file_names().find(|path| path.ends_with(&end)).expect("the archive has it").to_owned();
        let mut packed = archive.by_name(&path).expect("the archive has it");
        let mut file =
            fs::File::create(Path::new(&folder).join(name)).expect("cargo's folder can be written");
        copy(&mut packed, &mut file).expect("the archive is whole");
    }
}
