//! The table of results.

use crate::fault::Fault;
use crate::ledger::{Answer, Injection, Ledger, Tries, Upload};
use crate::verify::{Findings, Wrong};

pub(crate) fn print(ledger: &Ledger, findings: &Findings) {
    let (uploads, injections) = (ledger.uploads(), ledger.injections());
    for (name, wrong, why) in &findings.wrong {
        println!("{wrong:?}: {} {why}", name.as_deref().unwrap_or("-"));
    }
    println!(
        "| fault | times | uploads during it | 201 | refused | no answer | lost | stuck | duplicated | orphaned | \
         valid, but failed | longest time to the end, s |\n|{}",
        " --- |".repeat(12)
    );
    for fault in Fault::OF_PROCESSES.into_iter().chain(Fault::OF_BACKENDS) {
        let these: Vec<_> = injections.iter().filter(|injection| injection.fault == fault).collect();
        let during = |upload: &&Upload| these.iter().any(|injection| injection.overlaps(upload));
        row(fault.name(), these.len(), &uploads.iter().filter(during).collect::<Vec<_>>(), findings);
    }
    let calm = |upload: &&Upload| !injections.iter().any(|injection: &Injection| injection.overlaps(upload));
    row("none", 0, &uploads.iter().filter(calm).collect::<Vec<_>>(), findings);
    row("**all**", injections.len(), &uploads.iter().collect::<Vec<_>>(), findings);
    let with_keys: Vec<_> = uploads.iter().filter(|upload| upload.tries.is_some()).collect();
    row("**with a key, repeated**", injections.len(), &with_keys, findings);
    let tries = |count: fn(&Tries) -> u32| -> u32 {
        with_keys.iter().filter_map(|upload| upload.tries.as_ref()).map(count).sum()
    };
    println!(
        "\nThe {} uploads with keys took {} tries: {} connections were cut by the client, {} tries were told that \
         another one is running.",
        with_keys.len(),
        tries(|tries| tries.all),
        tries(|tries| tries.cut),
        tries(|tries| tries.told_to_wait)
    );
    let unexplained = findings.wrong.iter().filter(|(name, ..)| name.is_none()).count();
    println!(
        "\nObjects in the bucket: {}, of which {unexplained} missing or of no row. After the last fault nothing was \
         under way any more within {:.0} s, tombstones and abandoned uploads included.",
        findings.objects,
        findings.settled_after.as_secs_f64()
    );
    print_streams(findings);
    print_webhooks(findings);
}

fn print_streams(findings: &Findings) {
    for why in &findings.events {
        println!("Events in the database: {why}");
    }
    for (number, stream) in (1..).zip(&findings.streams) {
        stream.wrong().for_each(|why| println!("Stream {number}: {why}"));
    }
    println!(
        "\n| stream | begun | connections | refused | events | lost | doubled | out of order | else |\n|{}",
        " --- |".repeat(9)
    );
    for (number, stream) in (1..).zip(&findings.streams) {
        println!(
            "| {number} | {} | {} | {} | {} | {} | {} | {} | {} |",
            if stream.from_the_beginning { "before the faults" } else { "during the faults" },
            stream.connections,
            stream.refused,
            stream.events,
            stream.lost.len(),
            stream.doubled.len(),
            stream.out_of_order.len(),
            stream.strange.len()
        );
    }
}

fn print_webhooks(findings: &Findings) {
    for (number, webhook) in (1..).zip(&findings.webhooks) {
        webhook.wrong().for_each(|why| println!("Webhook {number}: {why}"));
    }
    println!(
        "\n| webhook | its receiver died | pauses ended by its user | messages | answered 200 | repeated | lost \
         | out of order | else |\n|{}",
        " --- |".repeat(9)
    );
    for (number, webhook) in (1..).zip(&findings.webhooks) {
        println!(
            "| {number} | {} | {} | {} | {} | {} | {} | {} | {} |",
            webhook.deaths,
            webhook.enabled,
            webhook.taken,
            webhook.deliveries,
            webhook.repeated,
            webhook.lost.len(),
            webhook.out_of_order.len(),
            webhook.strange.len()
        );
    }
}

fn row(name: &str, times: usize, uploads: &[&Upload], findings: &Findings) {
    let answered =
        |wanted: fn(&Answer) -> bool| uploads.iter().filter(|upload| wanted(&upload.answer)).count();
    let wrong = |kind: Wrong| {
        let of_these =
            |name: &Option<String>| uploads.iter().any(|upload| Some(&upload.file_name) == name.as_ref());
        findings.wrong.iter().filter(|(name, wrong, _)| *wrong == kind && of_these(name)).count()
    };
    let seconds = uploads.iter().filter_map(|upload| findings.seconds.get(&upload.file_name));
    println!(
        "| {name} | {times} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} |",
        uploads.len(),
        answered(|answer| matches!(answer, Answer::Accepted(_))),
        answered(|answer| *answer == Answer::Refused),
        answered(|answer| *answer == Answer::None),
        wrong(Wrong::Lost),
        wrong(Wrong::Stuck),
        wrong(Wrong::Duplicated),
        wrong(Wrong::Orphaned),
        wrong(Wrong::Failed),
        seconds.copied().fold(0.0, f64::max)
    );
}
