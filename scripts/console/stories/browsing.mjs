// Filters, and lists of any length.

import assert from "node:assert/strict";

import { copyImage } from "../helpers/copies.mjs";
import { sql } from "../helpers/database.mjs";
import { png, undecodable } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

const COUNT = 1200;
const name = (k) => `${String(k).padStart(4, "0")}.png`;

/** An image of the user, and copies of it. */
async function fill(user, service, count, created) {
  const id = await user.upload("first.png", png(7));
  await user.settled(id);
  copyImage(service, id, count, created);
}

/** Waits until the grid has the names that belong to its places. */
const inOrder = (page, isThere) =>
  until("the grid is in order", async () => {
    const tiles = await page.tiles.evaluateAll((all) =>
      all.map((tile) => [Number(tile.getAttribute("aria-posinset")), tile.getAttribute("aria-label")]),
    );
    const expected = (place) => (place === COUNT + 1 ? "first.png" : name(COUNT - place));
    return (
      tiles.length > 0 &&
      isThere(tiles.map(([place]) => place)) &&
      tiles.every(([place, label]) => label === expected(place))
    );
  });

const elements = (page) => page.grid.evaluate((grid) => grid.querySelectorAll("*").length);

story(
  "a list of more than a thousand images scrolls to its end and back with few elements, in the right order",
  {},
  async ({ page, user, service }) => {
    await fill(user, service, COUNT);
    await page.page.reload();
    await page.counts(COUNT + 1);
    await inOrder(page, (places) => places.includes(1));
    await page.grid.focus();
    await page.page.keyboard.press("End");
    await inOrder(page, (places) => places.includes(COUNT + 1));
    assert.ok((await elements(page)) <= 300);
    await until("the pictures there come", async () => (await page.tiles.locator("img.loaded").count()) > 5);
    await page.page.mouse.move(600, 500);
    // By the wheel, through places that nobody has looked at yet.
    let top = Infinity;
    for (let turns = 0; turns < 6; turns += 1) {
      await page.page.mouse.wheel(0, -700);
      await until("it scrolls", async () => (await page.page.evaluate(() => scrollY)) < top);
      top = await page.page.evaluate(() => scrollY);
      await inOrder(page, (places) => !places.includes(1));
    }
    await page.page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
    await inOrder(page, (places) => places.includes(COUNT / 2));
    assert.ok((await elements(page)) <= 300);
    await page.grid.focus();
    await page.page.keyboard.press("Home");
    await inOrder(page, (places) => places.includes(1));
    await page.page.keyboard.press("PageDown");
    await page.page.keyboard.press("PageDown");
    await inOrder(page, (places) => !places.includes(1));
  },
);

story(
  "an image that comes while the list is scrolled down takes nothing away from under the reader",
  {},
  async ({ page, user, service }) => {
    await fill(user, service, COUNT);
    await page.page.reload();
    await page.counts(COUNT + 1);
    await page.grid.focus();
    await page.page.keyboard.press("End");
    await inOrder(page, (places) => places.includes(COUNT + 1));
    await user.upload("newest.png", png(9));
    await page.counts(COUNT + 2);
    await page.page.keyboard.press("Home");
    await page.see(page.tile("newest.png"));
    await page.see(page.tile(name(COUNT - 1)));
  },
);

story("images are filtered by their state, and the list follows what happens", {}, async ({ page, user }) => {
  await user.upload("good.png", png(1));
  await user.upload("broken.png", undecodable());
  await page.see(page.tile(/^broken\.png, failed/));
  await page.thumbnails(1);
  await page.filter("State", "Failed");
  await page.counts(1);
  await page.see(page.tile(/^broken\.png, failed/));
  await page.filter("State", "Ready");
  await page.see(page.tile("good.png"));
  await page.counts(1);
  await user.upload("another.png", png(2));
  await page.see(page.tile("another.png"));
  await page.counts(2);
  await page.filter("State", "Waiting");
  await page.see(page.text("No image matches these filters."));
  await page.button("Clear filters").first().click();
  await page.counts(3);
});

story("images are filtered by the days of the reader's zone", {}, async ({ page, user, service }) => {
  // One image each for the evening of ten days: at 23 h in Berlin it is still the same day.
  await fill(user, service, 10, "strftime('%Y-%m-%d %H:%M:%f', '2025-03-01 22:30:00', '+' || k || ' days')");
  await page.page.reload();
  await page.counts(11);
  await page.filter("From", "2025-03-03");
  await page.counts(9);
  await page.filter("Until", "2025-03-05");
  await page.counts(3);
  assert.deepEqual(await page.names(), [name(4), name(3), name(2)]);
  await page.filter("From", "2025-03-06");
  await page.see(page.text("No image matches these filters."));
});

story(
  "a list that is shorter than the page thinks is read anew, and not asked for without end",
  {},
  async ({ page, user, service }) => {
    const id = await user.upload("first.png", png(1));
    await page.thumbnails(1);
    copyImage(service, id, 400);
    await page.page.reload();
    await page.counts(401);
    // Nobody tells of this: it is no deletion through the api.
    sql(service, `UPDATE images SET state = 'deleted' WHERE id = ${Number(id)}`);
    let asked = 0;
    page.page.on("request", (request) => new URL(request.url()).pathname === "/image/" && (asked += 1));
    await page.grid.focus();
    await page.page.keyboard.press("End");
    await page.see(page.tile("0000.png"));
    await page.counts(400);
    assert.ok(asked < 12, `It asked ${asked} times.`);
  },
);
