//! Tests with random histories: whatever workers, upkeep, the owner and operators do, and in whatever order, the
//! invariants of the rows hold.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::ids::Claim;
use crate::metadata::Release;

const STEPS: usize = 300;
const IMAGES: usize = 3;

/// The state that a row has to have, as the test expects it.
#[derive(Debug)]
struct Model {
    /// The row as it was last read.
    seen: Image,
    /// All claims that were made, the oldest first.
    handed_out: Vec<Image>,
    /// The last claim that was released or cannot be released any more.
    released: Option<Claim>,
    deleted: bool,
    /// Whether an operator has just retried or reprocessed the image.
    anew: bool,
}

/// Plays one random history of claims, renewals, finishes, releases, expiries, deletes, confirmations, reservations and
/// retries, and checks the rows after each step.
pub async fn a_random_history_keeps_its_promises(url: &DatabaseUrl, seed: u64) {
    let store = migrated(url).await;
    let mut random = StdRng::seed_from_u64(seed);
    let ada = user(&store, &format!("ada-{seed}")).await;
    let mut models = Vec::new();
    for _ in 0..IMAGES {
        models.push(Model::of(accepted(&store, ada).await));
    }
    for step in 0..STEPS {
        let model = random.random_range(0..IMAGES);
        let operation = models[model].play(&store, &mut random).await;
        let context = format!("seed {seed}, step {step}, image {model}: {operation}");
        for model in &mut models {
            model.check(&store, &context).await;
        }
        // A new image takes the place of one that is finished.
        if models[model].is_over() && random.random_bool(0.2) {
            models[model] = Model::of(accepted(&store, ada).await);
        }
    }
    let alive = models.iter().filter(|model| !model.deleted).map(|model| model.seen.id);
    let (count, listed) = listed(&store, ada).await;
    assert_eq!(usize::try_from(count), Ok(listed.len()));
    for id in alive {
        assert!(listed.contains(&id), "seed {seed}: {id} is not listed");
    }
    all_come_to_their_end(&store, &models, seed).await;
}

/// Wipes the broker, lets workers finish and upkeep do the rest. Then no image may be stuck, and no tombstone may be
/// left.
async fn all_come_to_their_end(store: &MetadataStore, models: &[Model], seed: u64) {
    tick(store).await;
    expire(store).await;
    let all: Vec<ImageId> = models.iter().map(|model| model.seen.id).collect();
    store.unreserve(&all).await.expect("gives back");
    for held in models.iter().filter_map(|model| model.handed_out.last()) {
        store.finish_ready(held, SIZES, LONG).await.expect("answers");
    }
    let now = store.now().await.expect("the time");
    store.unmark_queued_before(now).await.expect("unmarks");
    store.take_turns(None, 100, Duration::ZERO).await.expect("takes");
    for waiting in store.unqueued(Duration::ZERO, 100).await.expect("lists") {
        let held = claimed(store, &waiting, LONG).await;
        assert!(store.finish_ready(&held, SIZES, LONG).await.expect("answers"));
    }
    for tombstone in store.to_purge(1000).await.expect("lists") {
        store.mark_purged(tombstone.id, Duration::ZERO).await.expect("marks");
    }
    for tombstone in store.to_purge_again(1000).await.expect("lists") {
        store.remove_row(tombstone.id).await.expect("removes");
    }
    let rows = store.by_object(None, 10_000).await.expect("lists");
    for model in models {
        let is_there = rows.iter().any(|row| row.id == model.seen.id);
        assert_eq!(is_there, !model.deleted, "seed {seed}: {:?}", model.seen);
    }
    let stuck = rows.iter().find(|row| !matches!(row.state, State::Ready | State::Failed));
    assert!(stuck.is_none(), "seed {seed}: {stuck:?}");
}

impl Model {
    fn of(image: Image) -> Self {
        Self { seen: image, handed_out: Vec::new(), released: None, deleted: false, anew: false }
    }

    fn is_over(&self) -> bool {
        self.deleted || matches!(self.seen.state, State::Ready | State::Failed)
    }

