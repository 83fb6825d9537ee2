//! Runs the behaviour suite of the metadata store against SQLite (a folder per test) and against the
//! Postgres of `TEST_DATABASE_URL` (a database per test; its user may make databases).

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use resizinator_shared::settings::DatabaseUrl;
use resizinator_shared::testing::metadata;
use tokio_postgres::{Client, NoTls};
use url::Url;

macro_rules! on {
    ($run:ident; $($module:ident { $($behaviour:ident)+ })+) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::super::$run(super::super::metadata::$module::$behaviour).await;
            })+
        })+
    };
}

macro_rules! on_both {
    ($($behaviours:tt)+) => {
        mod sqlite {
            on! { on_sqlite; $($behaviours)+ }
        }
        mod postgres {
            on! { on_postgres; $($behaviours)+ }
        }
    };
}

on_both! {
    migrations {
        a_second_migration_finds_nothing_to_do
        eight_stores_that_migrate_at_once_all_succeed
        a_store_in_use_can_be_migrated_again
        every_migration_can_be_undone_and_done_again
    }
    defects {
        a_missing_column_is_a_defect_that_names_its_statement
        a_missing_table_is_a_defect
        a_violated_check_is_a_defect
        a_violated_reference_is_a_defect
        a_format_of_another_version_is_a_defect
        a_migration_that_does_not_fit_the_database_is_a_defect
    }
    lists {
        a_list_has_what_its_filter_lets_pass
        a_cursor_leads_on_and_back_where_images_were_deleted
        a_count_is_exact_while_images_come_change_and_go
        images_are_deleted_together
    }
    users {
        a_user_is_found_by_name
        a_taken_name_is_refused
        of_eight_registrations_of_one_name_one_wins
        an_inactive_user_is_returned_as_inactive
        an_operator_sees_what_was_set
    }
    tokens {
        a_token_names_its_user
        the_newest_tokens_stay
        tokens_made_at_once_keep_the_limit
        a_token_lives_as_long_as_it_is_used
        a_user_revokes_their_own_tokens
        a_changed_password_removes_the_other_tokens
        a_login_with_an_old_password_gets_no_token
        no_token_slips_through_a_change_of_the_password
    }
    quotas {
        the_totals_count_what_is_shown
        of_uploads_at_once_those_that_fit_are_accepted
        an_upload_over_the_quota_is_told_why
        a_users_own_quota_counts_first
        nothing_is_accepted_for_a_user_who_is_gone
        nothing_is_accepted_with_a_token_that_was_revoked
    }
    keys {
        an_upload_with_a_key_is_stored_like_any_other
        a_repeated_upload_gets_the_image_as_it_is_now
        a_key_belongs_to_one_file_and_one_name
        every_user_has_keys_of_their_own
        a_running_upload_keeps_its_key
        a_key_whose_lease_has_run_out_is_taken_over
        an_upload_that_fails_frees_its_key_at_once
        what_was_accepted_cannot_be_given_up
        an_upload_over_the_quota_remembers_nothing
        a_key_is_forgotten_after_a_day
        a_hundred_thousand_keys_of_one_user_stay_bounded
        every_user_is_looked_at
        a_removed_user_leaves_no_key
        of_sixteen_uploads_with_one_key_one_is_accepted
        random_histories_accept_one_image_for_each_key
    }
    deletion {
        a_deleted_user_goes_with_everything
        a_deleted_user_stays_while_an_upload_runs
    }
    events {
        every_change_of_an_account_is_recorded
        events_are_kept_for_a_while
        a_network_is_known_after_a_login
    }
    upgrade {
        rows_of_the_last_release_are_kept
        of_names_that_look_the_same_the_first_is_normalised
    }
    transfer {
        a_copy_has_every_row_of_every_table
        no_id_is_given_twice_after_a_copy
        a_source_that_is_in_use_is_refused
    }
    webhooks {
        a_webhook_is_its_users_alone
        of_registrations_at_once_ten_succeed
        a_webhook_hears_of_what_comes_after_it
        of_claims_at_once_one_gets_the_webhook
        a_failure_waits_and_a_success_moves_on
        an_event_that_comes_during_a_claim_is_delivered_too
        a_lost_claim_of_a_webhook_changes_nothing
        a_user_without_access_gets_no_events
        a_disabled_webhook_goes_on_where_it_stopped
        the_old_secret_signs_for_a_while
        the_last_hundred_deliveries_are_kept
    }
    admin {
        an_overview_counts_what_becomes_of_all_images
        codes_of_other_versions_are_counted
        failed_images_are_retried_by_their_code
        of_retries_at_once_each_image_is_in_one
    }
    workers {
        a_worker_is_seen_as_it_last_said
        a_silent_worker_is_forgotten
    }
    operate {
        a_failed_image_can_be_retried
        old_variants_stay_until_the_new_ones_are_there
        sizes_are_those_of_the_variants_that_clients_see
        a_reprocessed_image_is_purged_like_any_other
        an_image_without_original_shows_nothing
        rows_come_in_the_order_of_their_objects
    }
    images {
        an_upload_shows_once_it_is_accepted
        an_upload_is_accepted_once
        a_row_reads_back_as_it_was_written
        rows_of_other_versions_can_be_read
        another_user_sees_nothing
        a_list_has_order_offset_and_limit
        a_deleted_image_is_gone_at_once
        of_eight_deletes_one_deletes
        times_survive_to_the_microsecond
        two_stores_agree_on_the_time
    }
    claims {
        a_claim_raises_claim_and_attempts
        a_second_claim_is_told_to_wait
        a_claim_without_work_is_over
        of_sixteen_claims_at_once_one_wins
        a_renewed_claim_does_not_expire
        a_lost_claim_changes_nothing
        an_expired_claim_can_still_be_released_once
        a_released_claim_changes_nothing
        a_finished_image_shows_its_variants
        a_failed_image_says_why
        a_deleted_image_stays_deleted
        a_delete_wins_against_a_finish
        a_release_gives_the_attempt_back
        a_release_after_a_defect_counts_the_attempt
        a_missing_original_is_remembered
        a_known_image_is_another_ready_one
    }
    upkeep {
        expired_claims_count_until_the_image_fails
        running_leases_are_left_alone
        a_claim_expires_once
        unqueued_jobs_are_left_alone_for_a_while
        a_queued_job_is_not_unqueued
        a_row_is_reserved_by_one_replica
        a_reservation_ends_with_its_step
        a_late_confirmation_marks_nothing
        a_job_in_a_retry_queue_is_still_queued
        overdue_jobs_come_least_published_first
        a_lost_queue_unmarks_every_waiting_job
        a_lost_queue_leaves_later_jobs_alone
        only_unfinished_uploads_are_abandoned
        an_upload_is_accepted_or_abandoned
        a_tombstone_is_purged_twice_and_removed
        an_id_is_never_given_twice
        tombstones_come_in_batches
    }
    turns {
        each_user_gets_as_many_turns
        the_turns_go_round
        each_image_is_taken_once
        an_image_that_was_taken_in_vain_is_unqueued
        unqueued_jobs_can_be_held_back
        the_slots_of_all_running_workers_are_added
    }
}

