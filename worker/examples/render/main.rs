//! Renders image files outside of the service, to look at the variants, to compare them and to measure.
//!
//! ```text
//! render --out DIR [--repeat N] FILE|DIR...   one line of JSON for each file
//! render --serve FILE [--out DIR]             renders FILE once for each line on standard input
//! render --pixels FILE --out DIR              the variants as PNG, as they are before they are encoded
//! render --soak N FILE|DIR...                 renders N of them, mixed, and tells the resident size as it goes
//! render --users N FILE...                    CPU time of N jobs of one user, and of more users in turns
//! ```
//!
//! With `--webp` the variants are WebP files in the first, the second and the fourth of these.
//!
//! The variants of `a.tif` become `a.tif.small.png` and `a.tif.medium.png`; of a folder's files, the path below it
//! is kept. A line has the key `error` (code and sentence) or the keys `small` and `medium` (file, format, width,
//! height, bytes), and always `file`, `cpu_ms` (of this thread, the least of N) and `peak_rss_kib` (of the process,
//! while it rendered this file, where the kernel lets it be reset).

mod process;
mod users;

use std::fs;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use resizinator_formats::{Signature, detect, inspect};
use resizinator_shared::variant::{Heights, VariantFormat, Wanted};
use resizinator_worker::pipeline::{self, RenderLimits, Variant, Variants};
use resizinator_worker::renderer::{keep_freed_memory, serve_if_asked};
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    /// The folder that the variants are written to.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How often each file is rendered.
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    /// Renders the one file whenever a line arrives, answers each with a line, and writes the variants at the end.
    #[arg(long)]
    serve: bool,
    /// Writes the variants of the one file as PNG, without what their own format would lose.
    #[arg(long, requires = "out")]
    pixels: bool,
    /// Renders this many of the files, in an order of chance that is always the same.
    #[arg(long)]
    soak: Option<u32>,
    /// Has each file rendered by renderers as the worker's, in this many jobs of one user, and of two and three in turns.
    #[arg(long)]
    users: Option<u32>,
    /// Writes the variants as WebP, whatever the original is.
    #[arg(long)]
    webp: bool,
    /// Image files, and folders of them.
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
}

impl Arguments {
    fn wanted(&self) -> Wanted {
        let format = if self.webp { VariantFormat::WebP } else { VariantFormat::Original };
        Wanted { heights: Heights::default(), format }
    }
}

fn main() -> anyhow::Result<()> {
    serve_if_asked(pipeline::render);
    // As in a renderer.
    keep_freed_memory();
    let arguments = Arguments::parse();
    if arguments.serve {
        return serve(&arguments);
    }
    if let (true, Some(out)) = (arguments.pixels, &arguments.out) {
        return pixels(&arguments.inputs[0], out);
    }
    let files = files(&arguments.inputs)?;
    if let Some(count) = arguments.users {
        return users(&files, count);
    }
    if let Some(count) = arguments.soak {
        return soak(&files, count, arguments.wanted());
    }
    for (file, name) in files {
        let line = report(&file, &name, &arguments)?;
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(())
}

#[tokio::main]
async fn users(files: &[(PathBuf, PathBuf)], count: u32) -> anyhow::Result<()> {
    for (file, _) in files {
        writeln!(io::stdout(), "{}", users::measure(file, count).await?)?;
    }
    Ok(())
}

/// Every file with the name that its variants get.
fn files(inputs: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    for input in inputs {
        if input.is_dir() {
            below(input, Path::new(""), &mut found)?;
        } else {
            let name = input.file_name().context("an input without a file name")?;
            found.push((input.clone(), name.into()));
        }
    }
    found.sort();
    Ok(found)
}

fn below(folder: &Path, name: &Path, found: &mut Vec<(PathBuf, PathBuf)>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = name.join(entry.file_name());
        if entry.path().is_dir() {
            below(&entry.path(), &name, found)?;
        } else {
            found.push((entry.path(), name));
        }
    }
    Ok(())
}

