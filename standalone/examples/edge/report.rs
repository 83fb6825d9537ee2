//! The table of the rounds, and the judgement.

use std::time::Duration;

use crate::round::Round;

const SLOWEST_READ: Duration = Duration::from_millis(50);
const MOST_MEMORY: u64 = 300 << 20;
const MOST_MEMORY_LATER: u64 = 120 << 20;
const MOST_QUERIES: i64 = 500;

/// Prints everything and returns how many promises were broken.
pub(crate) fn print(
    rounds: &[Round],
    probes: usize,
    queries: i64,
    memory_later: Option<u64>,
    is_full: bool,
) -> usize {
    let mut faults = Vec::new();
    println!(
        "| bad connections | at a time | `GET` p50, p99 ms | uploads | gone, s after their limit | peak MiB |"
    );
    println!("| --- | --: | --: | --: | --: | --: |");
    for round in rounds {
        let name = round.attack.name();
        let mut reads = round.good.reads.clone();
        reads.sort_unstable();
        let at = |share: f64| reads.get((reads.len() as f64 * share) as usize).copied().unwrap_or_default();
        let (p50, p99) = (at(0.5), at(0.99));
        let uploads = round.good.accepted + round.good.refused.len();
        println!(
            "| {name} | {} | {:.1}, {:.1} | {} of {uploads} | {:.1} | {} |",
            round.connections,
            p50.as_secs_f64() * 1e3,
            p99.as_secs_f64() * 1e3,
            round.good.accepted,
            round.gone_after.as_secs_f64(),
            round.peak_memory >> 20,
        );
        let mut judge = |is_kept: bool, broken: String| {
            if !is_kept {
                faults.push(format!("{name}: {broken}"));
            }
        };
        judge(round.good.refused.is_empty(), format!("uploads failed: {:?}", round.good.refused));
        judge(uploads > 0, "no upload was tried".into());
        judge(
            round.keeps_its_descriptors(),
            format!("descriptors before and after: {:?}", round.descriptors),
        );
        judge(round.temporary_files == 0, format!("{} temporary files are left", round.temporary_files));
        judge(!is_full || p99 < SLOWEST_READ, format!("the p99 of reads is {p99:?}"));
        judge(!is_full || round.peak_memory < MOST_MEMORY, "too much memory".into());
    }
    println!("{probes} times `readyz`: {queries} transactions in the database.");
    if queries >= MOST_QUERIES {
        faults.push(format!("{queries} transactions for {probes} probes"));
    }
    if let Some(memory) = memory_later {
        println!("Memory of the api a minute later: {} MiB.", memory >> 20);
        if memory >= MOST_MEMORY_LATER {
            faults.push("too much memory a minute later".into());
        }
    }
    for fault in &faults {
        println!("BROKEN: {fault}");
    }
    faults.len()
}
