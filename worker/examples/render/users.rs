//! Measures what it costs that a renderer keeps to one user: the CPU time of jobs of one user, of two users who take
//! turns and keep their renderers, and of three users, whose renderers have to make room for each other.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use resizinator_formats::{Format, Signature, detect};
use resizinator_shared::ids::UserId;
use resizinator_shared::settings::Limits;
use resizinator_worker::renderer::{Renderers, Restarts};
use serde_json::{Value, json};

use crate::process;

/// How often each number of users is measured, in turns.
const ROUNDS: usize = 7;

/// Renders `file` in `count` jobs, one at a time in one slot, which has at most two renderers. Returns the medians of what
/// a job takes.
pub(crate) async fn measure(file: &Path, count: u32) -> anyhow::Result<Value> {
    let input = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let Signature::Image(format) = detect(&input) else { anyhow::bail!("it is not of an accepted format") };
    let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (round, users) in rounds.iter_mut().zip([1, 2, 3]) {
            round.push(jobs(&input, format, count, users).await?);
        }
    }
    let [one, two, three] = rounds.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64() * 1e3 / f64::from(count)
    });
    Ok(json!({
        "file": file,
        "jobs": count,
        "one_user_cpu_ms": one,
        "two_users_more_cpu_ms": two - one,
        "three_users_more_cpu_ms": three - one,
    }))
}

/// The CPU time of this process and of all renderers.
async fn jobs(input: &[u8], format: Format, count: u32, users: i64) -> anyhow::Result<Duration> {
    let begin = process::cpu_with_ended_children();
    let renderers = Renderers::start(&Limits { slots: 1, ..Limits::default() }, Restarts::default()).await?;
    for job in 0..i64::from(count) {
        let mut slot = renderers.slot(UserId::try_from(1 + job % users)?).await?;
        slot.input().write_all(input)?;
        slot.render(&"a picture", format, input.len() as u64).await?;
    }
    drop(renderers);
    process::all_children_ended().await;
    Ok(process::cpu_with_ended_children() - begin)
}
