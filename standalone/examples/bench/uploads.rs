//! Compares an upload through the api with putting the same bytes directly to the store with the same client library.

use std::time::Duration;

use bytes::Bytes;
use resizinator_shared::objects::{Content, ObjectKey, ObjectStore};

use crate::arguments::Effort;
use crate::client::Client;
use crate::kernel::{at_rest, milliseconds};
use crate::photos::Photos;
use crate::process::Program;
use crate::report::{Bound, Report, Target, Unit};
use crate::service::Setup;
use crate::statistics::median;

const WARM_UP: u32 = 5;

/// The bound of an upload's CPU time, in milliseconds.
enum Most {
    AbovePut(f64),
    Total(f64),
}

/// Measures the uploads. No worker may run, because nothing else should use the cores.
pub(crate) async fn measure(
    report: &mut Report,
    setup: &Setup,
    client: &Client,
    api: &Program,
    photos: &Photos,
    effort: &Effort,
) -> anyhow::Result<()> {
    let (store, api) = (setup.objects()?, api.pid());
    let files = [
        ("upload of a 4 MB JPEG", &photos.large, 1, Most::AbovePut(14.0)),
        ("upload of a 61 KB JPEG, alone", &photos.small, 1, Most::Total(1.0)),
        ("upload of a 61 KB JPEG, ten in a row", &photos.small, 10, Most::Total(1.0)),
    ];
    for (what, file, in_a_row, most) in files {
        report.calibrate(photos);
        let (mut uploads, mut puts) = (Vec::new(), Vec::new());
        for round in 0..WARM_UP + effort.rounds {
            let before = at_rest(api).await?;
            for _ in 0..in_a_row {
                client.upload(file).await?;
            }
            let upload = at_rest(api).await?.saturating_sub(before);
            let put = bare_puts(&*store, file, round, in_a_row).await?;
            if round >= WARM_UP {
                uploads.push(milliseconds(upload) / f64::from(in_a_row));
                puts.push(milliseconds(put) / f64::from(in_a_row));
            }
        }
        let (upload, put) = (median(uploads), median(puts));
        let line = |what: &str, value, bound| Target {
            what: format!("{}: {what}", setup.store),
            value,
            unit: Unit::CpuMs,
            bound,
        };
        report.target(line(what, upload, Bound::Reported { reference: put, what: "bare put" }));
        report.target(match most {
            Most::AbovePut(ms) => {
                line(&format!("{what}, above the bare put"), upload - put, Bound::Milliseconds(ms))
            }
            Most::Total(ms) => line(what, upload, Bound::Milliseconds(ms)),
        });
    }
    Ok(())
}

/// The CPU time of hashing and putting the bytes directly.
async fn bare_puts(
    store: &dyn ObjectStore,
    file: &Bytes,
    round: u32,
    in_a_row: u32,
) -> anyhow::Result<Duration> {
    let own = std::process::id();
    let before = at_rest(own).await?;
    for number in 0..in_a_row {
        let key =
            ObjectKey::parse(&format!("00/{:032x}/original.jpg", round * in_a_row + number)).expect("a key");
        store.put(&key, Content::of(file.clone())).await?;
    }
    Ok(at_rest(own).await?.saturating_sub(before))
}
