// Several images at a time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { bmp, png } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

story("images are selected by the mouse, in rows with the shift key, and all by Ctrl+A", {}, async ({ page, user }) => {
  await page.fill(user, 6);
  await page.tile("5.png").locator(".mark").click();
  await page.selects(["5.png"]);
  await page.tile("2.png").click({ modifiers: ["Shift"] });
  await page.selects(["5.png", "4.png", "3.png", "2.png"]);
  await page.see(page.text("4 selected"));
  // While something is selected, a click selects too.
  await page.tile("4.png").click();
  await page.tile("0.png").click();
  await page.selects(["5.png", "3.png", "2.png", "0.png"]);
  await page.button("Clear selection").click();
  await page.selects([]);
  await page.gone(page.page.locator(".selection-bar"));
  await page.page.keyboard.press("Control+a");
  await page.see(page.text("6 selected"));
  await page.page.keyboard.press("Escape");
  await page.selects([]);
  await page.tile("1.png").click({ modifiers: ["Control"] });
  await page.selects(["1.png"]);
});

story("images are selected by the keyboard", {}, async ({ page, user }) => {
  await page.fill(user, 5);
  await page.grid.focus();
  const keys = page.page.keyboard;
  await keys.press("Space");
  await page.selects(["4.png"]);
  await keys.press("Shift+ArrowRight");
  await keys.press("Shift+ArrowRight");
  await page.selects(["4.png", "3.png", "2.png"]);
  await keys.press("ArrowRight");
  await keys.press("Space");
  await keys.press("Home");
  await keys.press("Space");
  await page.selects(["3.png", "2.png", "1.png"]);
});

story("the links of selected images are copied, and work without a token", {}, async ({ page, user }) => {
  await page.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.fill(user, 3);
  await page.tile("2.png").locator(".mark").click();
  await page.tile("0.png").click();
  await page.button("Copy links").click();
  await page.see(page.notice("2 links copied."));
  const links = (await page.page.evaluate(() => navigator.clipboard.readText())).split("\n");
  assert.equal(links.length, 2);
  const bytes = await Promise.all(links.map(async (link) => Buffer.from(await (await fetch(link)).arrayBuffer())));
  assert.ok(bytes[0].equals(png(2)) && bytes[1].equals(png(0)));
});

story("a browser that lends no clipboard is told of", {}, async ({ page, user }) => {
  await page.fill(user, 1);
  await page.page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error("no"))));
  await page.tiles.locator(".mark").click();
  await page.button("Copy links").click();
  await page.see(page.notice("The browser does not let this page copy."));
});

story("selected images are downloaded under their names", {}, async ({ page, user }) => {
  await page.fill(user, 3);
  const downloads = [];
  page.page.on("download", (download) => downloads.push(download));
  await page.tile("2.png").locator(".mark").click();
  await page.tile("1.png").click();
  await page.button("Download").click();
  await until("two files come", () => downloads.length === 2);
  const files = await Promise.all(
    downloads.map(async (download) => [download.suggestedFilename(), readFileSync(await download.path())]),
  );
  files.sort(([one], [other]) => one.localeCompare(other));
  assert.deepEqual(
    files.map(([name]) => name),
    ["1.png", "2.png"],
  );
  assert.ok(files[1][1].equals(png(2)));
});

story("a smaller size is downloaded under a name that says so", {}, async ({ page, user }) => {
  const id = await user.upload("a.b.bmp", bmp());
  await user.settled(id);
  await page.thumbnails(1);
  await page.tiles.click();
  await page.button("Small").click();
  const download = page.page.waitForEvent("download");
  await page.viewer.getByRole("button", { name: "Download" }).click();
  assert.equal((await download).suggestedFilename(), "a.b-small.png");
});
