//! Reads the settings from the variables. An error names the variable that is wrong.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::placeholder::is_placeholder;
use super::secret_variable::{DATABASE_URL, QUEUE_URL, RESIZINATOR_SECRET, SecretText};
use super::{
    AwsKeys, ConnectionLimits, CorsOrigins, DatabaseUrl, Limits, QueueUrl, RateLimits, Secret, Settings,
    StorageUrl, UploadLimits, WebhookTargets, management_url, secret_url,
};
use crate::account::Quota;
use crate::logging::LogFormat;
use crate::variant::VariantFormat;

/// The error for a setting that cannot be used. It says which setting it is, what its value is, and what is expected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {value}: {expected} is expected")]
pub struct SettingError {
    /// Name of the variable.
    pub variable: &'static str,
    /// Its value in quotes, or "not set", or "(hidden)" if the value may contain a secret.
    pub value: String,
    /// What a right value looks like.
    pub expected: String,
}

pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn settings(lookup: Lookup<'_>) -> Result<Settings, SettingError> {
    let data = lookup("RESIZINATOR_DATA").map_or_else(|| "./data".into(), PathBuf::from);
    let default = Settings::embedded_in(data);
    let settings = Settings {
        listen: parsed(
            lookup,
            "RESIZINATOR_LISTEN",
            "an address and a port such as 127.0.0.1:8000",
            address,
        )?
        .unwrap_or(default.listen),
        metrics_listen: metrics_listen(lookup)?,
        log: parsed(lookup, LogFormat::VARIABLE, "plain or json", LogFormat::parse)?.unwrap_or_default(),
        public_url: parsed(
            lookup,
            "RESIZINATOR_PUBLIC_URL",
            "an address such as https://images.example",
            public_url,
        )?,
        allowed_hosts: list(lookup, "RESIZINATOR_ALLOWED_HOSTS", "host names separated by commas", host)?,
        trusted_proxies: list(
            lookup,
            "RESIZINATOR_TRUSTED_PROXIES",
            "IP addresses and networks separated by commas, such as 10.0.0.7,192.168.0.0/16,",
            network,
        )?,
        cors_origins: parsed(
            lookup,
            "RESIZINATOR_CORS_ORIGINS",
            "* or origins separated by commas, such as https://app.example,http://localhost:3000,",
            CorsOrigins::parse,
        )?
        .unwrap_or_default(),
        console: parsed(lookup, "RESIZINATOR_CONSOLE", "on or off", on_or_off)?.unwrap_or(default.console),
        registration_open: parsed(lookup, "RESIZINATOR_REGISTRATION", "open or closed", open_or_closed)?
            .unwrap_or(default.registration_open),
        database: secret_url::read(
            lookup,
            DATABASE_URL,
            "sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE",
            DatabaseUrl::parse,
        )?
        .unwrap_or(default.database),
        queue: secret_url::read(
            lookup,
            QUEUE_URL,
            "in-process, amqp://USER:PASSWORD@HOST/VHOST or amqps://…",
            QueueUrl::parse,
        )?
        .unwrap_or(default.queue),
        storage: storage(lookup)?.unwrap_or(default.storage),
        secrets: secrets(lookup)?,
        limits: limits(lookup)?,
        connections: connections(lookup)?,
        rate_limits: parsed(lookup, "RESIZINATOR_RATE_LIMITS", &RateLimits::expected(), RateLimits::parse)?
            .unwrap_or_default(),
        rabbitmq_ui: rabbitmq_ui(lookup)?,
        webhook_targets: parsed(
            lookup,
            "RESIZINATOR_WEBHOOK_TARGETS",
            "public or private",
            WebhookTargets::parse,
        )?
        .unwrap_or_default(),
        data: default.data,
    };
    contradictions(&settings)?;
    Ok(settings)
}

