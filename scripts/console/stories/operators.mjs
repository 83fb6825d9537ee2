// The page of operators.

import assert from "node:assert/strict";

import { failByBackend } from "../helpers/database.mjs";
import { png, undecodable } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

story("whoever is no operator is told so, and finds no link to the page", { failing: [403] }, async ({ page }) => {
  assert.ok(await page.page.getByRole("link", { name: "Operators" }).isHidden());
  await page.go("#/operators");
  await page.see(page.text("This page is for operators. An operator is named with “resizinator user admin NAME on”."));
});

story(
  "an operator sees images by their state, the worker, and failures by their code, and has them tried again",
  { settings: {} },
  async ({ page, user, service }) => {
    await service.command("user", "admin", user.name, "on");
    for (let k = 0; k < 3; k += 1) await user.settled(await user.upload(`${k}.png`, png(k)));
    await user.settled(await user.upload("broken.png", undecodable()));
    const unlucky = await user.upload("unlucky.png", png(9));
    await user.settled(unlucky);
    failByBackend(service, unlucky);
    await page.page.reload();
    await page.page.getByRole("link", { name: "Operators" }).click();
    const number = (label) => page.page.locator(".numbers > div", { hasText: label }).first().locator("dd");
    const says = (label, text) =>
      until(
        `${label}: ${text}`,
        async () =>
          (await number(label)
            .textContent({ timeout: 1000 })
            .catch(() => "")) === text,
      );
    await says("Ready", "3");
    await says("Failed", "2");
    const workers = page.page.getByRole("region", { name: "Workers" });
    await page.see(workers.getByText(/\d+ of [1-9]/));
    await page.see(workers.getByText("yes"));
    const failures = page.page.getByRole("region", { name: "Failures" });
    await page.see(failures.getByText("decode_failed"));
    await page.see(failures.getByText("The renderer stumbled."));
    await page.button("Retry all images that failed with renderer_crashed").click();
    await page.see(page.notice("1 image that failed with renderer_crashed waits to be rendered again."));
    await says("Ready", "4");
    await says("Failed", "1");
    await page.gone(failures.getByText("The renderer stumbled."));
    assert.equal((await user.settled(unlucky)).state, "ready");
  },
);
