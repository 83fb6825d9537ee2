//! The placeholders of `deploy/example.env`, as `docker-compose.yml` hands them to the programs, stop the start.

use std::collections::BTreeMap;

use resizinator_shared::settings::Settings;

/// A value that no secret's check refuses.
const REPLACED: &str = "0123456789abcdef0123456789abcdef";
/// The name of the key is no secret: it is a part of every signed URL.
const NO_SECRETS: [&str; 1] = ["AWS_ACCESS_KEY_ID"];

fn file(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The variables that the example sets, without those in comments.
fn example() -> BTreeMap<String, String> {
    let lines = file("deploy/example.env");
    let set = lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The environment of a service: the block `x-settings` of the compose file with the values of the example.
fn environment(values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let compose = file("docker-compose.yml");
    let (_, block) = compose.split_once("x-settings: &settings\n").expect("the block x-settings");
    let lines = block.lines().take_while(|line| line.starts_with("  "));
    let pairs = lines.filter(|line| !line.trim_start().starts_with('#')).map(|line| {
        line.trim().split_once(": ").unwrap_or_else(|| panic!("a name and a value are expected: {line}"))
    });
    pairs.map(|(name, value)| (name.to_owned(), interpolated(value, values))).collect()
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

fn read(values: &BTreeMap<String, String>) -> Result<Settings, String> {
    let environment = environment(values);
    Settings::from_lookup(|name| environment.get(name).cloned()).map_err(|error| error.to_string())
}

#[test]
fn the_example_with_every_value_replaced_is_accepted() {
    let replaced = example().into_keys().map(|name| (name, REPLACED.to_owned())).collect();
    assert!(read(&replaced).is_ok(), "{:?}", read(&replaced).err());
}

#[test]
fn each_placeholder_of_the_example_is_refused_by_the_name_of_its_variable() {
    let example = example();
    let placeholders: Vec<_> =
        example.iter().filter(|(name, _)| !NO_SECRETS.contains(&name.as_str())).collect();
    assert!(placeholders.len() >= 4, "{placeholders:?}");
    for (name, placeholder) in placeholders {
        let mut values: BTreeMap<_, _> =
            example.keys().map(|name| (name.clone(), REPLACED.to_owned())).collect();
        let (before, after) = (environment(&values), {
            values.insert(name.clone(), placeholder.clone());
            environment(&values)
        });
        let mut changed = after.keys().filter(|variable| before[*variable] != after[*variable]);
        let variable = changed.next().unwrap_or_else(|| panic!("no service gets {name}"));
        let said = read(&values).err().unwrap_or_else(|| panic!("{name}={placeholder} is accepted"));
        assert!(
            said.starts_with(&format!("{variable} is ")) && said.contains("placeholder"),
            "{name}: {said}"
        );
        assert!(!said.contains(placeholder.as_str()), "{said}");
    }
}
