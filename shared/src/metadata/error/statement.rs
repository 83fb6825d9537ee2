//! The name of the store's method that a statement belongs to, for error messages.

/// The name of the method in the path of an item inside it, as `std::any::type_name_of_val` returns the path. For
/// `…::<impl MetadataStore>::claim::{{closure}}::here` it is `claim`. The compiler does not promise how such a path
/// looks. If it looks different, only the name of the statement in error messages is less clear.
pub(in crate::metadata) fn name_of_method(path: &'static str) -> &'static str {
    let mut parts = path.rsplit("::").skip(1);
    parts.find(|part| !part.starts_with('{')).unwrap_or(path)
}
