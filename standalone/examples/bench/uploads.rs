//! An upload through the api, against the same bytes put straight to S3 by the same store.

use std::time::Duration;

use bytes::Bytes;
use resizinator_shared::objects::{Content, ObjectKey, ObjectStore, S3Store};
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::cpu::{self, milliseconds};
use crate::median::median;
use crate::photos::Photos;
use crate::process::Program;
use crate::report::{Bound, Report, Upload};

const ROUNDS: u32 = 31;
const WARM_UP: u32 = 5;

pub(crate) async fn measure(
    report: &mut Report,
    client: &Client,
    photos: &Photos,
    api: &Program,
    store: &S3Store,
) -> anyhow::Result<()> {
    let files = [
        ("upload of a 4 MB JPEG", &photos.large, 1, Bound::AbovePut(14.0)),
        ("upload of a 61 KB JPEG, alone", &photos.small, 1, Bound::Total(1.0)),
        ("upload of a 61 KB JPEG, ten in a row", &photos.small, 10, Bound::Total(1.0)),
    ];
    for (what, file, in_a_row, bound) in files {
        let (mut uploads, mut puts, mut hashings) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..WARM_UP + ROUNDS {
            let before = cpu::at_rest(api.pid()).await?;
            for _ in 0..in_a_row {
                client.upload(file).await?;
            }
            let upload = cpu::at_rest(api.pid()).await?.saturating_sub(before);
            let (hashing, put) = bare_puts(store, file, round, in_a_row).await?;
            if round >= WARM_UP {
                uploads.push(milliseconds(upload) / f64::from(in_a_row));
                puts.push(milliseconds(put) / f64::from(in_a_row));
                hashings.push(milliseconds(hashing) / f64::from(in_a_row));
            }
        }
        let (api, put, hashes) = (median(uploads), median(puts), median(hashings));
        report.upload(&Upload { what, api, hashes, put }, &bound);
    }
    Ok(())
}

/// CPU time of the hashes alone, and of hashes and puts.
async fn bare_puts(
    store: &S3Store,
    file: &Bytes,
    round: u32,
    in_a_row: u32,
) -> anyhow::Result<(Duration, Duration)> {
    let own = std::process::id();
    let key = ObjectKey::parse(&format!("00/{round:032x}/original.jpg")).expect("a key");
    let before = cpu::at_rest(own).await?;
    let contents: Vec<_> = (0..in_a_row)
        .map(|_| {
            std::hint::black_box(Sha256::digest(file));
            Content::of(file.clone())
        })
        .collect();
    let hashed = cpu::at_rest(own).await?;
    for content in contents {
        store.put(&key, content).await?;
    }
    let done = cpu::at_rest(own).await?;
    Ok((hashed.saturating_sub(before), done.saturating_sub(before)))
}
