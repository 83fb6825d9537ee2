//! What is wrong with a stream, by what it says itself, by the ledger and by the database.

use std::collections::{HashMap, HashSet};

use super::record::Story;
use crate::events::{self, Event};
use crate::ledger::{Answer, Upload};

/// What was found at one stream.
#[derive(Debug, Default)]
pub(crate) struct StreamFindings {
    pub(crate) from_the_beginning: bool,
    pub(crate) connections: usize,
    pub(crate) refused: usize,
    pub(crate) events: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
    pub(crate) out_of_order: Vec<String>,
    pub(crate) strange: Vec<String>,
}

impl StreamFindings {
    pub(crate) fn are_clean(&self) -> bool {
        self.wrong().next().is_none()
    }

    pub(crate) fn wrong(&self) -> impl Iterator<Item = &String> {
        self.lost.iter().chain(&self.doubled).chain(&self.out_of_order).chain(&self.strange)
    }
}

/// Checks a stream. `events` are those of its user in the database, in the order of their ids.
pub(crate) fn check(story: &Story, events: &[Event], uploads: &[Upload]) -> StreamFindings {
    let mut findings = StreamFindings {
        from_the_beginning: story.from_the_beginning,
        connections: story.connections,
        refused: story.refused,
        events: story.events.len(),
        strange: story.strange.clone(),
        ..StreamFindings::default()
    };
    let Some(first) = story.first else {
        findings.lost.push("the stream has not begun".into());
        return findings;
    };
    let doubled = story.doubled.iter().map(|id| format!("event {id} came again"));
    findings.doubled.extend(doubled);
    let late = story.late.iter().map(|(id, last)| format!("event {id} came after {last}"));
    findings.out_of_order.extend(late);
    check_table(story, first, events, &mut findings);
    if story.from_the_beginning {
        check_order_of_images(story, &mut findings);
        check_uploads(story, uploads, &mut findings);
    }
    findings
}

/// Every event after the first block is told as the database has it, and no other one.
fn check_table(story: &Story, first: i64, events: &[Event], findings: &mut StreamFindings) {
    let told: HashMap<i64, &Event> = story.events.iter().map(|event| (event.id, event)).collect();
    for event in events.iter().filter(|event| event.id > first && !told.contains_key(&event.id)) {
        findings.lost.push(format!("no event {} {} of image {}", event.id, event.kind, event.image));
    }
    let known: HashMap<i64, &Event> = events.iter().map(|event| (event.id, event)).collect();
    for event in story.events.iter().filter(|event| known.get(&event.id) != Some(event)) {
        findings.strange.push(format!("{event:?} is {:?} in the database", known.get(&event.id)));
    }
}

fn check_order_of_images(story: &Story, findings: &mut StreamFindings) {
    for Event { id, image, kind } in events::out_of_order(&story.events) {
        findings.out_of_order.push(format!("event {id}: image {image} is {kind}, which cannot follow"));
    }
}

