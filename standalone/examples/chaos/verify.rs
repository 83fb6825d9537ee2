//! The verification after a run. It compares every 201 with the rows, the objects and what the api serves.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::Context;
use resizinator_shared::objects::ObjectStore;
use serde_json::Value;
use tokio::time::sleep;

use crate::ledger::{Answer, Ledger, Upload};
use crate::picture::Picture;
use crate::receiver::WebhookFindings;
use crate::rows::{self, Row};
use crate::stage::Stage;
use crate::streams::StreamFindings;

/// The longest time until every image has ended: the longest retry, the leases of all attempts, and twice the time
/// after which upkeep considers an upload abandoned.
const BOUND: Duration = Duration::from_secs(150);

/// The error that was found at one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wrong {
    /// The image got a 201, but its row, original or variants are missing or wrong.
    Lost,
    /// The image has not reached a final state.
    Stuck,
    /// One upload has two rows, or became ready twice.
    Duplicated,
    /// There is an object or a row that no answer to a client explains.
    Orphaned,
    /// The file is valid, but the image has failed.
    Failed,
}

#[derive(Default)]
pub(crate) struct Findings {
    /// The findings with the file name, which is `None` if the upload is unknown.
    pub(crate) wrong: Vec<(Option<String>, Wrong, String)>,
    /// The time from the acceptance to the final state, by file name.
    pub(crate) seconds: HashMap<String, f64>,
    /// The time from the last fault until no image was in progress any more.
    pub(crate) settled_after: Duration,
    pub(crate) objects: usize,
    /// What is wrong with the events in the database.
    pub(crate) events: Vec<String>,
    pub(crate) streams: Vec<StreamFindings>,
    pub(crate) webhooks: Vec<WebhookFindings>,
}

impl Findings {
    pub(crate) fn are_clean(&self) -> bool {
        self.wrong.is_empty()
            && self.events.is_empty()
            && self.streams.iter().all(StreamFindings::are_clean)
            && self.webhooks.iter().all(WebhookFindings::are_clean)
    }

    fn note(&mut self, file_name: &str, wrong: Wrong, why: impl Into<String>) {
        self.wrong.push((Some(file_name.to_owned()), wrong, why.into()));
    }
}

pub(crate) async fn verify(stage: &Stage, ledger: &Ledger, pictures: &[Picture]) -> anyhow::Result<Findings> {
    stage.until_ready().await?;
    println!("Waiting until nothing is under way ...");
    let mut findings = Findings { settled_after: settled(stage).await?, ..Findings::default() };
    println!("Looking at every image ...");
    let rows = rows::all(stage).await?;
    let mut by_name: HashMap<&str, Vec<&Row>> = HashMap::new();
    rows.iter().for_each(|row| by_name.entry(&row.file_name).or_default().push(row));
    let uploads = ledger.uploads();
    let known: HashSet<&str> = uploads.iter().map(|upload| upload.file_name.as_str()).collect();
    let mut expected = HashSet::new();
    for upload in &uploads {
        let rows = by_name.get(upload.file_name.as_str()).map_or(&[][..], Vec::as_slice);
        check_rows(upload, rows, &mut findings);
        for row in rows.iter().filter(|row| row.state == "ready") {
            expected.extend(keys_of(row, &pictures[upload.picture]));
            if let Err(error) = check_served(stage, row.id, &pictures[upload.picture]).await {
                findings.note(&upload.file_name, Wrong::Lost, format!("image {}: {error:#}", row.id));
            }
        }
    }
    for row in rows.iter().filter(|row| !known.contains(row.file_name.as_str())) {
        findings.wrong.push((None, Wrong::Orphaned, format!("row {} of {}", row.id, row.file_name)));
    }
    let present = list(stage).await?;
    findings.objects = present.len();
    for key in present.difference(&expected) {
        findings.wrong.push((None, Wrong::Orphaned, format!("object {key}")));
    }
    for key in expected.difference(&present) {
        findings.wrong.push((None, Wrong::Lost, format!("no object {key}")));
    }
    let counted = count(stage).await?;
    if counted != rows.len() as u64 {
        findings.wrong.push((None, Wrong::Lost, format!("the list counts {counted} of {} rows", rows.len())));
    }
    Ok(findings)
}

