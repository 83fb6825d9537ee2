use std::future::{Future, pending};
use std::time::Duration;

use futures_util::FutureExt;
use libtest_mimic::{Failed, Trial};
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::Generation;
use resizinator_shared::image::{Image, State};
use resizinator_shared::metadata::{ClaimOutcome, MetadataError};
use resizinator_shared::objects::{ObjectError, ObjectKey, ObjectStore};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::settings::Limits;
use resizinator_shared::testing::metadata::{forbid_ready, lock, run_sql};
use resizinator_shared::testing::{generation, id, username};
use resizinator_shared::variant::VariantKind;
use resizinator_worker::WorkerError;
use tokio::sync::oneshot;

use crate::queue::Settled;
use crate::renderer::{CRASHES, REFUSED, RENDERS};
use crate::stage::{Stage, limits, until};
use crate::store::Fault;

pub(crate) fn all() -> Vec<Trial> {
    macro_rules! stories {
        ($($name:ident),* $(,)?) => { vec![$(Trial::test(stringify!($name), || tell($name()))),*] };
    }
    stories![
        a_job_ends_with_both_variants_and_one_acknowledgement,
        a_file_at_fault_fails_its_image_at_once,
        a_file_that_kills_its_renderer_twice_fails_its_image,
        a_store_that_is_away_delays_the_job_and_the_worker_waits_for_it,
        a_put_that_takes_too_long_delays_the_job,
        an_outage_without_end_fails_the_image,
        no_put_begins_after_the_lease_is_lost,
        an_image_deleted_meanwhile_is_left_alone,
        a_failure_of_an_image_deleted_meanwhile_is_left_alone,
        a_job_redelivered_while_its_lease_runs_waits,
        a_job_without_work_is_acknowledged,
        a_shutdown_hands_back_what_runs,
        a_database_that_is_away_delays_the_claim,
        a_database_that_is_away_while_concluding_is_waited_for,
        an_original_missed_once_comes_again_and_nobody_waits,
        an_original_missed_for_a_minute_fails_the_image,
        an_original_is_not_missed_for_good_while_no_other_object_is_found,
        an_original_that_comes_back_is_rendered,
        a_retried_image_is_missed_anew,
        a_defect_counts_attempts_and_then_fails_the_image,
        a_defect_of_the_claim_delays_the_job,
        tables_that_do_not_fit_end_the_worker,
    ]
}

fn tell(story: impl Future<Output = ()>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(story);
    Ok(())
}

async fn a_job_ends_with_both_variants_and_one_acknowledgement() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
    let shown = stage.shown(&image).await;
    assert_eq!(
        (shown.state, shown.visible_generation, shown.attempts),
        (State::Ready, Some(Generation::FIRST), 1)
    );
    for (kind, bytes) in [(VariantKind::Small, "small"), (VariantKind::Medium, "medium")] {
        let into = tempfile::tempfile().expect("a file");
        let key = ObjectKey::variant(&shown, Generation::FIRST, kind);
        assert_eq!(stage.objects.get(&key, 100, &into).await.expect("is there"), bytes.len() as u64);
    }
    stage.stop().await.expect("ends");
    stage.assert_nothing_more_settled();
}

async fn a_file_at_fault_fails_its_image_at_once() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(REFUSED).await;
    assert_failed(&mut stage, &image, FailureCode::TooManyScans).await;
    assert_takes_jobs_at_once(&mut stage).await;
}

async fn a_file_that_kills_its_renderer_twice_fails_its_image() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(CRASHES).await;
    assert_failed(&mut stage, &image, FailureCode::RendererCrashed).await;
    assert_takes_jobs_at_once(&mut stage).await;
}

async fn a_store_that_is_away_delays_the_job_and_the_worker_waits_for_it() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    stage.objects.at_next_get(away());
    let checks = stage.objects.checks();
    assert_retried(stage.verdict_on(&image).await, 5, "is away");
    assert_waits_with_attempts(&stage, &image, 0).await;
    until("the worker asks for the store", async || stage.objects.checks() > checks).await;
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
}