/// Every accepted upload was told from its acceptance to its end.
fn check_uploads(story: &Story, uploads: &[Upload], findings: &mut StreamFindings) {
    let last = events::last_by_image(&story.events);
    let accepted: HashSet<i64> =
        story.events.iter().filter(|event| event.kind == "accepted").map(|event| event.image).collect();
    for upload in uploads {
        let Answer::Accepted(image) = upload.answer else { continue };
        if !accepted.contains(&image) {
            findings.lost.push(format!("image {image} was not told to be accepted"));
        }
        let end = last.get(&image).map(|event| event.kind.as_str());
        let is_told = if upload.deleted {
            end == Some("deleted")
        } else {
            // A valid file that failed is found by its row.
            matches!(end, Some("ready" | "failed"))
        };
        if !is_told {
            findings.lost.push(format!("the last event of image {image} is {end:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::json;

    use super::super::block::Block;
    use super::*;

    const EVENTS: [(i64, i64, &str); 6] = [
        (1, 10, "accepted"),
        (2, 11, "accepted"),
        (3, 10, "ready"),
        (4, 11, "failed"),
        (5, 11, "deleted"),
        (6, 12, "accepted"),
    ];

    fn block(id: i64, image: i64, kind: &str) -> Block {
        let data = json!({ "id": id, "image_id": image, "type": kind });
        Block { id: Some(id), event: Some(kind.into()), data }
    }

    fn upload(image: i64, deleted: bool) -> Upload {
        let (began, ended) = (Instant::now(), Instant::now());
        let answer = Answer::Accepted(image);
        Upload { file_name: image.to_string(), picture: 0, began, ended, answer, deleted, tries: None }
    }

    /// The counts of lost, doubled and disordered events and of strange things in a stream of these blocks.
    fn counts(blocks: Vec<Block>) -> [usize; 4] {
        let mut story = Story::new(true);
        story.note(Block { id: Some(0), ..Block::default() });
        blocks.into_iter().for_each(|block| story.note(block));
        let events: Vec<_> =
            EVENTS.map(|(id, image, kind)| Event { id, image, kind: kind.into() }).into_iter().collect();
        let findings = check(&story, &events, &[upload(10, false), upload(11, true)]);
        let StreamFindings { lost, doubled, out_of_order, strange, .. } = findings;
        [lost, doubled, out_of_order, strange].map(|wrong| wrong.len())
    }

    fn blocks() -> Vec<Block> {
        EVENTS.map(|(id, image, kind)| block(id, image, kind)).into()
    }

    fn changed(change: impl FnOnce(&mut Vec<Block>)) -> [usize; 4] {
        let mut blocks = blocks();
        change(&mut blocks);
        counts(blocks)
    }

    #[test]
    fn a_whole_stream_is_clean() {
        assert_eq!(counts(blocks()), [0; 4]);
    }

    #[test]
    fn a_lost_event_is_found_in_the_database_and_the_ledger() {
        assert_eq!(changed(|blocks| drop(blocks.remove(5))), [1, 0, 0, 0]);
        // The image is in the ledger too.
        assert_eq!(changed(|blocks| drop(blocks.remove(2))), [2, 0, 0, 0]);
        assert_eq!(changed(|blocks| drop(blocks.remove(4))), [2, 0, 0, 0]);
        assert_eq!(changed(|blocks| drop(blocks.remove(0))), [2, 0, 1, 0]);
        assert_eq!(changed(Vec::clear)[0], EVENTS.len() + 4);
    }

    #[test]
    fn an_event_that_comes_again_is_doubled() {
        assert_eq!(changed(|blocks| blocks.push(block(3, 10, "ready"))), [0, 1, 0, 0]);
    }

    #[test]
    fn an_event_that_comes_late_is_out_of_order() {
        assert_eq!(changed(|blocks| blocks.swap(1, 2)), [0, 0, 1, 0]);
        // The image is out of order too.
        assert_eq!(changed(|blocks| blocks.swap(3, 4)), [1, 0, 2, 0]);
    }

    #[test]
    fn what_no_stream_may_say_is_found() {
        assert_eq!(changed(|blocks| blocks.push(block(7, 13, "accepted"))), [0, 0, 0, 1]);
        assert_eq!(changed(|blocks| blocks[5] = block(6, 13, "accepted")), [0, 0, 0, 1]);
        let at = |id| Block { id: Some(id), ..Block::default() };
        assert_eq!(changed(|blocks| blocks.push(at(2))), [0, 0, 0, 1]);
        assert_eq!(changed(|blocks| blocks.push(at(9))), [0; 4]);
        assert_eq!(changed(|blocks| blocks.push(block(9, 0, "reset"))), [0, 0, 0, 1]);
        let other =
            Block { data: json!({ "id": 6, "image_id": 12, "type": "ready" }), ..block(6, 12, "accepted") };
        assert_eq!(changed(|blocks| blocks[5] = other), [0, 0, 0, 1]);
    }

    #[test]
    fn a_stream_that_has_not_begun_has_lost_everything() {
        assert!(!check(&Story::default(), &[], &[]).are_clean());
    }
}
