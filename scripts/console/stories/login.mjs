// Making an account, logging in and out, and where the token is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { story } from "../helpers/story.mjs";
import { PASSWORD } from "../helpers/user.mjs";
import { until } from "../helpers/until.mjs";

const stored = (page) =>
  page.evaluate(() => ({
    tab: sessionStorage.getItem("resizinator.session"),
    device: localStorage.getItem("resizinator.session"),
  }));

story("somebody new makes an account and sees an empty gallery", { as: "nobody" }, async ({ page }) => {
  const name = `new-${randomUUID().slice(0, 8)}`;
  await page.button("New here? Create an account").click();
  await page.fillIn({ name });
  await page.see(page.text("Nothing here yet"));
  await page.see(page.page.locator(".who", { hasText: name }));
});

story(
  "a wrong password, a name that is taken, a short password and an empty form are answered in words",
  { as: "nobody", failing: [400, 401, 422] },
  async ({ page, register }) => {
    const { name } = await register();
    const complaint = page.page.getByRole("alert");
    const complains = (words) => until(`it says ${words}`, async () => (await complaint.textContent()).includes(words));
    await page.fillIn({ name, password: "something-else" });
    await complains("The username or the password is wrong.");
    await page.fillIn({ name, password: "" });
    await complains("Enter a username and a password.");
    await page.button("New here? Create an account").click();
    await page.fillIn({ name });
    await complains("This username exists already.");
    await page.fillIn({ name: `${name}-2`, password: "short" });
    await complains("8 characters");
  },
);

story("a login lasts as long as the tab, and a reload keeps it", { as: "nobody" }, async ({ page, register }) => {
  const { name } = await register();
  await page.fillIn({ name });
  await page.see(page.text("Nothing here yet"));
  const { tab, device } = await stored(page.page);
  assert.equal(JSON.parse(tab).username, name);
  assert.equal(device, null);
  await page.page.reload();
  await page.see(page.text("Nothing here yet"));
  const another = await page.page.context().newPage();
  await another.goto("/");
  await page.see(another.getByRole("heading", { name: "Log in" }));
});

story(
  "whoever stays logged in is so in a new tab, after all were closed",
  { as: "nobody" },
  async ({ page, register }) => {
    const { name } = await register();
    await page.fillIn({ name, stay: true });
    await page.see(page.text("Nothing here yet"));
    const { tab, device } = await stored(page.page);
    assert.equal(tab, null);
    assert.equal(JSON.parse(device).username, name);
    const context = page.page.context();
    await page.page.close();
    const another = await context.newPage();
    await another.goto("/");
    await page.see(another.getByText("Nothing here yet"));
  },
);

story("logging out ends the token, in all tabs", { as: "nobody", failing: [401] }, async ({ page, register }) => {
  const user = await register();
  await page.fillIn({ name: user.name, stay: true });
  await page.see(page.text("Nothing here yet"));
  const { token } = JSON.parse((await stored(page.page)).device);
  const another = await page.page.context().newPage();
  await another.goto("/");
  await page.see(another.getByText("Nothing here yet"));
  await page.button("Log out").click();
  await page.see(page.page.getByRole("heading", { name: "Log in" }));
  await page.see(another.getByRole("heading", { name: "Log in" }));
  assert.deepEqual(await stored(page.page), { tab: null, device: null });
  await assert.rejects(user.ask("GET", "user/", null, { Authorization: `Token ${token}` }), /401/);
});

story(
  "the token is never in a URL or a cookie, nor is the password kept",
  { as: "nobody" },
  async ({ page, register, files }) => {
    const { name } = await register();
    const urls = [];
    page.page.on("request", (request) => urls.push(request.url()));
    await page.fillIn({ name, stay: true });
    await page.see(page.text("Nothing here yet"));
    await page.choose(files.writeMany(1));
    await page.thumbnails(1);
    await page.tiles.click();
    await page.see(page.viewer.getByText("SHA-256"));
    const { token } = JSON.parse((await stored(page.page)).device);
    assert.ok(urls.length > 5);
    assert.deepEqual(
      urls.filter((url) => url.includes(token)),
      [],
    );
    assert.ok(!page.page.url().includes(token));
    assert.deepEqual(await page.page.context().cookies(), []);
    const kept = await page.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes(PASSWORD));
  },
);
