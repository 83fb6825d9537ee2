//! The host that this process runs on.

/// The name of the host, for people.
pub fn name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
