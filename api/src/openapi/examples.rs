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

/// What became of the image that is ready.
pub(crate) fn ready_status() -> Value {
    let variant = |width, height, bytes| {
        json!({
            "format": "jpeg", "width": width, "height": height, "frames": 1, "bytes": bytes,
        })
    };
    json!({
        "id": 42,
        "state": "ready",
        "attempts": 1,
        "error": null,
        "file_name": "beach.jpg",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "original": variant(4000, 3000, 3_471_265),
        "small": variant(133, 100, 4820),
        "medium": variant(400, 300, 28_114),
        "placeholder": "1QcSHQRnh493V4dIh4eXh1h4kJUI",
        "created_at": "2024-05-18T18:05:06.009201Z",
        "accepted_at": "2024-05-18T18:05:06.121873Z",
        "finished_at": "2024-05-18T18:05:07.341906Z",
        "updated_at": "2024-05-18T18:05:07.341906Z",
    })
}

/// The image that is ready, in a list that includes what became of it.
pub(crate) fn ready_with_status() -> Value {
    let mut image = ready();
    image["status"] = ready_status();
    image
}

/// What became of an image whose file is damaged.
pub(crate) fn failed_status() -> Value {
    let mut status = pending_status();
    status["state"] = "failed".into();
    status["attempts"] = 1.into();
    status["error"] = json!({ "code": "decode_failed", "detail": "The file is damaged, or it ends too early.", "retryable": false });
    status["finished_at"] = "2024-05-18T18:05:07.341906Z".into();
    status["updated_at"] = status["finished_at"].clone();
    status
}

/// What became of an image that waits for a worker.
pub(crate) fn pending_status() -> Value {
    let mut status = ready_status();
    for name in ["small", "medium", "placeholder", "finished_at"] {
        status[name] = Value::Null;
    }
    status["state"] = "pending".into();
    status["attempts"] = 0.into();
    status["updated_at"] = status["created_at"].clone();
    status
}

fn signed(file: &str) -> String {
    format!(
        "https://images.example/objects/4f/4f0c6b1b9f0e4d1d8a52a4e6a1a4f3d2/{file}?expires=1716059700&signature=c2lnbmF0dXJl"
    )
}
