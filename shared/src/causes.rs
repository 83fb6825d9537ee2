//! The text of an error together with its causes, for logs.

use std::error::Error;

/// The message of an error and the messages of its sources, in one line. A source often says what happened: the driver
/// of PostgreSQL says `db error`, and its source says `password authentication failed`. A source that an earlier
/// message already contains is left out.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = one_line(error);
    let mut source = error.source();
    while let Some(error) = source {
        let said = one_line(error);
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = error.source();
    }
    text
}

/// The message without line breaks, which PostgreSQL puts before a detail and a hint.
fn one_line(error: &(dyn Error + 'static)) -> String {
    let text = error.to_string();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<Layer>>,
    }

    fn layers(texts: &[&'static str]) -> Layer {
        let (text, rest) = texts.split_first().expect("at least one text");
        Layer { text, source: (!rest.is_empty()).then(|| Box::new(layers(rest))) }
    }

    #[test]
    fn every_cause_is_told_once_and_in_one_line() {
        let error = layers(&["db error", "FATAL: no\nDETAIL: none\n", "FATAL: no; DETAIL: none", "away"]);
        assert_eq!(with_causes(&error), "db error: FATAL: no; DETAIL: none: away");
    }
}
