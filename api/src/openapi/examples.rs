//! The examples that several operations share.

use serde_json::{Value, json};

/// A token. It is not one that anybody has.
pub(crate) const TOKEN: &str = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b";

/// An image whose variants are ready.
pub(crate) fn ready() -> Value {
    json!({
        "id": 42,
        "original": signed("original.jpg"),
        "small": signed("1/small.jpg"),
        "medium": signed("1/medium.jpg"),
        "updated_at": "2024-05-18T18:05:07.341906Z",
        "created_at": "2024-05-18T18:05:06.009201Z",
        "user": 7,
    })
}

/// The same image as its upload answers it.
pub(crate) fn pending() -> Value {
    let mut image = ready();
    image["small"] = Value::Null;
    image["medium"] = Value::Null;
    image["updated_at"] = image["created_at"].clone();
    image
}

fn signed(file: &str) -> String {
    format!(
        "https://images.example/objects/4f/4f0c6b1b9f0e4d1d8a52a4e6a1a4f3d2/{file}?expires=1716059700&signature=c2lnbmF0dXJl"
    )
}