/// The address for operators. Its name until release 0.1 was `RESIZINATOR_WORKER_LISTEN`, which still counts if the new
/// one is not set.
fn metrics_listen(lookup: Lookup<'_>) -> Result<Option<String>, SettingError> {
    let expected = "an address and a port such as 127.0.0.1:8001";
    if let Some(listen) = parsed(lookup, "RESIZINATOR_METRICS_LISTEN", expected, address)? {
        return Ok(Some(listen));
    }
    let listen = parsed(lookup, "RESIZINATOR_WORKER_LISTEN", expected, address)?;
    if listen.is_some() {
        log::warn!(
            "RESIZINATOR_WORKER_LISTEN is called RESIZINATOR_METRICS_LISTEN now; the next release knows only that"
        );
    }
    Ok(listen)
}

fn limits(lookup: Lookup<'_>) -> Result<Limits, SettingError> {
    let mut limits = Limits::default();
    let l = &mut limits;
    number(lookup, "RESIZINATOR_MAX_BYTES", 1, 1 << 40, &mut l.bytes)?;
    number(lookup, "RESIZINATOR_MAX_PIXELS", 1, 1 << 40, &mut l.image.pixels)?;
    number(lookup, "RESIZINATOR_MAX_SIDE", 1, 1 << 31, &mut l.image.side)?;
    number(lookup, "RESIZINATOR_MAX_FRAMES", 1, 1_000_000, &mut l.image.frames)?;
    number(lookup, "RESIZINATOR_MAX_ANIMATION_PIXELS", 1, 1 << 40, &mut l.image.animation_pixels)?;
    number(lookup, "RESIZINATOR_SMALL_HEIGHT", 1, 16_384, &mut l.heights.small)?;
    number(lookup, "RESIZINATOR_MEDIUM_HEIGHT", 1, 16_384, &mut l.heights.medium)?;
    number(lookup, "RESIZINATOR_MAX_ASPECT", 1, 1000, &mut l.heights.max_aspect)?;
    let variants = |text: &str| VariantFormat::ALL.into_iter().find(|format| format.name() == text);
    l.variants =
        parsed(lookup, "RESIZINATOR_VARIANTS", "\"original\" or \"webp\"", variants)?.unwrap_or_default();
    number(lookup, "RESIZINATOR_SLOTS", 1, 1024, &mut l.slots)?;
    number(lookup, "RESIZINATOR_RENDERER_MEMORY", 64 << 20, 1 << 40, &mut l.renderer_memory)?;
    let accept = |text: &str| (text == "accept").then_some(true);
    l.accept_unconfined = parsed(lookup, "RESIZINATOR_UNCONFINED", "\"accept\" or no value", accept)?
        .unwrap_or(l.accept_unconfined);
    number(lookup, "RESIZINATOR_MAX_ATTEMPTS", 1, 100, &mut l.attempts)?;
    number(lookup, "RESIZINATOR_TOKENS_PER_USER", 1, 10_000, &mut l.tokens_per_user)?;
    // The use of a token is recorded every ten minutes at most, so it lives longer than that.
    seconds(lookup, "RESIZINATOR_TOKEN_LIFETIME", 3600, 10 * 365 * 86_400, &mut l.token_lifetime)?;
    number(lookup, "RESIZINATOR_PASSWORD_MIN", 1, 128, &mut l.password_min)?;
    quota(lookup, "RESIZINATOR_MAX_IMAGES_PER_USER", &mut l.quotas.images)?;
    quota(lookup, "RESIZINATOR_MAX_BYTES_PER_USER", &mut l.quotas.bytes)?;
    seconds(lookup, "RESIZINATOR_RENDER_TIMEOUT", 1, 3600, &mut l.render)?;
    seconds(lookup, "RESIZINATOR_LEASE", 1, 3600, &mut l.lease)?;
    seconds(lookup, "RESIZINATOR_UPLOAD_TIMEOUT", 1, 3600, &mut l.upload)?;
    seconds(lookup, "RESIZINATOR_GIVE_UP", 1, 365 * 86_400, &mut l.give_up)?;
    seconds(lookup, "RESIZINATOR_GRACE", 1, 3600, &mut l.grace)?;
    let delays =
        list(lookup, "RESIZINATOR_RETRY_DELAYS", "whole seconds separated by commas, such as 5,30", delay)?;
    if !delays.is_empty() {
        l.retry_delays = delays;
    }
    // A URL that is signed with SigV4 works for seven days at most.
    seconds(lookup, "RESIZINATOR_URL_LIFETIME", 4, 7 * 86_400, &mut l.url_lifetime)?;
    uploads(lookup, &mut l.uploads)?;
    Ok(limits)
}