async fn a_put_that_takes_too_long_delays_the_job() {
    let mut stage = Stage::start_with(Limits { upload: Duration::from_millis(100), ..limits() }).await;
    let image = stage.accepted(RENDERS).await;
    stage.objects.at_next_put(Box::new(|| pending().boxed()));
    assert_retried(stage.verdict_on(&image).await, 5, "RESIZINATOR_UPLOAD_TIMEOUT");
    assert_waits_with_attempts(&stage, &image, 0).await;
}

async fn an_outage_without_end_fails_the_image() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    move_back(&stage, "accepted_at", "-25 hours").await;
    stage.objects.at_next_get(away());
    assert_failed(&mut stage, &image, FailureCode::GaveUp).await;
}

async fn no_put_begins_after_the_lease_is_lost() {
    let lease = Duration::from_millis(300);
    let mut stage = Stage::start_with(Limits { lease, ..limits() }).await;
    let image = stage.accepted(RENDERS).await;
    let puts = stage.objects.puts();
    let (database, metadata) = (stage.database.clone(), stage.metadata.clone());
    stage.objects.at_next_get(Box::new(move || {
        async move {
            // Another worker has claimed the image, so that the lease is not renewed any more and expires.
            run_sql(&database, "UPDATE images SET claim = claim + 1").await;
            let lost = metadata.now().await.expect("the time") + 2 * lease;
            while metadata.now().await.expect("the time") <= lost {
                tokio::time::sleep(lease / 10).await;
            }
            Ok(())
        }
        .boxed()
    }));
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
    assert_eq!(stage.objects.puts() - puts, 0, "a put began after the lease had run out");
    assert_eq!(stage.shown(&image).await.state, State::Processing);
}

async fn an_image_deleted_meanwhile_is_left_alone() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    stage.objects.at_next_put(delete(&stage, &image, Ok(())));
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
    assert_eq!(stage.found(&image).await, None);
    assert_takes_jobs_at_once(&mut stage).await;
}

async fn a_failure_of_an_image_deleted_meanwhile_is_left_alone() {
    let mut stage = Stage::start().await;
    for order in [REFUSED, CRASHES] {
        let image = stage.accepted(order).await;
        stage.objects.at_next_get(delete(&stage, &image, Ok(())));
        assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
        assert_eq!(stage.found(&image).await, None);
    }
}

async fn a_job_redelivered_while_its_lease_runs_waits() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    let other =
        stage.metadata.claim(image.id, image.user_id, image.generation, Duration::from_secs(600)).await;
    assert!(matches!(other, Ok(ClaimOutcome::Claimed(_))), "{other:?}");
    assert_retried(stage.verdict_on(&image).await, 5, "another claim's lease still runs");
    let shown = stage.shown(&image).await;
    assert_eq!((shown.state, shown.attempts), (State::Processing, 1));
    assert_takes_jobs_at_once(&mut stage).await;
}

async fn a_job_without_work_is_acknowledged() {
    let mut stage = Stage::start().await;
    let image = stage.ready().await;
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
    let job = ResizeJob::of(&image);
    for nothing in [
        ResizeJob { generation: generation(2), ..job },
        ResizeJob { user_id: id(job.user_id.get() + 1), ..job },
        ResizeJob { image_id: id(job.image_id.get() + 1), ..job },
    ] {
        stage.publish(&nothing).await;
        assert_eq!(stage.settled().await, Settled::Acknowledged);
    }
    assert_eq!(stage.shown(&image).await, image);
}

async fn a_shutdown_hands_back_what_runs() {
    // Two seconds of the grace time are kept for handing jobs back.
    let mut stage = Stage::start_with(Limits { grace: Duration::from_secs(3), ..limits() }).await;
    let image = stage.accepted(RENDERS).await;
    let (begun, has_begun) = oneshot::channel::<()>();
    stage.objects.at_next_get(Box::new(move || {
        drop(begun);
        pending().boxed()
    }));
    stage.publish(&ResizeJob::of(&image)).await;
    assert!(has_begun.await.is_err(), "dropped when the work begins");
    stage.stop().await.expect("ends");
    assert_eq!(stage.settled().await, Settled::HandedBack);
    assert_waits_with_attempts(&stage, &image, 0).await;
    stage.assert_nothing_more_settled();
}

