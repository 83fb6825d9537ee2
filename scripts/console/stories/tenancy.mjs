// Whatever belongs to one user is nothing to another one, and names are text whatever they look like.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { isUpload } from "../helpers/console.mjs";
import { png, undecodable } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

story(
  "a second user sees nothing of the first, also after logging in in the same tab",
  {},
  async ({ page, user, register, visit, files }) => {
    await page.choose(files.write({ "private.png": png(1) }));
    await page.thumbnails(1);
    const second = await register();
    const elsewhere = await visit(second);
    await elsewhere.see(elsewhere.text("Nothing here yet"));
    await page.button("Log out").click();
    await page.fillIn({ name: second.name });
    await page.see(page.text("Nothing here yet"));
    await page.see(page.page.locator(".who", { hasText: second.name }));
    const content = await page.page.content();
    for (const secret of ["private.png", user.name]) assert.ok(!content.includes(secret), secret);
    const kept = await page.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes("private.png"));
    // What happens to the first user's images is no event of the second.
    await user.logIn();
    const id = await user.upload("later.png", png(2));
    await user.settled(id);
    await second.upload("mine.png", png(3));
    await page.thumbnails(1);
    assert.deepEqual(await page.names(), ["mine.png"]);
  },
);

story(
  "uploads that another user left in the tab are neither named nor sent",
  {},
  async ({ page, user, register, files }) => {
    await page.page.route("**/image/", (route, request) =>
      request.method() === "POST" ? undefined : route.continue(),
    );
    await page.choose(files.write({ "private.png": png(1) }));
    await page.see(page.row("private.png"));
    page.page.on("dialog", (dialog) => dialog.accept());
    await page.page.reload();
    await page.see(page.text("1 file did not arrive before the page was left"));
    const second = await register();
    await page.page.evaluate((session) => sessionStorage.setItem("resizinator.session", JSON.stringify(session)), {
      username: second.name,
      token: second.token,
    });
    await page.page.unroute("**/image/");
    await page.page.reload();
    await page.see(page.text("Nothing here yet"));
    assert.ok(!(await page.page.content()).includes("private.png"));
    assert.equal(await user.count(), 0);
    assert.equal(await second.count(), 0);
  },
);

story("names that look like HTML are text everywhere", {}, async ({ page, register, visit, files }) => {
  const evil = "<img src=x onerror=alert(1)>";
  const user = await register(`${evil}${randomUUID().slice(0, 6)}`);
  const window = await visit(user);
  let alerts = 0;
  window.page.on("dialog", (dialog) => ((alerts += 1), dialog.dismiss()));
  await window.see(window.page.locator(".who", { hasText: evil }));
  await window.choose(
    files.write({
      [`${evil}.png`]: png(1),
      [`${evil}&amp;.png`]: undecodable(),
      [`${evil}.txt`]: Buffer.from("These are only words."),
    }),
  );
  await window.see(window.row(`${evil}.txt`));
  await window.see(window.tile(`${evil}.png`));
  await window.see(window.tile(new RegExp("&amp;\\.png, failed")));
  await window.tile(`${evil}.png`).click();
  await window.see(window.viewer.getByRole("heading", { name: `${evil}.png`, exact: true }));
  await window.viewer.getByRole("button", { name: "Delete" }).click();
  await window.page.keyboard.press("Escape");
  await window.go("#/account");
  await window.see(window.page.getByRole("heading", { name: "Account", exact: true }));
  await window.see(window.text("Console").or(window.text("story")));
  assert.equal(await window.page.locator("img[src=x]").count(), 0);
  assert.equal(alerts, 0);
  assert.ok(page);
});

story(
  "whoever logs in next in a tab is told nothing of the files that somebody else has left",
  {},
  async ({ page, user, files, register }) => {
    const held = await page.hold("image/", isUpload);
    await page.choose(files.write({ "secret.png": png(1) }));
    await page.see(page.row("secret.png"));
    await until("it is sent", () => held.held.length === 1);
    page.page.on("dialog", (dialog) => dialog.accept());
    await page.page.reload();
    await page.see(page.tray.getByText("secret.png"));
    await page.button("Log out").click();
    await page.see(page.page.getByLabel("Password"));
    const other = await register();
    await page.fillIn({ name: other.name });
    await page.see(page.text("Nothing here yet"));
    assert.equal(await page.page.getByText("secret.png").count(), 0);
    await user.logIn();
    assert.equal(await user.count(), 0);
  },
);

story(
  "a page that is opened with a token that has ended shows the images after a login",
  { failing: [401] },
  async ({ page, user }) => {
    await user.upload("mine.png", png(1));
    await page.thumbnails(1);
    await user.ask("POST", "user/logout/");
    await page.page.reload();
    await page.fillIn({});
    await page.thumbnails(1);
    await page.counts(1);
  },
);
