//! What a list says of each image beyond its record.

use super::parameter::{BadParameter, Parameters, given, shortened};

/// What a list says of each image beyond its record. It changes neither which images the list has nor their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Include {
    /// The record alone.
    #[default]
    Nothing,
    /// What became of the image, as the endpoint for the status of one image says it.
    Status,
}

impl Include {
    /// Reads the parameter `include` of a query. An empty value asks for nothing.
    ///
    /// # Errors
    /// [`BadParameter`] for anything but `status`.
    pub fn of(parameters: &Parameters) -> Result<Self, BadParameter> {
        match given(parameters, "include") {
            None => Ok(Self::Nothing),
            Some("status") => Ok(Self::Status),
            Some(other) => {
                let message = format!("“{}” cannot be included. Expected is: status.", shortened(other));
                Err(BadParameter::new("include", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn include(text: &str) -> Result<Include, BadParameter> {
        let parameters: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Include::of(&parameters)
    }

    #[test]
    fn the_status_is_included_if_it_is_asked_for_last() {
        for text in ["include=status", "include=+status+", "include=x&include=status"] {
            assert_eq!(include(text), Ok(Include::Status), "{text}");
        }
        for text in ["", "include=", "include=status&include="] {
            assert_eq!(include(text), Ok(Include::Nothing), "{text}");
        }
        for text in ["include=x", "include=Status", "include=status,status", "include=status&include=x"] {
            let bad = include(text).expect_err(text);
            assert!(bad.name == "include" && bad.message.ends_with("Expected is: status."), "{bad}");
        }
    }
}
