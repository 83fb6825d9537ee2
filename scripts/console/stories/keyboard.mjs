// The console without a mouse.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { PASSWORD } from "../helpers/user.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

/** What has the focus, by its role and its name; nothing must ever be lost to the body. */
const focus = (page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at === document.body
      ? "nothing"
      : (at.getAttribute("aria-label") ?? (at.labels?.[0] ?? at).textContent).trim();
  });

/** Presses a key until something has the focus. */
async function walkTo(page, name, key = "Tab") {
  const met = [];
  for (let steps = 0; steps < 40; steps += 1) {
    const at = await focus(page);
    if (at === name) return;
    met.push(at);
    await page.keyboard.press(key);
  }
  assert.fail(`“${name}” is not reached, but ${met.join(", ")}.`);
}

const hasFocus = (page, names) => until(`one of ${names} has the focus`, async () => names.includes(await focus(page)));

story(
  "everything can be done with the keyboard alone, and the focus is never lost",
  { as: "nobody" },
  async ({ page, files }) => {
    const { page: window } = page;
    const keys = window.keyboard;
    await walkTo(window, "New here? Create an account");
    await keys.press("Enter");
    await hasFocus(window, ["Have an account? Log in"]);
    await walkTo(window, "Username", "Shift+Tab");
    await keys.type(`keys-${randomUUID().slice(0, 8)}`);
    await keys.press("Tab");
    await keys.type(PASSWORD);
    await keys.press("Enter");
    await page.see(page.text("Nothing here yet"));

    assert.notEqual(await focus(window), "nothing", "after logging in");
    await walkTo(window, "Upload");
    await page.choose(files.writeMany(4), () => keys.press("Enter"));
    await page.thumbnails(4);
    await hasFocus(window, ["Upload"]);

    await walkTo(window, "Your images, newest first");
    const names = await page.names();
    const active = () => window.locator(".tile.active").getAttribute("aria-label");
    const isActive = (name) => until(`${name} is the active one`, async () => (await active()) === name);
    await isActive(names[0]);
    await keys.press("ArrowRight");
    await isActive(names[1]);
    await keys.press("Enter");
    await page.see(page.viewer.getByRole("heading", { name: names[1], exact: true }));
    assert.notEqual(await focus(window), "nothing");
    await keys.press("ArrowRight");
    await page.see(page.viewer.getByRole("heading", { name: names[2], exact: true }));
    assert.notEqual(await focus(window), "nothing");
    await walkTo(window, "Original");
    await keys.press("Enter");
    await hasFocus(window, ["Original"]);
    await keys.press("Escape");
    await page.gone(page.viewer);
    await hasFocus(window, ["Your images, newest first"]);
    await isActive(names[2]);

    await keys.press("Space");
    await keys.press("Shift+ArrowRight");
    await page.selects([names[2], names[3]]);
    await keys.press("Delete");
    await page.counts(2);
    await hasFocus(window, ["Your images, newest first"]);
    await walkTo(window, "Undo");
    await keys.press("Enter");
    await page.counts(4);
    assert.notEqual(await focus(window), "nothing", "after an undo");
    await walkTo(window, "Your images, newest first", "Shift+Tab");
    await keys.press("Home");
    await isActive(names[0]);
    await keys.press("Space");
    await walkTo(window, "Delete", "Shift+Tab");
    await keys.press("Enter");
    await page.counts(3);
    await hasFocus(window, ["Your images, newest first"]);

    await walkTo(window, "Account", "Shift+Tab");
    await keys.press("Enter");
    await page.see(page.text("Where you are logged in"));
    assert.notEqual(await focus(window), "nothing", "on the page of the account");
    await walkTo(window, "Images", "Shift+Tab");
    await keys.press("Enter");
    await page.see(page.grid);
    await walkTo(window, "Log out");
    await keys.press("Enter");
    await page.see(window.getByRole("heading", { name: "Log in" }));
    assert.equal(await focus(window), "Username");
  },
);
