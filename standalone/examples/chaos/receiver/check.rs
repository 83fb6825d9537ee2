//! What is wrong with the deliveries of a webhook, by the events that the database has.

use std::collections::{HashMap, HashSet};

use super::record::Story;
use crate::events::{self, Event};

/// What was found at one webhook.
#[derive(Debug, Default)]
pub(crate) struct WebhookFindings {
    pub(crate) deaths: usize,
    /// How often the user ended the pause of the webhook.
    pub(crate) enabled: usize,
    /// The messages that came, answered 200 or not.
    pub(crate) taken: usize,
    /// The messages that were answered with status 200.
    pub(crate) deliveries: usize,
    /// The messages that had come before.
    pub(crate) repeated: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) out_of_order: Vec<String>,
    pub(crate) strange: Vec<String>,
}

impl WebhookFindings {
    pub(crate) fn are_clean(&self) -> bool {
        self.wrong().next().is_none()
    }

    pub(crate) fn wrong(&self) -> impl Iterator<Item = &String> {
        self.lost.iter().chain(&self.out_of_order).chain(&self.strange)
    }
}

/// Checks the deliveries of a webhook that was there before the first of `events`, which are in the order of their ids.
pub(crate) fn check(story: &Story, events: &[Event]) -> WebhookFindings {
    let (taken, delivered) = (firsts(&story.taken), firsts(&story.answered));
    let mut findings = WebhookFindings {
        deaths: story.deaths,
        taken: story.taken.len(),
        deliveries: story.answered.len(),
        repeated: story.taken.len() - taken.len(),
        strange: story.strange.clone(),
        ..WebhookFindings::default()
    };
    let ids: HashSet<i64> = delivered.iter().map(|event| event.id).collect();
    for event in events.iter().filter(|event| !ids.contains(&event.id)) {
        findings.lost.push(format!("no event {} {} of image {}", event.id, event.kind, event.image));
    }
    // A message that came was not answered perhaps, but the one after it has to wait for that.
    for (what, events) in [("came", &taken), ("was delivered", &delivered)] {
        for pair in events.windows(2).filter(|pair| pair[1].id <= pair[0].id) {
            findings.out_of_order.push(format!("event {} {what} after {}", pair[1].id, pair[0].id));
        }
    }
    for Event { id, image, kind } in events::out_of_order(delivered.iter().copied()) {
        findings.out_of_order.push(format!("event {id}: image {image} is {kind}, which cannot follow"));
    }
    let known: HashMap<i64, &Event> = events.iter().map(|event| (event.id, event)).collect();
    for event in story.taken.iter().filter(|event| known.get(&event.id) != Some(event)) {
        findings.strange.push(format!("{event:?} is {:?} in the database", known.get(&event.id)));
    }
    findings
}

/// The events in the order in which each came first.
fn firsts(events: &[Event]) -> Vec<&Event> {
    let mut ids = HashSet::new();
    events.iter().filter(|event| ids.insert(event.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Event> {
        let events = [(1, 7, "accepted"), (2, 8, "accepted"), (3, 7, "ready"), (4, 8, "failed")];
        events.map(|(id, image, kind)| Event { id, image, kind: kind.into() }).into()
    }

    /// The counts of repeated, lost and disordered events and of strange things, when the events of these ids came and
    /// were answered.
    fn counts(taken: &[i64], answered: &[i64]) -> [usize; 4] {
        let events = events();
        let all = |ids: &[i64]| ids.iter().map(|id| events[*id as usize - 1].clone()).collect();
        let story = Story { taken: all(taken), answered: all(answered), ..Story::default() };
        let WebhookFindings { repeated, lost, out_of_order, strange, .. } = check(&story, &events);
        [repeated, lost.len(), out_of_order.len(), strange.len()]
    }

    #[test]
    fn events_may_come_again_but_none_is_lost() {
        assert_eq!(counts(&[1, 2, 3, 4], &[1, 2, 3, 4]), [0; 4]);
        assert_eq!(counts(&[1, 1, 2, 1, 3, 3, 4], &[1, 2, 1, 3, 4]), [3, 0, 0, 0]);
        assert_eq!(counts(&[1, 2, 3], &[1, 2, 3]), [0, 1, 0, 0]);
        // It came, and nobody said so.
        assert_eq!(counts(&[1, 2, 3, 4], &[1, 2, 3]), [0, 1, 0, 0]);
        assert_eq!(counts(&[], &[])[1], 4);
    }

    #[test]
    fn first_deliveries_are_in_order() {
        assert_eq!(counts(&[2, 1, 3, 4], &[2, 1, 3, 4]), [0, 0, 2, 0]);
        // The second was delivered before the first was.
        assert_eq!(counts(&[1, 2, 1, 3, 4], &[2, 1, 3, 4]), [1, 0, 1, 0]);
        // The second came before the first did.
        assert_eq!(counts(&[2, 1, 2, 3, 4], &[1, 2, 3, 4]), [1, 0, 1, 0]);
        assert_eq!(counts(&[1, 2, 4, 3], &[1, 2, 4, 3]), [0, 0, 2, 0]);
        // The image is out of order too.
        assert_eq!(counts(&[3, 1, 2, 4], &[3, 1, 2, 4]), [0, 0, 3, 0]);
    }

    #[test]
    fn what_the_database_does_not_have_is_found() {
        let mut events = events();
        let story = Story { taken: events.clone(), answered: events.clone(), ..Story::default() };
        events[3].kind = "ready".into();
        assert_eq!(check(&story, &events).strange.len(), 1);
        assert_eq!(check(&story, &events[..3]).strange.len(), 1);
        let strange = Story { strange: vec!["the signature is wrong".into()], ..Story::default() };
        assert!(!check(&strange, &[]).are_clean());
        assert!(check(&Story::default(), &[]).are_clean());
    }
}