async fn a_database_that_is_away_delays_the_claim() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    let locked = lock(&stage.database).await;
    let settled = stage.verdict_on(&image).await;
    let Settled::Retried { delay, reason } = settled else { panic!("{settled:?}") };
    assert_eq!(delay.as_secs(), 5, "{reason}");
    // The task that passes events on may have the only connection, and waits for the lock too.
    assert!(["database is locked", "waiting for a slot"].iter().any(|why| reason.contains(why)), "{reason}");
    drop(locked);
    assert_waits_with_attempts(&stage, &image, 0).await;
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
}

async fn a_database_that_is_away_while_concluding_is_waited_for() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(REFUSED).await;
    let ada = stage.metadata.find_user(&username("ada")).await.expect("asks").expect("is there");
    let (locks, locked) = oneshot::channel();
    let database = stage.database.clone();
    stage.objects.at_next_get(Box::new(move || {
        async move {
            let _ = locks.send(lock(&database).await);
            Ok(())
        }
        .boxed()
    }));
    stage.publish(&ResizeJob::of(&image)).await;
    let locked = locked.await.expect("is locked");
    // The store runs one statement at a time. When two of ours have waited for the lock in vain, the worker's was refused
    // at least once.
    let mut refused = 0;
    while refused < 2 {
        let outcome = stage.metadata.set_active(&ada, true).await;
        let Err(MetadataError::Unavailable(reason)) = outcome else { panic!("{outcome:?}") };
        refused += usize::from(reason.contains("database is locked"));
    }
    stage.assert_nothing_more_settled();
    drop(locked);
    let settled = stage.settled().await;
    assert!(
        matches!(&settled, Settled::Failed { code, .. } if *code == FailureCode::TooManyScans),
        "{settled:?}"
    );
    assert_eq!(stage.shown(&image).await.error_code, Some(FailureCode::TooManyScans.into()));
}

async fn an_original_missed_once_comes_again_and_nobody_waits() {
    let mut stage = Stage::start().await;
    stage.ready().await;
    let image = stage.accepted(RENDERS).await;
    stage.lose(&image).await;
    for _ in 0..2 {
        // If the job comes again too soon, the answer is the same.
        assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
        assert_waits_with_attempts(&stage, &image, 0).await;
        assert_takes_jobs_at_once(&mut stage).await;
    }
}

async fn an_original_missed_for_a_minute_fails_the_image() {
    let mut stage = Stage::start().await;
    stage.ready().await;
    let image = stage.accepted(RENDERS).await;
    stage.lose(&image).await;
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    move_back(&stage, "original_missed_at", "-61 seconds").await;
    assert_failed(&mut stage, &image, FailureCode::OriginalMissing).await;
    assert_takes_jobs_at_once(&mut stage).await;
}

async fn an_original_is_not_missed_for_good_while_no_other_object_is_found() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    stage.lose(&image).await;
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    move_back(&stage, "original_missed_at", "-61 seconds").await;
    // There is no other image.
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    // There is another image, but its objects are missing too, perhaps because the folder is the wrong one.
    let other = stage.ready().await;
    stage.lose(&other).await;
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    assert_waits_with_attempts(&stage, &image, 0).await;
    stage.ready().await;
    assert_failed(&mut stage, &image, FailureCode::OriginalMissing).await;
}

async fn an_original_that_comes_back_is_rendered() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    let key = ObjectKey::original(&image);
    stage.objects.at_next_get(Box::new(move || async move { Err(ObjectError::NotFound(key)) }.boxed()));
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
    assert_eq!(stage.shown(&image).await.state, State::Ready);
}

async fn a_retried_image_is_missed_anew() {
    let mut stage = Stage::start().await;
    stage.ready().await;
    let image = stage.accepted(RENDERS).await;
    stage.lose(&image).await;
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
    move_back(&stage, "original_missed_at", "-61 seconds").await;
    assert_failed(&mut stage, &image, FailureCode::OriginalMissing).await;
    assert!(stage.metadata.retry(image.id).await.expect("answers"));
    assert_retried(stage.verdict_on(&image).await, 120, "does not have the original");
}

