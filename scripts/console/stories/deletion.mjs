// Deletion, and taking it back.

import assert from "node:assert/strict";

import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

const select = async (page, ...names) => {
  for (const name of names) await page.tile(name).locator(".mark").click();
};

const isDeletion = (request) => new URL(request.url()).pathname === "/image/delete/";

story("undo brings deleted images back to their places, and nothing is deleted", {}, async ({ page, user }) => {
  await page.fill(user, 6);
  const before = await page.names();
  assert.deepEqual(before, ["5.png", "4.png", "3.png", "2.png", "1.png", "0.png"]);
  let asked = 0;
  page.page.on("request", (request) => isDeletion(request) && (asked += 1));
  await select(page, "5.png", "3.png", "2.png", "0.png");
  await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  await page.counts(2);
  assert.deepEqual(await page.names(), ["4.png", "1.png"]);
  await page.notice("4 images deleted.").getByRole("button", { name: "Undo" }).click();
  await page.counts(6);
  await until("the grid is as before", async () => JSON.stringify(await page.names()) === JSON.stringify(before));
  await page.see(page.notice("4 images kept."));
  assert.equal(asked, 0);
  assert.equal(await user.count(), 6);
});

story("images that are deleted are gone on the server when the time for undo is over", {}, async ({ page, user }) => {
  await page.fill(user, 3);
  await select(page, "1.png");
  await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  const deleted = Date.now();
  const sent = await page.page.waitForRequest(isDeletion);
  assert.ok(Date.now() - deleted > 6000, "There was time to undo it.");
  assert.equal((await sent.response()).status(), 200);
  assert.deepEqual(await user.names(), ["0.png", "2.png"]);
  await page.counts(2);
});

story("leaving the page sends the deletion at once", {}, async ({ page, user }) => {
  await page.fill(user, 2);
  await select(page, "0.png");
  await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  await page.counts(1);
  const left = Date.now();
  await page.page.goto("about:blank");
  await until("it is deleted", async () => (await user.count()) === 1);
  assert.ok(Date.now() - left < 5000);
  assert.deepEqual(await user.names(), ["1.png"]);
});

story(
  "a deletion without a network is sent when there is one",
  { failing: ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"] },
  async ({ page, user }) => {
    await page.fill(user, 2);
    await select(page, "0.png");
    await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
    const tried = page.page.waitForEvent("requestfailed", isDeletion);
    await page.page.context().setOffline(true);
    await tried;
    await page.page.context().setOffline(false);
    await until("it is deleted", async () => (await user.count()) === 1);
    await page.counts(1);
  },
);

story("an image that was deleted elsewhere vanishes by itself", {}, async ({ page, user }) => {
  await page.fill(user, 2);
  const { results } = await user.ask("GET", "image/?ordering=-id");
  await user.ask("DELETE", `image/${results[0].id}/`);
  await page.counts(1);
  assert.deepEqual(await page.names(), ["0.png"]);
});

story("each deletion has an undo of its own", {}, async ({ page, user }) => {
  await page.fill(user, 5);
  for (const name of ["3.png", "1.png"]) {
    await select(page, name);
    await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  }
  await page.counts(3);
  const undos = page.notice("1 image deleted.").getByRole("button", { name: "Undo" });
  assert.equal(await undos.count(), 2);
  await undos.first().click();
  await page.counts(4);
  await undos.first().click();
  await page.counts(5);
  await until("they are at their places", async () =>
    JSON.stringify(await page.names()).startsWith('["4.png","3.png","2.png","1.png","0.png"'),
  );
  assert.equal(await user.count(), 5);
});

story("whoever logs out has deleted what was deleted", {}, async ({ page, user }) => {
  await page.fill(user, 2);
  await select(page, "0.png");
  await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  await page.counts(1);
  await page.button("Log out").click();
  await page.see(page.page.getByLabel("Password"));
  await user.logIn();
  assert.deepEqual(await user.names(), ["1.png"]);
});

story("after a deletion the shift key selects from the next image that is named", {}, async ({ page, user }) => {
  await page.fill(user, 5);
  await select(page, "3.png");
  await page.page.locator(".selection-bar").getByRole("button", { name: "Delete" }).click();
  await page.counts(4);
  await page.tile("1.png").click({ modifiers: ["Shift"] });
  await page.selects(["1.png"]);
});