    /// Runs one random operation. Its answer has to agree with the row as it was before.
    async fn play(&mut self, store: &MetadataStore, random: &mut StdRng) -> String {
        let lease = if random.random_bool(0.4) { Duration::ZERO } else { LONG };
        let processing = !self.deleted && self.seen.state == State::Processing;
        let held = random.random_range(0..=self.handed_out.len()).checked_sub(1);
        let held = held.map(|number| self.handed_out[number].clone());
        let live = |held: &Image| processing && held.claim == self.seen.claim;
        match (random.random_range(0..100), held) {
            (0..35, _) => {
                let pending = !self.deleted && self.seen.state == State::Pending;
                let outcome = claim(store, &self.seen, lease).await;
                let text = format!("claim: {outcome:?}");
                match outcome {
                    ClaimOutcome::Claimed(image) => {
                        assert!(pending, "{text}");
                        assert_eq!(
                            (image.claim.get(), image.attempts),
                            (self.seen.claim.get() + 1, self.seen.attempts + 1)
                        );
                        self.handed_out.push(*image);
                    }
                    ClaimOutcome::Busy => assert!(processing, "{text}"),
                    ClaimOutcome::Over => assert!(self.is_over(), "{text}"),
                }
                text
            }
            (35..50, Some(held)) => {
                let renewed = store.renew(&held, lease).await.expect("answers");
                assert_eq!(renewed, live(&held), "renew {held:?}");
                format!("renew of {}: {renewed}", held.claim)
            }
            (50..56, Some(held)) => {
                let finished = store.finish_ready(&held, SIZES, LONG).await.expect("answers");
                assert_eq!(finished, live(&held), "finish_ready {held:?}");
                format!("finish_ready of {}: {finished}", held.claim)
            }
            (56..59, Some(held)) => {
                let finished = store.finish_failed(&held, CODE, DETAIL).await.expect("answers");
                assert_eq!(finished, live(&held), "finish_failed {held:?}");
                format!("finish_failed of {}: {finished}", held.claim)
            }
            (59..68, Some(held)) => {
                let release = if random.random_bool(0.5) { Release::Now } else { Release::After(LONG) };
                let released = store.release(&held, release).await.expect("answers");
                // A claim that has expired can be released too, as long as no other worker has claimed the image.
                let last = !self.is_over() && held.claim == self.seen.claim;
                assert_eq!(released, last && self.released < Some(held.claim), "release {held:?}");
                if released {
                    self.released = Some(held.claim);
                }
                format!("release of {}: {released}", held.claim)
            }
            (68..85, _) => {
                tick(store).await;
                format!("expire: {:?}", expire(store).await)
            }
            (85..88, _) => {
                let deleted = store.delete_image(self.seen.user_id, self.seen.id).await.expect("answers");
                assert_eq!(deleted, !self.deleted);
                self.deleted = true;
                "delete".into()
            }
            (88..91, _) => {
                let again = accept(store, &self.seen).await;
                assert_eq!(again, None);
                "accept".into()
            }
            (91..93, _) => {
                let failed = !self.deleted && self.seen.state == State::Failed;
                assert_eq!(store.retry(self.seen.id).await.expect("answers"), failed);
                self.start_anew(failed);
                "retry".into()
            }
            (93..95, _) => {
                let finished = !self.deleted && self.is_over();
                assert_eq!(store.reprocess(self.seen.id).await.expect("answers"), finished);
                self.start_anew(finished);
                "reprocess".into()
            }
            (95..97, _) => {
                store.reserve(vec![self.seen.clone()], SHORT).await.expect("reserves");
                "reserve".into()
            }
            (_, held) => {
                mark_queued(store, &held.unwrap_or_else(|| self.seen.clone())).await;
                "mark_queued".into()
            }
        }
    }

    fn start_anew(&mut self, anew: bool) {
        if anew {
            self.anew = true;
            // The last claim has ended and cannot be released any more.
            self.released = Some(self.seen.claim);
        }
    }

    /// Checks the invariants of the row against what was last read.
    async fn check(&mut self, store: &MetadataStore, context: &str) {
        let found = find(store, &self.seen).await;
        assert_eq!(found.is_none(), self.deleted, "shown or not, after {context}");
        let Some(now) = found else { return };
        let before = std::mem::replace(&mut self.seen, now.clone());
        let change = format!("{before:?} became {now:?} after {context}");
        assert!((0..=ATTEMPTS).contains(&now.attempts), "{change}");
        assert!(now.claim == before.claim || now.claim.get() == before.claim.get() + 1, "{change}");
        assert!(now.updated_at >= before.updated_at, "{change}");
        if std::mem::take(&mut self.anew) {
            assert_eq!((now.state, now.attempts, &now.error_code), (State::Pending, 0, &None), "{change}");
        } else if matches!(before.state, State::Ready | State::Failed) {
            assert_eq!(now, before, "an end is an end: {context}");
        }
        let seen_before = before.visible_generation;
        let shown = now.visible_generation == seen_before
            || now.state == State::Ready && now.visible_generation > seen_before;
        assert!(shown, "what is shown stays until there is something newer: {change}");
        let live = usize::from(now.state == State::Processing);
        let fitting = self.handed_out.iter().filter(|held| held.claim == now.claim).count();
        assert!(fitting >= live, "somebody holds it: {change}");
        assert!(fitting <= 1, "one number is handed out once: {change}");
        match now.state {
            State::Ready => assert_eq!(now.visible_generation, Some(now.generation), "{change}"),
            State::Failed => assert!(now.error_code.is_some(), "{change}"),
            State::Pending | State::Processing => assert!(now.error_code.is_none(), "{change}"),
            State::Receiving | State::Deleted => panic!("a hidden state is shown: {change}"),
        }
        if now.state == State::Pending {
            assert!(now.attempts < ATTEMPTS, "{change}");
        }
        if now.state == State::Processing {
            assert!(now.attempts > 0, "{change}");
        }
    }
}