async fn a_defect_counts_attempts_and_then_fails_the_image() {
    let mut stage = Stage::start_with(Limits { attempts: 2, ..limits() }).await;
    let image = stage.accepted(RENDERS).await;
    forbid_ready(&stage.database).await;
    let checks = stage.objects.checks();
    assert_retried(stage.verdict_on(&image).await, 300, "the statement \"finish_ready\" failed");
    assert_waits_with_attempts(&stage, &image, 1).await;
    assert_failed(&mut stage, &image, FailureCode::Internal).await;
    assert_eq!(stage.objects.checks(), checks, "the worker has waited for a backend");
}

async fn a_defect_of_the_claim_delays_the_job() {
    let mut stage = Stage::start().await;
    let image = stage.accepted(RENDERS).await;
    stage.ready().await;
    let checks = stage.objects.checks();
    stage.sql("ALTER TABLE images RENAME COLUMN file_name TO name_of_file").await;
    assert_retried(stage.verdict_on(&image).await, 300, "the statement \"claim\" failed");
    stage.sql("ALTER TABLE images RENAME COLUMN name_of_file TO file_name").await;
    assert_waits_with_attempts(&stage, &image, 0).await;
    assert_eq!(stage.objects.checks(), checks, "the worker has waited for a backend");
    assert_eq!(stage.verdict_on(&image).await, Settled::Acknowledged);
}

async fn tables_that_do_not_fit_end_the_worker() {
    let mut stage = Stage::prepare(limits()).await;
    stage.sql("DELETE FROM __diesel_schema_migrations").await;
    stage.start_worker();
    let ended = stage.ended().await;
    let Err(WorkerError::Metadata(error)) = ended else { panic!("{ended:?}") };
    assert!(error.to_string().contains("the statement \"migrate\" failed"), "{error}");
}

fn away() -> Fault {
    Box::new(|| async { Err(ObjectError::Unavailable("is away".into())) }.boxed())
}

/// The owner deletes the image.
fn delete(stage: &Stage, image: &Image, then: Result<(), ObjectError>) -> Fault {
    let (metadata, user, id) = (stage.metadata.clone(), image.user_id, image.id);
    Box::new(move || {
        async move {
            assert!(metadata.delete_image(user, id).await.expect("deletes"));
            then
        }
        .boxed()
    })
}

/// Makes every time in a column earlier.
async fn move_back(stage: &Stage, column: &str, by: &str) {
    let sql = format!("UPDATE images SET {column} = strftime('%Y-%m-%d %H:%M:%f', {column}, '{by}')");
    stage.sql(&sql).await;
}

fn assert_retried(settled: Settled, seconds: u64, why: &str) {
    let Settled::Retried { delay, reason } = settled else { panic!("{settled:?}") };
    assert_eq!(delay.as_secs(), seconds, "{reason}");
    assert!(reason.contains(why), "{reason}");
}

async fn assert_failed(stage: &mut Stage, image: &Image, expected: FailureCode) {
    let settled = stage.verdict_on(image).await;
    let Settled::Failed { code, detail } = settled else { panic!("{settled:?}") };
    assert_eq!(code, expected, "{detail}");
    let shown = stage.shown(image).await;
    let row = (shown.state, shown.error_code, shown.error_detail);
    assert_eq!(row, (State::Failed, Some(code.into()), Some(detail)));
}

async fn assert_waits_with_attempts(stage: &Stage, image: &Image, attempts: i32) {
    let shown = stage.shown(image).await;
    assert_eq!((shown.state, shown.attempts), (State::Pending, attempts));
}

/// The worker takes the next job without asking the stores first.
async fn assert_takes_jobs_at_once(stage: &mut Stage) {
    let checks = stage.objects.checks();
    stage.ready().await;
    assert_eq!(stage.objects.checks(), checks, "the worker has waited for a backend");
}