/// Waits until every row has a final state and no tombstone is left, or until the longest time has passed.
async fn settled(stage: &Stage) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    while begin.elapsed() < BOUND {
        let states = rows::states(stage).await?;
        if states.keys().all(|state| matches!(state.as_str(), "ready" | "failed")) {
            break;
        }
        sleep(Duration::from_millis(500)).await;
    }
    Ok(begin.elapsed())
}

fn check_rows(upload: &Upload, rows: &[&Row], findings: &mut Findings) {
    let name = &upload.file_name;
    if rows.len() > 1 {
        findings.note(name, Wrong::Duplicated, format!("{} rows", rows.len()));
    }
    for row in rows {
        if row.became_ready > 1 || row.resurrected > 0 {
            let why = format!(
                "image {}: {} times ready, {} resurrected",
                row.id, row.became_ready, row.resurrected
            );
            findings.note(name, Wrong::Duplicated, why);
        }
        match row.state.as_str() {
            "ready" => {}
            "failed" => {
                let code = row.error_code.as_deref().unwrap_or_default();
                findings.note(name, Wrong::Failed, format!("image {}: {code}", row.id));
            }
            state => findings.note(name, Wrong::Stuck, format!("image {} is {state}", row.id)),
        }
        if let Some(seconds) = row.seconds {
            findings.seconds.insert(name.clone(), seconds);
        }
    }
    if upload.tries.is_some() && !matches!(upload.answer, Answer::Accepted(_)) {
        findings.note(name, Wrong::Lost, format!("an upload with a key is {:?}", upload.answer));
    }
    match (upload.answer, rows) {
        (Answer::Accepted(id), [row]) if row.id != id => {
            findings.note(name, Wrong::Lost, format!("answered {id}, the row is {}", row.id));
        }
        (Answer::Accepted(id), []) if !upload.deleted => {
            findings.note(name, Wrong::Lost, format!("image {id} has no row"));
        }
        (Answer::Accepted(_), [row]) if upload.deleted => {
            findings.note(name, Wrong::Duplicated, format!("image {} is back from its delete", row.id));
        }
        _ => {}
    }
}

fn keys_of(row: &Row, picture: &Picture) -> [String; 3] {
    let (id, extension) = (&row.object_id, picture.extension);
    ["original", "1/small", "1/medium"].map(|name| format!("{}/{id}/{name}.{extension}", &id[..2]))
}

/// Downloads what a client gets from the URLs of the record.
async fn check_served(stage: &Stage, id: i64, picture: &Picture) -> anyhow::Result<()> {
    let url = format!("{}/image/{id}/", stage.bases[(id % 2) as usize]);
    let request = stage.http.get(url).header("Authorization", format!("Token {}", stage.token));
    let record: Value = request.send().await?.error_for_status()?.json().await?;
    let download = async |name: &str| -> anyhow::Result<Vec<u8>> {
        let url = record[name].as_str().with_context(|| format!("no {name}"))?;
        Ok(stage.http.get(url).send().await?.error_for_status()?.bytes().await?.to_vec())
    };
    anyhow::ensure!(download("original").await? == picture.bytes, "the original is another");
    for (name, size) in [("small", picture.small), ("medium", picture.medium)] {
        let pixels = image::load_from_memory(&download(name).await?).context(name)?;
        let actual = (pixels.width(), pixels.height());
        anyhow::ensure!(actual == size, "{name} is {actual:?} and not {size:?}");
    }
    Ok(())
}

async fn list(stage: &Stage) -> anyhow::Result<HashSet<String>> {
    let mut keys = HashSet::new();
    let mut after = String::new();
    loop {
        let page = stage.store.list(&after, 1000).await?;
        let Some(last) = page.last() else { return Ok(keys) };
        after = last.clone();
        keys.extend(page);
    }
}

async fn count(stage: &Stage) -> anyhow::Result<u64> {
    let request = stage.http.get(format!("{}/image/", stage.bases[0]));
    let request = request.header("Authorization", format!("Token {}", stage.token));
    let page: Value = request.send().await?.error_for_status()?.json().await?;
    page["count"].as_u64().context("no count")
}
