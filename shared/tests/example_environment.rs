//! The placeholders of `deploy/example.env`, as `docker-compose.yml` hands them to the programs, stop the start.

use std::collections::BTreeMap;

use resizinator_shared::settings::Settings;

/// A value that no secret's check refuses.
const REPLACED: &str = "0123456789abcdef0123456789abcdef";
/// Secrets that none of our programs gets: the services of others read them.
const OF_OTHERS: [&str; 2] = ["POSTGRES_PASSWORD", "RABBITMQ_MONITORING_PASSWORD"];
/// The services that run our programs and get a secret.
const SERVICES: [&str; 4] = ["api", "worker", "migrate", "bucket"];

fn file(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The variables that the example sets, without those in comments and without the quotes.
fn example() -> BTreeMap<String, String> {
    let lines = file("deploy/example.env");
    let set = lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
}

/// The environment of a service: the block `x-settings` of the compose file and what the service adds, with the values
/// of the example.
fn environment(service: &str, values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let compose = file("docker-compose.yml");
    let common = block(&compose, "x-settings: &settings");
    let (_, service) = compose.split_once(&format!("\n  {service}:\n")).expect("the service");
    let header = service.lines().find(|line| line.starts_with("    environment:")).expect("its environment");
    let own = block(service, header).into_iter().filter(|line| line != "<<: *settings");
    let pairs = common.into_iter().chain(own).map(|line| {
        let (name, value) =
            line.split_once(": ").unwrap_or_else(|| panic!("a name and a value are expected: {line}"));
        (name.to_owned(), interpolated(value.trim_matches('"'), values))
    });
    pairs.collect()
}

/// The lines below a header that are indented further, without comments.
fn block(text: &str, header: &str) -> Vec<String> {
    let (_, below) = text.split_once(&format!("{header}\n")).expect("the block");
    let indent = header.len() - header.trim_start().len() + 2;
    let lines = below.lines().take_while(|line| line.starts_with(&" ".repeat(indent)));
    lines.map(|line| line.trim().to_owned()).filter(|line| !line.starts_with('#')).collect()
}

/// Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose does.
fn interpolated(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (inner, after) = rest.split_once('}').expect("a closing brace");
    let (name, otherwise) = inner.split_once(':').map_or((inner, ""), |(name, rest)| (name, &rest[1..]));
    let value = values.get(name).cloned().unwrap_or_else(|| {
        assert!(inner.contains(":-"), "the example does not set {name}, which compose needs");
        otherwise.to_owned()
    });
    format!("{before}{value}{}", interpolated(after, values))
}

fn read(service: &str, values: &BTreeMap<String, String>) -> Result<Settings, String> {
    let environment = environment(service, values);
    Settings::from_lookup(|name| environment.get(name).cloned()).map_err(|error| error.to_string())
}

fn replaced() -> BTreeMap<String, String> {
    example().into_keys().map(|name| (name, REPLACED.to_owned())).collect()
}

#[test]
fn the_example_with_every_value_replaced_is_accepted() {
    for service in SERVICES {
        let read = read(service, &replaced());
        assert!(read.is_ok(), "{service}: {:?}", read.err());
    }
}

#[test]
fn each_placeholder_of_the_example_is_refused_by_the_name_of_its_variable() {
    let mut placeholders = example();
    placeholders.retain(|name, _| !OF_OTHERS.contains(&name.as_str()));
    assert!(placeholders.len() >= 8, "{placeholders:?}");
    for (name, placeholder) in placeholders {
        let mut values = replaced();
        values.insert(name.clone(), placeholder.clone());
        let mut is_refused = false;
        for service in SERVICES {
            let (before, after) = (environment(service, &replaced()), environment(service, &values));
            let Some(variable) = after.keys().find(|variable| before[*variable] != after[*variable]) else {
                continue;
            };
            let said = read(service, &values)
                .err()
                .unwrap_or_else(|| panic!("{name}={placeholder} is accepted by {service}"));
            assert!(
                said.starts_with(&format!("{variable} is ")) && said.contains("placeholder"),
                "{name}: {said}"
            );
            assert!(!said.contains(&placeholder), "{said}");
            is_refused = true;
        }
        assert!(is_refused, "no service gets {name}");
    }
}

#[test]
fn no_service_gets_a_secret_that_it_does_not_need() {
    let values = example().into_keys().map(|name| (name.clone(), format!("<{name}>"))).collect();
    for (service, expected) in [
        (
            "api",
            vec!["POSTGRES_APP_PASSWORD", "RABBITMQ_API_PASSWORD", "RESIZINATOR_SECRET", "S3_API_SECRET"],
        ),
        ("worker", vec!["POSTGRES_APP_PASSWORD", "RABBITMQ_WORKER_PASSWORD", "S3_WORKER_SECRET"]),
        ("migrate", vec!["POSTGRES_OWNER_PASSWORD"]),
        ("bucket", vec!["S3_OWNER_SECRET"]),
    ] {
        let environment = environment(service, &values);
        let gets = |name: &&String| environment.values().any(|value| value.contains(&format!("<{name}>")));
        assert_eq!(values.keys().filter(gets).collect::<Vec<_>>(), expected, "{service}");
    }
}
