//! The events of images: what the database says of them, which clients were told, and the order of one image's events.

use std::collections::HashMap;

use crate::rows::Row;
use crate::stage::Stage;

/// One event, as a client was told it or as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) image: i64,
    pub(crate) kind: String,
}

/// The events of all users that the database has, in the order of their ids.
pub(crate) async fn all(stage: &Stage) -> anyhow::Result<Vec<Event>> {
    let query = "SELECT id, image_id, kind FROM image_events ORDER BY id";
    let rows = stage.connect().await?.query(query, &[]).await?;
    let event = |row: &tokio_postgres::Row| Event { id: row.get(0), image: row.get(1), kind: row.get(2) };
    Ok(rows.iter().map(event).collect())
}

/// The number of events that are not numbered yet.
pub(crate) async fn waiting(stage: &Stage) -> anyhow::Result<i64> {
    let query = "SELECT count(*) FROM image_event_outbox";
    Ok(stage.connect().await?.query_one(query, &[]).await?.get(0))
}

/// The last event of each image.
pub(crate) fn last_by_image<'a>(events: impl IntoIterator<Item = &'a Event>) -> HashMap<i64, &'a Event> {
    events.into_iter().map(|event| (event.image, event)).collect()
}

/// The events that cannot follow what their image's earlier events say.
pub(crate) fn out_of_order<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<&'a Event> {
    let mut last: HashMap<i64, &str> = HashMap::new();
    let mut wrong = Vec::new();
    for event in events {
        let before = last.insert(event.image, &event.kind);
        if !can_follow(before, &event.kind) {
            wrong.push(event);
        }
    }
    wrong
}

/// Checks the events that the database has: their ids have no gap, each image's are in order, and the last one of each
/// image is the state of its row. Every image has to have ended.
pub(crate) fn check(events: &[Event], rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, event) in (1..).zip(events).filter(|(number, event)| *number != event.id) {
        wrong.push(format!("event {} is number {number}", event.id));
    }
    for Event { id, image, kind } in out_of_order(events) {
        wrong.push(format!("event {id}: image {image} is {kind}, which cannot follow"));
    }
    let mut last = last_by_image(events);
    for row in rows {
        let kind = last.remove(&row.id).map(|event| event.kind.as_str());
        if kind != Some(&row.state) {
            wrong.push(format!("the last event of image {} is {kind:?}, and it is {}", row.id, row.state));
        }
    }
    for event in last.values().filter(|event| event.kind != "deleted") {
        wrong.push(format!("image {} is gone, and its last event is {}", event.image, event.kind));
    }
    wrong
}

fn can_follow(before: Option<&str>, kind: &str) -> bool {
    match kind {
        "accepted" => matches!(before, None | Some("ready" | "failed")),
        "ready" | "failed" => before == Some("accepted"),
        "deleted" => matches!(before, Some("accepted" | "ready" | "failed")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disordered(kinds: &[&str]) -> usize {
        let event = |(id, kind): (i64, &&str)| Event { id, image: 1, kind: (*kind).to_owned() };
        let mut events: Vec<_> = (1..).zip(kinds).map(event).collect();
        // Another image's events say nothing of this one.
        events.insert(1, Event { id: 99, image: 2, kind: "accepted".into() });
        out_of_order(&events).len()
    }

    #[test]
    fn an_image_is_accepted_then_ends_and_then_may_be_deleted() {
        assert_eq!(disordered(&["accepted", "ready", "deleted"]), 0);
        assert_eq!(disordered(&["accepted", "failed", "accepted", "ready"]), 0);
        assert_eq!(disordered(&["accepted", "deleted"]), 0);
    }

    #[test]
    fn every_other_order_is_found() {
        for kinds in [
            &["ready"][..],
            &["accepted", "accepted"],
            &["accepted", "ready", "ready"],
            &["accepted", "failed", "ready"],
            &["accepted", "deleted", "ready"],
            &["accepted", "resized"],
        ] {
            assert_eq!(disordered(kinds), 1, "{kinds:?}");
        }
        assert_eq!(disordered(&["ready", "accepted"]), 1);
        assert_eq!(disordered(&["deleted", "accepted", "ready"]), 2);
    }

    #[test]
    fn the_events_in_the_database_explain_the_rows() {
        let event = |id, image, kind: &str| Event { id, image, kind: kind.into() };
        let row = |id, state: &str| Row { id, state: state.into(), ..Row::default() };
        let events =
            [event(1, 5, "accepted"), event(2, 5, "ready"), event(3, 6, "accepted"), event(4, 6, "deleted")];
        assert_eq!(check(&events, &[row(5, "ready")]), [""; 0]);
        assert_eq!(check(&events, &[row(5, "failed")]).len(), 1);
        assert_eq!(check(&events, &[]).len(), 1);
        assert_eq!(check(&events, &[row(5, "ready"), row(6, "ready")]).len(), 1);
        assert_eq!(check(&events, &[row(5, "ready"), row(7, "ready")]).len(), 1);
        assert_eq!(check(&events[1..], &[row(5, "ready")]).len(), 4);
        let gap = [event(1, 5, "accepted"), event(3, 5, "ready")];
        assert_eq!(check(&gap, &[row(5, "ready")]).len(), 1);
    }
}
