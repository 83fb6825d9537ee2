//! The filters of a list: which of the user's images it has.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use resizinator_formats::Format;

use super::parameter::{BadParameter, Parameters, given, last, shortened};
use crate::ids::ImageId;
use crate::image::State;

/// The most ids that a list can be asked for.
pub const MAX_IDS: usize = 100;

/// The images that a list has: those that every part of the filter lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// `state`: the state of the image.
    pub state: Option<State>,
    /// `created_after`: the image was created then or later.
    pub created_after: Option<DateTime<Utc>>,
    /// `created_before`: the image was created earlier than this.
    pub created_before: Option<DateTime<Utc>>,
    /// `format`: the formats of the original; `None` for any.
    pub formats: Option<Vec<Format>>,
    /// `ids`: the images by their ids; `None` for all.
    pub ids: Option<BTreeSet<ImageId>>,
}

impl Filter {
    /// Reads the filters of a query.
    ///
    /// # Errors
    /// [`BadParameter`] for a value that no image can have.
    pub fn of(parameters: &Parameters) -> Result<Self, BadParameter> {
        Ok(Self {
            state: given(parameters, "state").map(state).transpose()?,
            created_after: time(parameters, "created_after")?,
            created_before: time(parameters, "created_before")?,
            formats: given(parameters, "format").map(formats).transpose()?,
            ids: last(parameters, "ids").map(ids).transpose()?,
        })
    }

    /// The filter as a text that is the same for the same filter, however the query spells it.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        let Self { state, created_after, created_before, formats, ids } = self;
        if let Some(state) = state {
            let _ = write!(text, "state={state};");
        }
        for (name, time) in [("after", created_after), ("before", created_before)] {
            if let Some(time) = time {
                let _ = write!(text, "{name}={};", time.timestamp_micros());
            }
        }
        for format in formats.iter().flatten() {
            let _ = write!(text, "format={};", format.name());
        }
        for id in ids.iter().flatten() {
            let _ = write!(text, "id={id};");
        }
        text
    }
}

fn state(text: &str) -> Result<State, BadParameter> {
    let state = State::SHOWN.into_iter().find(|state| state.name() == text);
    state.ok_or_else(|| {
        let known = State::SHOWN.map(State::name).join(", ");
        BadParameter::new(
            "state",
            format!("“{}” is not a state. Expected is one of: {known}.", shortened(text)),
        )
    })
}

fn formats(text: &str) -> Result<Vec<Format>, BadParameter> {
    let unknown = |name: &str| {
        let known = Format::ALL.map(Format::name).join(", ");
        let message = format!(
            "“{}” is not a format. Expected are one or more of these, separated by commas: {known}.",
            shortened(name)
        );
        BadParameter::new("format", message)
    };
    let mut formats = Vec::new();
    for name in text.split(',').map(str::trim) {
        let format: Format = name.parse().map_err(|_| unknown(name))?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    formats.sort_by_key(|format| format.name());
    Ok(formats)
}

fn ids(text: &str) -> Result<BTreeSet<ImageId>, BadParameter> {
    let expected = || {
        let message = format!("Expected are 1 to {MAX_IDS} ids of images, separated by commas.");
        BadParameter::new("ids", message)
    };
    let mut ids = BTreeSet::new();
    for id in text.split(',') {
        ids.insert(id.trim().parse().map_err(|_| expected())?);
        if ids.len() > MAX_IDS {
            return Err(expected());
        }
    }
    Ok(ids)
}

fn time(parameters: &Parameters, name: &str) -> Result<Option<DateTime<Utc>>, BadParameter> {
    let Some(text) = given(parameters, name) else { return Ok(None) };
    // The `+` of an offset arrives as a space if the client did not encode it.
    let time = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map(|time| time.to_utc());
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let time = time.or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(midnight));
    // An offset may lead to the year before the first or after the last that both databases can compare.
    let in_years = |time: DateTime<Utc>| time.clamp(first_moment(), last_moment());
    time.ok().map(in_years).map(Some).ok_or_else(|| {
        let message = format!(
            "“{}” is not a time. Expected is a time as in RFC 3339, such as 2024-05-18T18:05:06Z, or a date such as \
             2024-05-18, which begins at midnight UTC.",
            shortened(text)
        );
        BadParameter::new(name, message)
    })
}

fn first_moment() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(1, 1, 1).expect("a date").and_time(NaiveTime::MIN).and_utc()
}

fn last_moment() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date").and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Result<Filter, BadParameter> {
        let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Filter::of(&parameters)
    }

    #[test]
    fn a_filter_says_the_same_however_it_is_spelled() {
        let one = filter("format=png,jpeg&ids=3,1&created_after=2024-05-18&state=ready").expect("a filter");
        let other =
            filter("ids=1,3,3&state=ready&format=+jpeg,png,jpeg&created_after=2024-05-18T02:00:00%2B02:00")
                .expect("a filter");
        assert_eq!(one, other);
        assert_eq!(one.canonical(), other.canonical());
        assert_eq!(
            filter("state=&format=&created_after=&created_before=").expect("no filter"),
            Filter::default()
        );
        assert_eq!(Filter::default().canonical(), "");
    }

    #[test]
    fn filters_that_differ_have_different_texts() {
        let queries = [
            "",
            "state=ready",
            "state=failed",
            "created_after=2024-05-18",
            "created_before=2024-05-18",
            "format=jpeg",
            "format=jpeg,png",
            "ids=1",
            "ids=11",
            "ids=1,1,2",
        ];
        let texts: BTreeSet<String> =
            queries.iter().map(|query| filter(query).expect("a filter").canonical()).collect();
        assert_eq!(texts.len(), queries.len());
    }

    #[test]
    fn an_offset_whose_plus_was_not_encoded_is_understood() {
        let time = filter("created_before=2024-05-18T18:05:06.5+02:00").expect("a filter").created_before;
        assert_eq!(time.expect("a time").to_rfc3339(), "2024-05-18T16:05:06.500+00:00");
    }

    #[test]
    fn a_bad_value_is_told_with_the_name_of_its_parameter() {
        let many = format!("ids={}", (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(","));
        for (query, name) in [
            ("state=gone", "state"),
            ("state=deleted", "state"),
            ("state=receiving", "state"),
            ("format=svg", "format"),
            ("format=jpeg,", "format"),
            ("ids=", "ids"),
            ("ids=0", "ids"),
            ("ids=1,x", "ids"),
            ("ids=9223372036854775808", "ids"),
            (&many, "ids"),
            ("created_after=yesterday", "created_after"),
            ("created_before=2024-13-01", "created_before"),
            ("created_before=2024-05-18T18:05:06", "created_before"),
        ] {
            let bad = filter(query).expect_err(query);
            assert_eq!(bad.name, name, "{query}");
            assert!(bad.message.contains("Expected"), "{bad}");
        }
    }
}
