//! Measures rendering alone: the same pipeline with the same file, in a warm process without the service.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use bytes::Bytes;

use crate::kernel::{at_rest, milliseconds};
use crate::process::beside_examples;
use crate::statistics::median;

const WARM_UP: u32 = 3;
/// The number of images that are rendered between two readings of the CPU time.
const IN_A_ROW: u32 = 3;

/// The CPU time of one image in milliseconds, as the median of `rounds`.
pub(crate) async fn rendering_alone(file: &Bytes, rounds: u32) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("photo.jpg");
    std::fs::write(&path, file)?;
    let program = beside_examples()?.join("examples/render");
    let mut command = Command::new(&program);
    let command = command.arg("--serve").arg(&path).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut renderer = Renderer(command.spawn().with_context(|| program.display().to_string())?);
    renderer.render(WARM_UP)?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let before = at_rest(renderer.0.id()).await?;
        renderer.render(IN_A_ROW)?;
        let spent = at_rest(renderer.0.id()).await?.saturating_sub(before);
        times.push(milliseconds(spent) / f64::from(IN_A_ROW));
    }
    Ok(median(times))
}

/// A renderer process, which is killed when this is dropped.
struct Renderer(Child);

impl Renderer {
    /// Renders a number of times. The process answers each line with one line.
    fn render(&mut self, times: u32) -> anyhow::Result<()> {
        let input = self.0.stdin.as_mut().context("no input")?;
        let mut output = BufReader::new(self.0.stdout.as_mut().context("no output")?);
        for _ in 0..times {
            writeln!(input)?;
            let mut line = String::new();
            output.read_line(&mut line)?;
            ensure!(line.trim() == "rendered", "the renderer answered {line:?}");
        }
        Ok(())
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        // The process has nothing to save.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