mod postgres_alone {
    on! { on_postgres;
        migrations {
            a_user_without_rights_to_the_schema_can_start
        }
        cost {
            finished_rows_cost_upkeep_nothing
            finished_rows_cost_the_overview_nothing
        }
        statements {
            an_upload_takes_three_round_trips_and_three_syncs
        }
        outages {
            an_unreachable_database_is_unavailable_soon
            a_silent_database_is_unavailable_soon
            a_connection_that_went_silent_is_replaced
            a_read_only_database_is_unavailable
            a_statement_that_takes_too_long_is_unavailable
            what_an_administrator_does_to_connections_is_unavailable
            a_deadlock_is_unavailable
        }
    }
}

mod sqlite_alone {
    on! { on_sqlite;
        outages {
            a_locked_file_is_unavailable
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_histories_keep_their_promises_on_sqlite() {
    on_sqlite(async |url| {
        for seed in 0..20 {
            metadata::random::a_random_history_keeps_its_promises(&url, seed).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_histories_keep_their_promises_on_postgres() {
    on_postgres(async |url: DatabaseUrl| {
        for seed in 0..5 {
            metadata::random::a_random_history_keeps_its_promises(&url, seed).await;
        }
    })
    .await;
}

async fn on_sqlite<F: Future<Output = ()>>(behaviour: impl FnOnce(DatabaseUrl) -> F) {
    let folder = tempfile::tempdir().expect("makes a folder");
    // A folder that is not there yet, as at a first start.
    behaviour(DatabaseUrl::Sqlite(folder.path().join("data/metadata.sqlite3"))).await;
}

async fn on_postgres<F: Future<Output = ()>>(behaviour: impl FnOnce(DatabaseUrl) -> F) {
    let server = std::env::var("TEST_DATABASE_URL").expect(
        "TEST_DATABASE_URL has to name a Postgres whose user may make databases: \
         postgres://user:password@host:port/database (`make test` sets it)",
    );
    let name = format!("resizinator_test_{:032x}", rand::random::<u128>());
    let mut url = Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
    url.set_path(&name);
    let admin = admin(&server).await;
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("makes a database");
    let behaviour = behaviour(DatabaseUrl::Postgres(url.into()));
    // The database goes also when an assertion fails.
    let outcome = AssertUnwindSafe(behaviour).catch_unwind().await;
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("drops the database");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn admin(server: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(server, NoTls).await.expect("reaches TEST_DATABASE_URL");
    tokio::spawn(connection);
    client
}
