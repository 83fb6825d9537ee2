// The ways in which files come: pickers, dropping and pasting.

import assert from "node:assert/strict";
import { basename } from "node:path";

import { SAMPLE, png } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

story(
  "a photograph is chosen, and its thumbnail comes without a reload, after a placeholder",
  {},
  async ({ page, user }) => {
    const pictures = await page.hold("objects/**");
    await page.choose(SAMPLE);
    await page.counts(1);
    await page.see(page.tiles.locator("canvas.placeholder"));
    await until("the thumbnail is asked for", () => pictures.held.length > 0);
    assert.equal(await page.tiles.locator("img.loaded").count(), 0);
    const colours = await page.tiles
      .locator("canvas")
      .evaluate((canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size);
    assert.ok(colours > 20, "The placeholder is a picture.");
    await pictures.release();
    await page.thumbnails(1);
    await page.gone(page.tiles.locator("canvas"));
    assert.equal(await page.page.evaluate(() => performance.getEntriesByType("navigation").length), 1);
    assert.deepEqual(await user.names(), [basename(SAMPLE)]);
  },
);

story("a folder is chosen with all that is in it, without the litter of systems", {}, async ({ page, user, files }) => {
  files.write({
    "trip/a.png": png(1),
    "trip/b.png": png(2),
    "trip/deeper/c.png": png(3),
    "trip/.DS_Store": Buffer.from("x"),
    "trip/deeper/Thumbs.db": Buffer.from("x"),
  });
  await page.choose(`${files.path}/trip`, () => page.button("Upload a folder").click());
  await page.thumbnails(3);
  assert.deepEqual(await user.names(), ["a.png", "b.png", "c.png"]);
});

/** Drags files of the disk over the page as the system does, and drops them. */
async function drop(page, paths) {
  const devtools = await page.page.context().newCDPSession(page.page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const send = (type) => devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 400, data });
  await send("dragEnter");
  await send("dragOver");
  await page.see(page.text("Drop to upload"));
  // What is under the pointer may have moved meanwhile. A hand sends these all the time.
  await send("dragOver");
  await send("drop");
}

story("files and a whole folder are dropped on the page", {}, async ({ page, user, files }) => {
  const [one] = files.write({
    "one.png": png(1),
    "folder/two.png": png(2),
    "folder/deeper/three.png": png(3),
    "folder/.hidden": Buffer.from("x"),
  });
  await drop(page, [one, `${files.path}/folder`]);
  await page.gone(page.text("Drop to upload"));
  await page.thumbnails(3);
  assert.deepEqual(await user.names(), ["one.png", "three.png", "two.png"]);
});

story("files that are dragged over the page and away again are not uploaded", {}, async ({ page, user }) => {
  // Chromium's protocol for tools does not tell the page that something is dragged away.
  const tell = (...events) =>
    page.page.evaluate((steps) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "x.png", { type: "image/png" }));
      for (const [type, selector] of steps)
        document
          .querySelector(selector)
          .dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    }, events);
  await tell(["dragenter", "main"], ["dragenter", "header"], ["dragleave", "main"]);
  await page.see(page.text("Drop to upload"));
  await tell(["dragleave", "header"]);
  await page.gone(page.text("Drop to upload"));
  assert.equal(await user.count(), 0);
});

story("files are dropped on the page of the account too, and arrive", {}, async ({ page, user, files }) => {
  await page.go("#/account");
  await page.see(page.page.getByRole("heading", { name: "Account", exact: true }));
  await page.see(page.text("There are no webhooks."));
  await drop(page, files.writeMany(2));
  await page.see(page.notice("2 images uploaded."));
  assert.equal(await user.count(), 2);
});

story("an image is pasted", {}, async ({ page }) => {
  await page.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.page.evaluate(
    async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
    },
    png(5, { width: 40, height: 30 }).toString("base64"),
  );
  await page.page.keyboard.press("Control+V");
  await page.thumbnails(1);
});

story("a text that is pasted into a field uploads nothing", {}, async ({ page, user }) => {
  await page.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.page.evaluate(() => navigator.clipboard.writeText("just words"));
  await page.go("#/account");
  const field = page.page.getByLabel("Current password").first();
  await field.click();
  await page.page.keyboard.press("Control+V");
  assert.equal(await field.inputValue(), "just words");
  assert.equal(await user.count(), 0);
});
