//! Tests of `GET limits/`.

use serde_json::json;

use crate::helpers::{TestApp, on_every_backend, png};

on_every_backend! {
    a_client_learns_every_limit_and_its_use
}

async fn a_client_learns_every_limit_and_its_use(app: &TestApp) {
    app.get("/limits/").await.assert_is(401, r#"{"detail":"Authentication credentials were not provided."}"#);
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let answer = ada.get("/limits/").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-cache"));
    let limits = answer.json();
    assert_eq!(
        limits["file"],
        json!({
            "bytes": 52_428_800, "name_characters": 100, "pixels": 100_000_000, "side": 100_000, "frames": 500,
            "animation_pixels": 200_000_000,
            "formats": ["jpeg", "png", "gif", "webp", "bmp", "tiff", "avif"],
        })
    );
    assert_eq!(
        limits["quotas"],
        json!({
            "images": { "limit": 100_000, "used": 1 },
            "bytes": { "limit": 53_687_091_200_u64, "used": png().len() },
        })
    );
    assert_eq!(limits["uploads"], json!({ "limit": 64, "used": 0 }));
    assert_eq!(limits["tokens"], json!({ "limit": 20, "used": 1, "lifetime": 7_776_000 }));
    assert_eq!(limits["password"], json!({ "least_characters": 8 }));
    assert_eq!(limits["variants"], json!({ "small": 100, "medium": 300 }));
}
