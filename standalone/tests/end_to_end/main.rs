//! End-to-end tests of the real binaries. They run as one process with the embedded default, and as services with a
//! real Postgres, RabbitMQ and S3. `make test` sets the variables that name these: `TEST_DATABASE_URL`,
//! `TEST_QUEUE_URL`, `TEST_RABBITMQ_MANAGEMENT_URL`, `TEST_STORAGE_URL` and `AWS_*`.

mod client;
mod clock;
mod eventually;
mod faketime;
mod gate;
mod image_events;
mod one_process;
mod operator;
mod operators;
mod operators_mistakes;
mod pictures;
mod process;
mod secrecy;
mod services;
mod wrong_settings;

mod api_deaths;
mod backup;
mod broker_outages;
mod broker_view;
mod deletion;
mod logs;
mod metrics;
mod migrate_to;
mod no_secrets_in_logs;
mod overview;
mod rate_limits;
mod replicas;
mod tracing;
mod turns;
mod two_services;
mod users;
mod variant_format;
mod worker_deaths;
mod worker_health;
