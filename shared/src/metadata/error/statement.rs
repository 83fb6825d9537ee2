//! The name of the store's method that a statement belongs to, for error messages.

/// Shortens the path of an item inside a method, as `std::any::type_name_of_val` gives it, to the method's name:
/// `…::<impl MetadataStore>::claim::{{closure}}::here` becomes `claim`. The compiler does not promise how such a path
/// looks; where it looks different, an error message names the statement less neatly, and nothing else changes.
pub(in crate::metadata) fn name_of_method(path: &'static str) -> &'static str {
    let mut parts = path.rsplit("::").skip(1);
    parts.find(|part| !part.starts_with('{')).unwrap_or(path)
}
