//! Tests of the operator's command `resizinator image`.

use std::process::Output;

use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::ObjectId;
use resizinator_shared::image::State;
use resizinator_shared::objects::ObjectKey;
use resizinator_shared::testing::generation;

use crate::client::User;
use crate::eventually::eventually;
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::command;

fn operate(app: &OneProcess, arguments: &[&str]) -> Output {
    let mut command = command("resizinator", &app.environment);
    command.arg("image").args(arguments).output().expect("the command runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_failed_image_is_listed_and_retried() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let record = user.upload("broken.webp", pictures::undecodable()).await;
    let id = record["id"].to_string();
    let failed = async || {
        let row = app.row(&record).await;
        (row.state == State::Failed).then_some(row.claim)
    };
    let claim = eventually("it fails", failed).await;

    let listed = text(&operate(&app, &["list", "--state", "failed"]));
    let line = format!("{id}\t{}\tfailed\t", record["user"]);
    assert!(listed.starts_with(&line) && listed.lines().count() == 1, "{listed}");
    assert_eq!(text(&operate(&app, &["list", "--state", "ready"])), "");

    let misspelt = operate(&app, &["retry", "--all-failed", "--code", "no_such_code"]);
    assert!(!misspelt.status.success());
    assert!(String::from_utf8_lossy(&misspelt.stderr).contains("is not the name of a failure code"));
    let nothing = operate(&app, &["retry", "--all-failed", "--code", "too_many_pixels"]);
    assert_eq!(text(&nothing), "0 images wait for a worker now.\n");
    let retried = operate(&app, &["retry", "--all-failed"]);
    assert_eq!(text(&retried), "1 images wait for a worker now.\n");
    let again = async || failed().await.filter(|&later| later > claim);
    eventually("it fails once more, since the file is as bad as before", again).await;
    let refused = operate(&app, &["retry", "999999"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("999999"));
}

#[tokio::test]
async fn images_and_objects_that_do_not_agree_are_found_and_mended() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let [whole, without_variant, without_original] =
        [(); 3].map(|()| pictures::photo(400, 320)).map(async |photo| {
            let record = user.upload("photo.jpg", photo).await;
            user.until_ready(record["id"].as_i64().expect("an id")).await;
            app.row(&record).await
        });
    let (whole, without_variant, without_original) =
        (whole.await, without_variant.await, without_original.await);
    let agreed = operate(&app, &["check"]);
    assert_eq!(text(&agreed), "Images and objects agree.\n");

    let objects = app.folder.path().join("data/objects");
    let folder = |id: &ObjectId| objects.join(ObjectKey::folder(id));
    std::fs::remove_file(folder(&without_variant.object_id).join("1/small.jpg")).expect("a variant");
    std::fs::remove_file(folder(&without_original.object_id).join("original.jpg")).expect("an original");
    let orphan = folder(&ObjectId::random());
    std::fs::create_dir_all(&orphan).expect("a folder");
    std::fs::write(orphan.join("original.jpg"), "nobody's").expect("an object");

    let found = operate(&app, &["check"]);
    assert!(!found.status.success());
    for part in [
        "3 images are wrong",
        "the original is missing",
        "a variant is missing",
        "1 objects belong to no image",
    ] {
        assert!(text(&found).contains(part), "{}", text(&found));
    }
    assert!(orphan.join("original.jpg").exists(), "looking changes nothing");

    assert!(operate(&app, &["check", "--fix"]).status.success());
    assert!(!orphan.join("original.jpg").exists());
    eventually("the variants are there again", async || {
        let row = app.store().image(without_variant.user_id, without_variant.id).await.expect("a query")?;
        (row.visible_generation == Some(generation(2))).then_some(())
    })
    .await;
    let row = app.store().image(without_original.user_id, without_original.id).await.expect("a query");
    let row = row.expect("the row stays");
    assert_eq!((row.state, row.error_code), (State::Failed, Some(FailureCode::OriginalMissing.into())));
    assert_eq!(text(&operate(&app, &["check"])), "Images and objects agree.\n");
    user.until_ready(whole.id.get()).await;
}

#[tokio::test]
async fn reprocessed_images_get_new_variants_while_the_old_ones_can_still_be_read() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let record = user.upload("photo.jpg", pictures::photo(800, 600)).await;
    let id = record["id"].as_i64().expect("an id");
    let old = user.until_ready(id).await;
    let reprocessed = operate(&app, &["reprocess", "--all-ready"]);
    assert_eq!(text(&reprocessed), "1 images wait for a worker now.\n");
    let new = eventually("there are other variants", async || {
        let record = user.until_ready(id).await;
        (record["medium"] != old["medium"]).then_some(record)
    })
    .await;
    for record in [old, new] {
        let medium =
            image::load_from_memory(&user.download(&record["medium"]).await.bytes).expect("an image");
        assert_eq!(medium.height(), 300);
    }
}
