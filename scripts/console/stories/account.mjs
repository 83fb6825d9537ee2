// The page of the account.

import assert from "node:assert/strict";

import { png } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { PASSWORD } from "../helpers/user.mjs";
import { until } from "../helpers/until.mjs";

const card = (page, name) => page.page.locator(".card", { has: page.page.getByRole("heading", { name, exact: true }) });

story("the account tells what is used, and ends logins that one does not know", {}, async ({ page, user }) => {
  await user.settled(await user.upload("one.png", png(1)));
  const { token } = user;
  await user.ask("POST", "user/login/", { username: user.name, password: PASSWORD, label: "a stranger" });
  await page.go("#/account");
  await page.see(page.text("Images: 1 of 100,000"));
  await page.button("Revoke a stranger").click();
  await page.gone(page.text("a stranger"));
  const { results } = await user.ask("GET", "user/tokens/", null, { Authorization: `Token ${token}` });
  assert.deepEqual(
    results.map(({ label }) => label),
    ["story"],
  );
});

story("a password is changed by whoever knows the old one", { failing: [403, 422] }, async ({ page, user }) => {
  await page.go("#/account");
  const form = card(page, "Change password");
  const change = async (current, next) => {
    await form.getByLabel("Current password").fill(current);
    await form.getByLabel("New password").fill(next);
    await form.getByRole("button").click();
  };
  await change("not-this-one", "battery-staple");
  await page.see(form.getByRole("alert").filter({ hasText: /password/ }));
  await change(PASSWORD, "short");
  await page.see(form.getByRole("alert").filter({ hasText: /8 characters/ }));
  await change(PASSWORD, "battery-staple");
  await page.see(page.notice("The password is changed, and all other logins have ended."));
  await assert.rejects(user.logIn(), /401/);
});

story(
  "a webhook is added, tested and deleted, and its secret is shown once",
  { settings: { RESIZINATOR_WEBHOOK_TARGETS: "private" }, failing: [422] },
  async ({ page, user, service }) => {
    await page.go("#/account");
    const hooks = card(page, "Webhooks");
    await page.see(hooks.getByText("There are no webhooks."));
    // The service itself is a target that answers.
    const url = `${service.url}/user/logout/`;
    await hooks.getByLabel("URL").fill("ftp://example.org/");
    await hooks.getByRole("button", { name: "Add webhook" }).click();
    await page.see(hooks.getByRole("alert").filter({ hasText: /http/ }));
    await hooks.getByLabel("URL").fill(url);
    await hooks.getByRole("button", { name: "Add webhook" }).click();
    await page.see(hooks.getByText(/^whsec_/));
    await page.button(`Send a test: ${url}`).click();
    await page.see(page.notice(/The test was not delivered/));
    await page.button(`New secret: ${url}`).click();
    await page.see(hooks.getByText(/^whsec_/));
    await page.button(`Delete: ${url}`).click();
    await page.see(hooks.getByText("There are no webhooks."));
    assert.deepEqual((await user.ask("GET", "user/webhooks/")).results, []);
  },
);

story(
  "an account is deleted with its images by whoever knows the password",
  { failing: [401, 403] },
  async ({ page, user }) => {
    await user.settled(await user.upload("one.png", png(1)));
    await page.go("#/account");
    const form = card(page, "Delete account");
    await form.getByLabel("Current password").fill("not-this-one");
    await form.getByLabel(/Yes, delete/).check();
    await form.getByRole("button").click();
    await page.see(form.getByRole("alert").filter({ hasText: /password/ }));
    await form.getByLabel("Current password").fill(PASSWORD);
    await form.getByRole("button").click();
    await page.see(page.page.getByRole("heading", { name: "Log in" }));
    await until("nobody can log in any more", () =>
      user.logIn().then(
        () => false,
        (error) => /401/.test(error.message),
      ),
    );
  },
);
