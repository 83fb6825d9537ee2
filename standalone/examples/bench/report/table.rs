//! A table in Markdown.

use std::fmt;

pub(super) struct Table {
    columns: usize,
    lines: Vec<String>,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        let lines =
            vec![format!("| {} |", headings.join(" | ")), format!("|{}", " --- |".repeat(headings.len()))];
        Self { columns: headings.len(), lines }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns, "a cell for each column");
        self.lines.push(format!("| {} |", cells.join(" | ")));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A cell for a value that may not have been measured.
pub(super) fn or_dash<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".into(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_heading_a_rule_and_its_rows() {
        let mut table = Table::new(&["what", "ms"]);
        table.row(vec!["upload".into(), or_dash(None::<f64>, |ms| format!("{ms:.1}"))]);
        assert_eq!(table.to_string(), "| what | ms |\n| --- | --- |\n| upload | – |\n");
    }

    #[test]
    #[should_panic(expected = "a cell for each column")]
    fn a_row_that_would_shift_its_columns_is_refused() {
        Table::new(&["what", "ms"]).row(vec!["upload".into()]);
    }
}