fn report(file: &Path, name: &Path, arguments: &Arguments) -> anyhow::Result<Value> {
    let input = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    process::forget_peak();
    let mut cpu_ms = f64::INFINITY;
    let mut outcome = Err(("not_rendered".to_owned(), String::new()));
    for _ in 0..arguments.repeat.max(1) {
        let begin = process::thread_cpu();
        outcome = render(&input, arguments.wanted());
        cpu_ms = cpu_ms.min((process::thread_cpu() - begin).as_secs_f64() * 1e3);
    }
    let mut line = json!({ "file": file, "cpu_ms": cpu_ms, "peak_rss_kib": process::peak_kib() });
    line["accepted"] = json!(inspect(&mut &input[..], &RenderLimits::default().image).is_ok());
    match outcome {
        Err((code, sentence)) => line["error"] = json!({ "code": code, "sentence": sentence }),
        Ok(variants) => {
            for (which, variant) in [("small", variants.small), ("medium", variants.medium)] {
                line[which] = written(&variant, which, name, arguments.out.as_deref())?;
            }
        }
    }
    Ok(line)
}

/// A panic is a finding like any other, and the files after it are of interest too.
fn render(input: &[u8], wanted: Wanted) -> Result<Variants, (String, String)> {
    let limits = RenderLimits::default();
    let Signature::Image(format) = detect(input) else {
        return Err(("unsupported_format".to_owned(), "The file is not of an accepted format.".to_owned()));
    };
    let rendering = || pipeline::render(format, input, &limits, wanted);
    match panic::catch_unwind(AssertUnwindSafe(rendering)) {
        Ok(Ok(variants)) => Ok(variants),
        Ok(Err(error)) => Err((error.code().name().to_owned(), error.to_string())),
        Err(_) => Err(("panic".to_owned(), "The decoder panicked.".to_owned())),
    }
}

fn written(variant: &Variant, which: &str, name: &Path, out: Option<&Path>) -> anyhow::Result<Value> {
    let format = variant.format.name();
    let mut path = None;
    if let Some(out) = out {
        let mut full = out.join(name).into_os_string();
        full.push(format!(".{which}.{format}"));
        let full = PathBuf::from(full);
        fs::create_dir_all(full.parent().context("a variant without a folder")?)?;
        fs::write(&full, &variant.bytes)?;
        path = Some(full);
    }
    let (width, height, bytes) = (variant.width, variant.height, variant.bytes.len());
    Ok(json!({ "file": path, "format": format, "width": width, "height": height, "bytes": bytes }))
}

fn pixels(file: &Path, out: &Path) -> anyhow::Result<()> {
    let input = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let Signature::Image(format) = detect(&input) else { anyhow::bail!("it is not of an accepted format") };
    let variants = pipeline::pixels(format, &input, &RenderLimits::default(), Heights::default())?
        .context("it moves")?;
    fs::create_dir_all(out)?;
    for (which, pixels) in ["small", "medium"].into_iter().zip(variants) {
        pixels.save(out.join(which).with_extension("png"))?;
    }
    Ok(())
}

fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let file = &arguments.inputs[0];
    let input = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut last = None;
    for line in io::stdin().lock().lines() {
        line?;
        last = Some(
            render(&input, arguments.wanted())
                .map_err(|(code, sentence)| anyhow::anyhow!("{code}: {sentence}"))?,
        );
        writeln!(io::stdout(), "rendered")?;
    }
    if let Some(Variants { small, medium, .. }) = last {
        let name = PathBuf::from(file.file_name().context("an input without a file name")?);
        written(&small, "small", &name, arguments.out.as_deref())?;
        written(&medium, "medium", &name, arguments.out.as_deref())?;
    }
    Ok(())
}

/// Does memory come back? The size after a tenth is what the allocator needs; what comes on top, it keeps.
fn soak(files: &[(PathBuf, PathBuf)], count: u32, wanted: Wanted) -> anyhow::Result<()> {
    let mut chance = 1_u32;
    for done in 1..=count {
        // Numerical Recipes' generator; its upper bits are the better ones.
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (file, _) = &files[(chance >> 8) as usize % files.len()];
        let input = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let _ = render(&input, wanted);
        drop(input);
        if done % (count / 10).max(1) == 0 {
            let (resident, peak) = (process::resident_kib(), process::peak_kib());
            writeln!(io::stdout(), "{}", json!({ "done": done, "rss_kib": resident, "peak_rss_kib": peak }))?;
        }
    }
    Ok(())
}
