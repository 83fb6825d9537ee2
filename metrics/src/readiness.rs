//! Whether a process can work, and if not, why.

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

/// Whether a part of the process can work now. The default is ready.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// What the part needs, such as `jobs`, and the problem with it in a sentence, if there is one.
    pub needs: Vec<(&'static str, Option<String>)>,
    /// Whether the part works all the same, with less than it should have.
    pub works: bool,
    /// What works and should be mended all the same: a name and a sentence for each.
    pub warnings: Vec<(&'static str, String)>,
}

impl Readiness {
    /// The readiness of both together. What both need has a problem if one of them sees one.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.works = self.is_working() && other.is_working();
        for (name, problem) in other.needs {
            match self.needs.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = known.take().or(problem),
                None => self.needs.push((name, problem)),
            }
        }
        self.warnings.extend(other.warnings);
        self
    }

    fn lacks_something(&self) -> bool {
        self.needs.iter().any(|(_, problem)| problem.is_some())
    }

    /// Whether the part works, with or without all that it needs.
    #[must_use]
    pub fn is_working(&self) -> bool {
        self.works || !self.lacks_something()
    }

    /// `ready`, `degraded` or `unavailable`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match (self.is_working(), self.lacks_something() || !self.warnings.is_empty()) {
            (true, false) => "ready",
            (true, true) => "degraded",
            (false, _) => "unavailable",
        }
    }

    /// `ok`, or `unavailable` if there is a problem with what the part needs by this name.
    #[must_use]
    pub fn word(&self, name: &str) -> &'static str {
        let has_problem = |(known, problem): &(&str, Option<String>)| *known == name && problem.is_some();
        if self.needs.iter().any(has_problem) { "unavailable" } else { "ok" }
    }

    /// The answer of `readyz`: 200 if everything works, or else 503.
    pub(crate) fn answer(&self) -> HttpResponse {
        let mut body = Map::from_iter([("status".to_owned(), json!(self.status()))]);
        for (name, _) in &self.needs {
            body.insert((*name).into(), json!(self.word(name)));
        }
        let problem =
            |(name, problem): &(&str, Option<String>)| Some(((*name).to_owned(), json!(problem.as_ref()?)));
        let mut problems: Map<String, Value> = self.needs.iter().filter_map(problem).collect();
        problems.extend(self.warnings.iter().map(|(name, warning)| ((*name).to_owned(), json!(warning))));
        if !problems.is_empty() {
            body.insert("problems".into(), problems.into());
        }
        match self.is_working() {
            true => HttpResponse::Ok().json(body),
            false => HttpResponse::ServiceUnavailable().json(body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(works: bool, jobs: Option<&str>) -> Readiness {
        Readiness { needs: vec![("jobs", jobs.map(str::to_owned))], works, warnings: Vec::new() }
    }

    #[test]
    fn a_process_is_ready_if_all_its_parts_are() {
        let status = |readiness: Readiness| readiness.answer().status().as_u16();
        assert_eq!(status(Readiness::default().and(of(false, None))), 200);
        assert_eq!(status(of(true, Some("it is away")).and(of(true, Some("it is away")))), 200);
        assert_eq!(status(of(true, Some("it is away")).and(of(false, Some("it is away")))), 503);
        assert_eq!(status(of(false, Some("it is away")).and(of(false, None))), 503);
    }

    #[test]
    fn the_first_problem_with_a_backend_is_the_one_that_is_told() {
        let both = of(true, Some("one")).and(of(true, Some("another")));
        assert_eq!(both.needs, [("jobs", Some("one".to_owned()))]);
    }
}