fn connections(lookup: Lookup<'_>) -> Result<ConnectionLimits, SettingError> {
    let mut limits = ConnectionLimits::default();
    let l = &mut limits;
    number(lookup, "RESIZINATOR_MAX_CONNECTIONS", 1, 1_000_000, &mut l.total)?;
    number(lookup, "RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS", 1, 1_000_000, &mut l.per_address)?;
    number(lookup, "RESIZINATOR_MIN_RATE", 1, 1 << 30, &mut l.rate)?;
    seconds(lookup, "RESIZINATOR_HEAD_TIMEOUT", 1, 3600, &mut l.head)?;
    seconds(lookup, "RESIZINATOR_STALL_TIMEOUT", 1, 3600, &mut l.stall)?;
    seconds(lookup, "RESIZINATOR_IDLE_TIMEOUT", 1, 3600, &mut l.idle)?;
    Ok(limits)
}

fn uploads(lookup: Lookup<'_>, uploads: &mut UploadLimits) -> Result<(), SettingError> {
    number(lookup, "RESIZINATOR_MAX_UPLOADS", 1, 100_000, &mut uploads.at_once)?;
    number(lookup, "RESIZINATOR_MAX_UPLOADS_PER_USER", 1, 100_000, &mut uploads.per_user)?;
    number(lookup, "RESIZINATOR_MIN_FREE_DISK", 0, 1 << 50, &mut uploads.min_free_disk)
}

fn quota(lookup: Lookup<'_>, variable: &'static str, into: &mut Quota) -> Result<(), SettingError> {
    if let Some(quota) =
        parsed(lookup, variable, "a whole number or \"unlimited\"", |text| text.parse().ok())?
    {
        *into = quota;
    }
    Ok(())
}

fn contradictions(settings: &Settings) -> Result<(), SettingError> {
    let Limits { heights, grace, render, .. } = &settings.limits;
    if heights.small > heights.medium {
        return Err(SettingError {
            variable: "RESIZINATOR_SMALL_HEIGHT",
            value: format!("\"{}\"", heights.small),
            expected: format!("at most RESIZINATOR_MEDIUM_HEIGHT, which is {},", heights.medium),
        });
    }
    if grace <= render {
        return Err(SettingError {
            variable: "RESIZINATOR_GRACE",
            value: format!("\"{}\"", grace.as_secs()),
            expected: format!("more than RESIZINATOR_RENDER_TIMEOUT, which is {} seconds,", render.as_secs()),
        });
    }
    let of_all = [
        (
            "RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS",
            settings.connections.per_address,
            "RESIZINATOR_MAX_CONNECTIONS",
            settings.connections.total,
        ),
        (
            "RESIZINATOR_MAX_UPLOADS_PER_USER",
            settings.limits.uploads.per_user as usize,
            "RESIZINATOR_MAX_UPLOADS",
            settings.limits.uploads.at_once as usize,
        ),
    ];
    for (variable, one, of, all) in of_all {
        if one > all {
            return Err(SettingError {
                variable,
                value: format!("\"{one}\""),
                expected: format!("at most {of}, which is {all},"),
            });
        }
    }
    let replicas_share = matches!(settings.database, DatabaseUrl::Postgres(_));
    if settings.secrets.is_empty() && replicas_share && matches!(settings.storage, StorageUrl::Folder(_)) {
        return Err(SettingError {
            variable: "RESIZINATOR_SECRET",
            value: "not set".into(),
            expected:
                "a random text of at least 32 characters, the same on every replica since DATABASE_URL is \
                       Postgres,"
                    .into(),
        });
    }
    Ok(())
}

fn rabbitmq_ui(lookup: Lookup<'_>) -> Result<Option<Url>, SettingError> {
    const VARIABLE: &str = "RESIZINATOR_RABBITMQ_UI";
    let expected = "the address of a page such as https://rabbitmq.example/, without a password,";
    parsed(lookup, VARIABLE, expected, management_url::parse)
        .map_err(|error| without_password(error, lookup(VARIABLE)))
}

