// A tab that nobody looks at keeps no connection open, and misses nothing.

import assert from "node:assert/strict";

import { png } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

const show = (page, state) =>
  page.page.evaluate((visibility) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => visibility });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

const isStream = (request) => new URL(request.url()).pathname === "/events/";

story(
  "a hidden tab closes its stream of events, and goes on where it stopped when it is seen again",
  {},
  async ({ page, user }) => {
    await user.settled(await user.upload("before.png", png(1)));
    await page.thumbnails(1);
    const closed = page.page.waitForEvent("requestfailed", isStream);
    await show(page, "hidden");
    await closed;
    const kept = await user.ask("GET", "image/");
    await user.settled(await user.upload("meanwhile.png", png(2)));
    await user.ask("DELETE", `image/${kept.results[0].id}/`);
    const opened = page.page.waitForRequest(isStream);
    await show(page, "visible");
    assert.match((await opened).headers()["last-event-id"], /^\d+$/);
    await page.see(page.tile("meanwhile.png"));
    await page.thumbnails(1);
    await until("what was deleted is gone", async () => (await page.names()).join() === "meanwhile.png");
  },
);

story(
  "events that are older than the service keeps them make the page read the list anew",
  {},
  async ({ page, user }) => {
    await user.settled(await user.upload("known.png", png(1)));
    await page.thumbnails(1);
    await show(page, "hidden");
    await user.settled(await user.upload("missed.png", png(2)));
    await page.route("events/", (route) =>
      route.continue({ headers: { ...route.request().headers(), "last-event-id": "999999999" } }),
    );
    await show(page, "visible");
    await page.thumbnails(2);
    assert.deepEqual(await page.names(), ["missed.png", "known.png"]);
  },
);

story("what happens in one tab is seen in another one", {}, async ({ page, user, visit, files }) => {
  const other = await visit(user);
  await page.choose(files.writeMany(2));
  await other.thumbnails(2);
  await other.tile("0000.png").click();
  await other.viewer.getByRole("button", { name: "Delete" }).click();
  await other.page.close({ runBeforeUnload: true });
  await page.counts(1);
});
