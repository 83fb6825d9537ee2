//! What is printed at the end: Markdown, ready for `docs/performance.md`.

/// Collects the lines of two tables.
#[derive(Default)]
pub(crate) struct Report {
    targets: Vec<String>,
    information: Vec<String>,
}

/// An upload against the bare put of the same bytes, medians in ms of CPU.
pub(crate) struct Upload {
    pub(crate) what: &'static str,
    pub(crate) api: f64,
    pub(crate) hashes: f64,
    pub(crate) put: f64,
}

/// What an upload's CPU time has to stay within, in ms.
pub(crate) enum Bound {
    AbovePut(f64),
    Total(f64),
}

impl Report {
    pub(crate) fn upload(&mut self, upload: &Upload, bound: &Bound) {
        let Upload { what, api, hashes, put } = upload;
        let difference = api - put;
        let (target, met) = match bound {
            Bound::AbovePut(most) => (format!("≤ {most:.1} ms above"), difference <= *most),
            Bound::Total(most) => (format!("≤ {most:.1} ms"), api <= most),
        };
        self.targets.push(format!(
            "| {what} | {api:.2} ms | {put:.2} ms | {difference:+.2} ms | {:.2} × | {target} | {} |",
            api / put,
            verdict(met)
        ));
        self.note(&format!("{what}: SHA-256 and MD5, part of both"), &format!("{hashes:.2} ms of CPU"));
    }

    /// A figure that has to stay below a bound.
    pub(crate) fn below(&mut self, what: &str, value: f64, most: f64, unit: &str) {
        let verdict = verdict(value < most);
        let line = format!("| {what} | {value:.2} {unit} | – | – | – | < {most:.0} {unit} | {verdict} |");
        self.targets.push(line);
    }

    /// A figure that has to reach a bound.
    pub(crate) fn at_least(&mut self, what: &str, value: f64, least: f64, unit: &str) {
        let verdict = verdict(value >= least);
        self.targets
            .push(format!("| {what} | {value:.0} {unit} | – | – | – | ≥ {least:.0} {unit} | {verdict} |"));
    }

    /// A figure without a target.
    pub(crate) fn note(&mut self, what: &str, value: &str) {
        self.information.push(format!("| {what} | {value} |"));
    }

    pub(crate) fn print(&self) {
        println!("| what | api | bare put | difference | ratio | target | |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        self.targets.iter().for_each(|line| println!("{line}"));
        println!("\n| for information | |");
        println!("| --- | --- |");
        self.information.iter().for_each(|line| println!("{line}"));
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}
