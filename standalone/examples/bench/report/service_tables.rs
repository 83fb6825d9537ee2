//! The tables of the whole service: speed, waiting, CPU by part and bytes to disk by part. Each load has one line.

use std::fmt;

use super::table::{Table, or_dash};
use crate::parts::Part;
use crate::service::{Measurement, Waits};

pub(super) fn write(f: &mut fmt::Formatter<'_>, measurements: &[Measurement]) -> fmt::Result {
    let tables = [
        ("The whole service: speed", speed as fn(&[Measurement]) -> Table),
        ("The whole service: waiting, ms (p50 / p99)", waiting),
        ("The whole service: CPU ms per image", cpu),
        ("The whole service: KB written to disk per image", written),
    ];
    for (title, table) in tables {
        writeln!(f, "### {title}\n\n{}", table(measurements))?;
    }
    Ok(())
}

/// The first three columns of every table.
fn which(measurement: &Measurement) -> Vec<String> {
    let Measurement { store, file, load, .. } = measurement;
    vec![store.to_string(), (*file).to_owned(), load.to_string()]
}

fn speed(measurements: &[Measurement]) -> Table {
    let headings = [
        "store",
        "file",
        "load",
        "images",
        "refused",
        "offered/s",
        "accepted/s",
        "images/s",
        "cores idle while a backlog stands",
    ];
    let mut table = Table::new(&headings);
    for measurement in measurements {
        let mut cells = which(measurement);
        cells.extend([
            measurement.images.to_string(),
            measurement.refused.to_string(),
            or_dash(measurement.offered, |rate| format!("{rate:.1}")),
            format!("{:.1}", measurement.accepted),
            format!("{:.1}", measurement.rate),
            measurement.idle.map_or_else(|| "no backlog".into(), |share| format!("{:.1} %", share * 100.0)),
        ]);
        table.row(cells);
    }
    table
}

fn waiting(measurements: &[Measurement]) -> Table {
    let headings =
        ["store", "file", "load", "images", "201 → ready", "arrival → ready", "arrival → 201", "begun late"];
    let mut table = Table::new(&headings);
    let cell = |waits: Waits| format!("{:.1} / {:.1}", waits.p50, waits.p99);
    for measurement in measurements {
        let mut cells = which(measurement);
        cells.extend([
            measurement.images.to_string(),
            cell(measurement.answer_to_ready),
            cell(measurement.intended_to_ready),
            cell(measurement.intended_to_answer),
            cell(measurement.late),
        ]);
        table.row(cells);
    }
    table
}

fn cpu(measurements: &[Measurement]) -> Table {
    let mut headings = vec!["store".to_owned(), "file".into(), "load".into()];
    headings.extend(Part::ALL.iter().map(ToString::to_string));
    headings.extend(["all parts".into(), "others on the machine".into()]);
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for measurement in measurements {
        let mut cells = which(measurement);
        for part in Part::ALL {
            cells.push(or_dash(measurement.cpu.of(part), |_| {
                ms(measurement, measurement.cpu.cpu_ms(&[part]))
            }));
        }
        let all = measurement.cpu.cpu_ms(&Part::ALL);
        cells.push(ms(measurement, all));
        // Both are counted in whole ticks, so a quiet machine can come out just below zero.
        cells.push(ms(measurement, (measurement.machine_ms - all).max(0.0)));
        table.row(cells);
    }
    table
}

fn ms(measurement: &Measurement, total: f64) -> String {
    format!("{:.2}", measurement.each(total))
}

fn written(measurements: &[Measurement]) -> Table {
    // Renderers may not open files.
    let parts: Vec<_> = Part::ALL.into_iter().filter(|part| *part != Part::Renderers).collect();
    let mut headings = vec!["store".to_owned(), "file".into(), "load".into()];
    headings.extend(parts.iter().map(ToString::to_string));
    headings.extend(
        [
            "all parts",
            "the disk, everybody",
            "WAL",
            "objects that stay",
            "rows that stay",
            "all parts / what stays",
        ]
        .map(Into::into),
    );
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for measurement in measurements {
        let kb = |bytes: u64| format!("{:.1}", measurement.each(bytes as f64) / 1e3);
        let mut cells = which(measurement);
        for part in &parts {
            cells.push(or_dash(measurement.written.of(*part), |spent| kb(spent.written)));
        }
        let (all, stays) = (measurement.written.written(&Part::ALL), measurement.objects + measurement.rows);
        let amplification = (stays > 0).then(|| all as f64 / stays as f64);
        let device = or_dash(measurement.device, kb);
        cells.extend([kb(all), device, kb(measurement.log), kb(measurement.objects), kb(measurement.rows)]);
        cells.push(or_dash(amplification, |ratio| format!("{ratio:.2} ×")));
        table.row(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::Spending;
    use crate::service::{Load, StoreKind};

    fn measurement() -> Measurement {
        let waits = Waits { p50: 1.0, p99: 2.5 };
        Measurement {
            store: StoreKind::Folder,
            file: "small",
            load: Load::Open { percent: 80 },
            images: 10,
            refused: 1,
            offered: Some(4.0),
            accepted: 3.9,
            rate: 3.8,
            cores: 2.0,
            idle: None,
            answer_to_ready: waits,
            intended_to_ready: waits,
            intended_to_answer: waits,
            late: waits,
            cpu: Spending::default(),
            machine_ms: 500.0,
            written: Spending::default(),
            device: Some(70_000),
            objects: 20_000,
            rows: 0,
            log: 1000,
        }
    }

    #[test]
    fn a_load_without_a_backlog_says_so_instead_of_zero_percent() {
        let table = speed(&[measurement()]).to_string();
        assert!(
            table.ends_with("| folder | small | open, 80 % | 10 | 1 | 4.0 | 3.9 | 3.8 | no backlog |\n"),
            "{table}"
        );
    }

    #[test]
    fn what_others_on_the_machine_did_is_told_apart_from_the_parts() {
        let table = cpu(&[measurement()]).to_string();
        assert!(table.ends_with("| – | – | – | – | – | – | – | 0.00 | 50.00 |\n"), "{table}");
    }

    #[test]
    fn bytes_are_told_for_each_image() {
        let table = written(&[measurement()]).to_string();
        assert!(table.ends_with("| 0.0 | 7.0 | 0.1 | 2.0 | 0.0 | 0.00 × |\n"), "{table}");
    }
}
