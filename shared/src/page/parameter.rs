//! The query parameters of a list, and what is wrong with them.

/// The names and values of a query, in their order.
pub type Parameters = [(String, String)];

/// A query parameter that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct BadParameter {
    /// The name of the parameter.
    pub name: String,
    /// What is wrong with it and what is expected, as a sentence.
    pub message: String,
}

impl BadParameter {
    /// Makes the error for the parameter `name`.
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        // An unknown name is the client's own text.
        Self { name: shortened(name), message: message.into() }
    }
}

/// As much of a client's text as an error repeats.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The value of a parameter. If it is repeated, the last one counts.
pub(super) fn last<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The value of a parameter that is not empty. An empty value, as a form sends it, asks for nothing.
pub(super) fn given<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    last(parameters, name).map(str::trim).filter(|value| !value.is_empty())
}