/// The error without the value if that may hold a password.
fn without_password(error: SettingError, value: Option<String>) -> SettingError {
    if value.is_some_and(|value| value.contains('@')) {
        return SettingError { value: "(hidden, since it may hold a password)".into(), ..error };
    }
    error
}

fn storage(lookup: Lookup<'_>) -> Result<Option<StorageUrl>, SettingError> {
    let expected =
        "file://FOLDER or s3://BUCKET/PREFIX?region=…&endpoint=…&public_endpoint=… without a password";
    let storage = parsed(lookup, "STORAGE_URL", expected, StorageUrl::parse)
        .map_err(|error| without_password(error, lookup("STORAGE_URL")))?;
    Ok(match storage {
        Some(StorageUrl::S3(mut location)) => {
            location.keys = AwsKeys::read(lookup)?;
            Some(StorageUrl::S3(location))
        }
        other => other,
    })
}

fn secrets(lookup: Lookup<'_>) -> Result<Vec<Secret>, SettingError> {
    let Some(SecretText { variable, text, .. }) = RESIZINATOR_SECRET.read(lookup)? else {
        return Ok(Vec::new());
    };
    if is_placeholder(&text) {
        return Err(SettingError {
            variable,
            value: "the placeholder of an example".into(),
            expected: "a random text of your own, of at least 32 characters,".into(),
        });
    }
    let secrets: Option<Vec<_>> =
        text.split(',').map(|one| Secret::new(one.trim().as_bytes().to_vec())).collect();
    secrets.filter(|secrets| secrets.len() <= 2).ok_or_else(|| SettingError {
        variable,
        value: "(hidden)".into(),
        expected:
            "one random text of at least 32 characters, or the new and the old one separated by a comma,"
                .into(),
    })
}

fn parsed<T>(
    lookup: Lookup<'_>,
    variable: &'static str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, SettingError> {
    let Some(text) = lookup(variable) else { return Ok(None) };
    let parsed = parse(&text);
    let error = || SettingError { variable, value: format!("{text:?}"), expected: expected.into() };
    parsed.ok_or_else(error).map(Some)
}

fn list<T>(
    lookup: Lookup<'_>,
    variable: &'static str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, SettingError> {
    let all = |text: &str| text.split(',').map(|item| parse(item.trim())).collect::<Option<Vec<T>>>();
    Ok(parsed(lookup, variable, expected, all)?.unwrap_or_default())
}

fn number<T>(
    lookup: Lookup<'_>,
    variable: &'static str,
    least: u64,
    most: u64,
    into: &mut T,
) -> Result<(), SettingError>
where
    T: FromStr + Copy + TryInto<u64>,
{
    let within = |text: &str| {
        let value = text.parse::<T>().ok()?;
        value.try_into().ok().filter(|number| (least..=most).contains(number)).map(|_| value)
    };
    if let Some(value) = parsed(lookup, variable, &format!("a whole number from {least} to {most}"), within)?
    {
        *into = value;
    }
    Ok(())
}

fn seconds(
    lookup: Lookup<'_>,
    variable: &'static str,
    least: u64,
    most: u64,
    into: &mut Duration,
) -> Result<(), SettingError> {
    let within = |text: &str| text.parse().ok().filter(|seconds| (least..=most).contains(seconds));
    if let Some(value) = parsed(lookup, variable, &format!("whole seconds from {least} to {most}"), within)? {
        *into = Duration::from_secs(value);
    }
    Ok(())
}

fn delay(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)).map(Duration::from_secs)
}

fn address(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| text.to_owned())
}

fn public_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()).then_some(url)
}

