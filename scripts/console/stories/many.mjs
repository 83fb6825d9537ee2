// Many files at once.

import assert from "node:assert/strict";

import { isUpload } from "../helpers/console.mjs";
import { story } from "../helpers/story.mjs";

story(
  "two hundred files at once all arrive, four at a time, in a grid of few elements",
  {},
  async ({ page, user, files }) => {
    let running = 0;
    let most = 0;
    const count = (by) => (request) => {
      if (!isUpload(request)) return;
      running += by;
      most = Math.max(most, running);
    };
    page.page.on("request", count(1));
    page.page.on("requestfinished", count(-1));
    page.page.on("requestfailed", count(-1));
    await page.choose(files.writeMany(200));
    await page.see(page.page.getByRole("progressbar", { name: "All uploads" }));
    await page.see(page.tray.getByText(/^\d+ of 200 uploaded$/));
    await page.see(page.notice("200 images uploaded."));
    await page.gone(page.tray);
    await page.counts(200);
    assert.equal(most, 4);
    const elements = await page.grid.evaluate((grid) => grid.querySelectorAll("*").length);
    assert.ok(elements <= 300, `The grid has ${elements} elements.`);
    const names = await user.names();
    assert.deepEqual(
      names,
      Array.from({ length: 200 }, (_, k) => `${String(k).padStart(4, "0")}.png`),
    );
  },
);

story("files that are cancelled do not arrive, and the others do", {}, async ({ page, user, files }) => {
  const paths = files.writeMany(5);
  const uploads = await page.hold("image/", isUpload);
  await page.choose(paths);
  await page.see(page.row("0003.png").getByText("Uploading"));
  await page.button("Cancel the upload of 0004.png").click();
  const stopped = page.page.waitForEvent("requestfailed", isUpload);
  await page.button("Cancel the upload of 0001.png").click();
  await stopped;
  await uploads.release();
  await page.see(page.notice("3 images uploaded."));
  assert.deepEqual(await user.names(), ["0000.png", "0002.png", "0003.png"]);
});
