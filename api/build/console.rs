//! Takes the files of the console as they are, and gives all of them one version, so that browsers can keep them for ever.
//! Modules are not bundled: the page names those that it needs first, so that they are loaded side by side.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use crate::pack;

/// The module that the page starts with.
const FIRST: &str = "main.js";
/// The page. It is no file of a version, since it names one.
const PAGE: &str = "index.html";
/// The style sheet, which has all files of `styles/` in the order of their names.
const STYLES: &str = "console.css";

pub(crate) fn prepare(made: &Path) {
    println!("cargo::rerun-if-changed=console");
    let mut files = files_in("console");
    let styles = files_in("console/styles").into_values().collect::<Vec<_>>().concat();
    files.insert(STYLES.to_owned(), styles);
    let mut page = files.remove(PAGE).expect("the console has a page");

    let mut hasher = DefaultHasher::new();
    for (name, text) in &files {
        hasher.write(name.as_bytes());
        hasher.write(text.as_bytes());
    }
    let version = format!("{:016x}", hasher.finish());
    let preloads = first_needed(&files).iter().fold(String::new(), |mut links, name| {
        let _ = writeln!(links, r#"<link rel="modulepreload" href="console/{version}/{name}">"#);
        links
    });
    page = page.replace("<!--modules-->\n", &preloads).replace("{version}", &version);

    let folder = made.join("console");
    fs::create_dir_all(&folder).expect("cargo's folder can be written");
    // Writes a file, and gives the two forms of it as an expression of Rust.
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        let packed = pack::write(&path, text.as_bytes());
        format!("include_bytes!({path:?}), include_bytes!({packed:?})")
    };
    let mut table = format!(
        "/// The version of all files, which stands in their addresses. It is a hash of them.\n\
         pub(crate) const VERSION: &str = {version:?};\n\
         static PAGE_BYTES: (&[u8], &[u8]) = ({});\n\
         static FILES: [(&str, &[u8], &[u8]); {}] = [\n",
        put(PAGE, &page),
        files.len()
    );
    for (name, text) in &files {
        let _ = writeln!(table, "({name:?}, {}),", put(name, text));
    }
    table.push_str("];\n");
    fs::write(made.join("console.rs"), table).expect("cargo's folder can be written");
}

fn files_in(folder: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the console has files");
    let paths = entries.map(|entry| entry.expect("it can be read").path()).filter(|path| path.is_file());
    paths
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
            (name, fs::read_to_string(path).expect("it is text"))
        })
        .collect()
}

/// The modules that the first one imports, and those that they import. What is loaded later, by `import()`, is not among
/// them.
fn first_needed(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut needed = vec![FIRST.to_owned()];
    let mut read = 0;
    while let Some(name) = needed.get(read) {
        let text = files.get(name).unwrap_or_else(|| panic!("a module imports {name}, which is not there"));
        let imported = text.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next());
        let new: Vec<_> =
            imported.filter(|name| !needed.iter().any(|one| one == name)).map(str::to_owned).collect();
        needed.extend(new);
        read += 1;
    }
    needed
}