fn host(text: &str) -> Option<String> {
    let plain = !text.is_empty() && !text.contains(['/', ' ']);
    plain.then(|| text.to_ascii_lowercase())
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn on_or_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn open_or_closed(text: &str) -> Option<bool> {
    match text {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingError> {
        Settings::from_lookup(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn complaint(pairs: &[(&str, &str)]) -> String {
        read(pairs).err().expect("refused").to_string()
    }

    #[test]
    fn without_any_variable_it_is_the_embedded_default() {
        let settings = read(&[]).expect("the default");
        assert_eq!(settings.listen, "127.0.0.1:8000");
        assert!(settings.queue == QueueUrl::InProcess);
        assert_eq!(settings.limits, Limits::default());
    }

    #[test]
    fn a_wrong_value_is_named_with_what_is_expected() {
        assert_eq!(
            complaint(&[("RESIZINATOR_SLOTS", "many")]),
            "RESIZINATOR_SLOTS is \"many\": a whole number from 1 to 1024 is expected"
        );
        assert_eq!(
            complaint(&[("RESIZINATOR_CONSOLE", "yes")]),
            "RESIZINATOR_CONSOLE is \"yes\": on or off is expected"
        );
        assert_eq!(
            complaint(&[("RESIZINATOR_REGISTRATION", "maybe")]),
            "RESIZINATOR_REGISTRATION is \"maybe\": open or closed is expected"
        );
        assert_eq!(
            complaint(&[("RESIZINATOR_UNCONFINED", "yes")]),
            "RESIZINATOR_UNCONFINED is \"yes\": \"accept\" or no value is expected"
        );
        assert!(complaint(&[("RESIZINATOR_LISTEN", "8000")]).contains("127.0.0.1:8000"));
        assert!(complaint(&[("RESIZINATOR_LEASE", "0")]).starts_with("RESIZINATOR_LEASE is \"0\""));
    }

    #[test]
    fn the_widest_variant_is_a_number_of_its_heights() {
        assert_eq!(read(&[]).expect("the default").limits.heights.max_aspect, 16);
        for (text, number) in [("1", 1), ("1000", 1000)] {
            let settings = read(&[("RESIZINATOR_MAX_ASPECT", text)]).expect("a number within its bounds");
            assert_eq!(settings.limits.heights.max_aspect, number);
        }
        for text in ["0", "1001", "16:9", "-1"] {
            assert_eq!(
                complaint(&[("RESIZINATOR_MAX_ASPECT", text)]),
                format!("RESIZINATOR_MAX_ASPECT is \"{text}\": a whole number from 1 to 1000 is expected")
            );
        }
    }

    #[test]
    fn the_format_of_variants_is_chosen_by_its_name() {
        let variants = |pairs| read(pairs).map(|settings| settings.limits.variants);
        assert_eq!(variants(&[]), Ok(VariantFormat::Original));
        assert_eq!(variants(&[("RESIZINATOR_VARIANTS", "original")]), Ok(VariantFormat::Original));
        assert_eq!(variants(&[("RESIZINATOR_VARIANTS", "webp")]), Ok(VariantFormat::WebP));
        assert_eq!(
            complaint(&[("RESIZINATOR_VARIANTS", "avif")]),
            "RESIZINATOR_VARIANTS is \"avif\": \"original\" or \"webp\" is expected"
        );
    }

    #[test]
    fn the_limits_on_running_uploads_are_numbers() {
        let uploads = read(&[
            ("RESIZINATOR_MAX_UPLOADS", "3"),
            ("RESIZINATOR_MAX_UPLOADS_PER_USER", "2"),
            ("RESIZINATOR_MIN_FREE_DISK", "0"),
        ]);
        let expected = UploadLimits { at_once: 3, per_user: 2, min_free_disk: 0 };
        assert_eq!(uploads.expect("numbers within their bounds").limits.uploads, expected);
        for variable in ["RESIZINATOR_MAX_UPLOADS", "RESIZINATOR_MAX_UPLOADS_PER_USER"] {
            assert_eq!(
                complaint(&[(variable, "0")]),
                format!("{variable} is \"0\": a whole number from 1 to 100000 is expected")
            );
        }
    }

    #[test]
    fn a_quota_is_a_number_or_unlimited() {
        let quotas = |images| read(&[("RESIZINATOR_MAX_IMAGES_PER_USER", images)]).map(|s| s.limits.quotas);
        assert_eq!(quotas("3").expect("a quota").images, Quota::at_most(3));
        assert_eq!(quotas("unlimited").expect("a quota").images, Quota::UNLIMITED);
        assert_eq!(
            complaint(&[("RESIZINATOR_MAX_BYTES_PER_USER", "50 GiB")]),
            "RESIZINATOR_MAX_BYTES_PER_USER is \"50 GiB\": a whole number or \"unlimited\" is expected"
        );
    }

    #[test]
    fn rate_limits_are_on_off_or_changed_by_name() {
        assert_eq!(read(&[]).expect("the default").rate_limits, RateLimits::default());
        assert_eq!(
            read(&[("RESIZINATOR_RATE_LIMITS", "off")]).expect("a value").rate_limits,
            RateLimits::OFF
        );
        let text = complaint(&[("RESIZINATOR_RATE_LIMITS", "logins=5/1")]);
        assert!(
            text.starts_with("RESIZINATOR_RATE_LIMITS is \"logins=5/1\": on, off, or a list of"),
            "{text}"
        );
        assert!(text.contains("login, login-stranger, login-name"), "{text}");
    }

    #[test]
    fn the_targets_of_webhooks_are_public_unless_private_ones_are_allowed() {
        let targets = |text| read(&[("RESIZINATOR_WEBHOOK_TARGETS", text)]).map(|s| s.webhook_targets);
        assert_eq!(read(&[]).expect("the default").webhook_targets, WebhookTargets::Public);
        assert_eq!(targets("public").expect("a value"), WebhookTargets::Public);
        assert_eq!(targets("private").expect("a value"), WebhookTargets::Private);
        assert_eq!(
            complaint(&[("RESIZINATOR_WEBHOOK_TARGETS", "any")]),
            "RESIZINATOR_WEBHOOK_TARGETS is \"any\": public or private is expected"
        );
    }

    #[test]
    fn the_management_ui_is_a_page_without_a_password() {
        let ui = |text| read(&[("RESIZINATOR_RABBITMQ_UI", text)]).map(|settings| settings.rabbitmq_ui);
        assert_eq!(read(&[]).expect("the default").rabbitmq_ui, None);
        for text in ["http://127.0.0.1:15672/", "https://images.example/rabbitmq/#/queues"] {
            assert_eq!(ui(text).expect("a page").expect("is set").as_str(), text);
        }
        assert_eq!(
            complaint(&[("RESIZINATOR_RABBITMQ_UI", "rabbit:15672")]),
            "RESIZINATOR_RABBITMQ_UI is \"rabbit:15672\": the address of a page such as \
             https://rabbitmq.example/, without a password, is expected"
        );
        for text in ["amqp://rabbit", "javascript:alert(1)", "http://", "15672"] {
            assert!(ui(text).is_err(), "{text}");
        }
        let text = complaint(&[("RESIZINATOR_RABBITMQ_UI", "http://guest:hunter2@rabbit:15672/")]);
        assert!(text.contains("is (hidden") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_password_in_a_wrong_url_is_not_shown() {
        let text = complaint(&[("DATABASE_URL", "mysql://me:hunter2@host/db")]);
        assert!(text.starts_with("DATABASE_URL is (hidden") && !text.contains("hunter2"), "{text}");
        assert!(!complaint(&[("RESIZINATOR_SECRET", "hunter2")]).contains("hunter2"));
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        let heights = [("RESIZINATOR_SMALL_HEIGHT", "400")];
        assert!(complaint(&heights).contains("RESIZINATOR_MEDIUM_HEIGHT, which is 300"));
        let grace = [("RESIZINATOR_GRACE", "10")];
        assert!(complaint(&grace).contains("RESIZINATOR_RENDER_TIMEOUT, which is 15 seconds"));
        let few = [("RESIZINATOR_MAX_CONNECTIONS", "200")];
        assert!(complaint(&few).contains("RESIZINATOR_MAX_CONNECTIONS, which is 200"));
        let few = [("RESIZINATOR_MAX_UPLOADS", "8")];
        assert!(
            complaint(&few)
                .starts_with("RESIZINATOR_MAX_UPLOADS_PER_USER is \"64\": at most RESIZINATOR_MAX")
        );
        let shared = [("DATABASE_URL", "postgres://u:p@h/d")];
        assert!(complaint(&shared).contains("RESIZINATOR_SECRET is not set"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        assert!(read(&[("RESIZINATOR_PUBLIC_URL", ""), ("DATABASE_URL", "")]).is_ok());
    }
}
