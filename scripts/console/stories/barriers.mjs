// No barriers on any page, in light and dark, in wide and narrow windows.

import assert from "node:assert/strict";

import { noBarriers } from "../helpers/barriers.mjs";
import { isUpload } from "../helpers/console.mjs";
import { png, undecodable } from "../helpers/pictures.mjs";
import { PHONE, story } from "../helpers/story.mjs";

const SETTINGS = { RESIZINATOR_WEBHOOK_TARGETS: "private" };

for (const colorScheme of ["light", "dark"])
  for (const [width, device] of [
    ["a wide window", {}],
    ["a telephone", PHONE],
  ])
    story(
      `nothing on any page is a barrier, ${colorScheme}, in ${width}`,
      { colorScheme, ...device, settings: SETTINGS, as: "nobody", failing: [422] },
      async ({ page, register, service, files }) => {
        const user = await register();
        await service.command("user", "admin", user.name, "on");
        await noBarriers(page, "login");
        await page.fillIn({ name: user.name });
        await page.see(page.text("Nothing here yet"));
        await page.see(page.text("Live", { exact: true }));
        await noBarriers(page, "empty gallery");

        // Some wait, some are refused, and so the list of uploads stays.
        const uploads = await page.hold("image/", isUpload);
        await page.choose(
          files.write({
            "words.txt": Buffer.from("These are only words."),
            ...Object.fromEntries(["a", "b", "c", "d", "e"].map((name, k) => [`${name}.png`, png(k)])),
            "broken.png": undecodable(),
          }),
        );
        await page.see(page.row("words.txt").getByText(/This is not an image/));
        await noBarriers(page, "list of uploads");
        await uploads.release();
        await page.thumbnails(5);
        await page.see(page.tile(/^broken\.png, failed/));
        await noBarriers(page, "images, and a list of uploads that is over");
        await page.button("Clear the list").click();
        await page.gone(page.tray);
        await page.tile("b.png").locator(".mark").click();
        await page.see(page.text("1 selected"));
        await noBarriers(page, "a selection");
        await page.button("Clear selection").click();
        await page.tile("c.png").click();
        await page.see(page.viewer.getByText("SHA-256"));
        await noBarriers(page, "viewer");
        await page.page.keyboard.press("Escape");
        await page.tile(/^broken\.png/).click();
        await page.see(page.viewer.locator(".note"));
        await noBarriers(page, "viewer of a failed image");
        await page.page.keyboard.press("Escape");
        await page.gone(page.viewer);

        await user.ask("POST", "user/webhooks/", { url: "http://127.0.0.1:9/hook" });
        await page.go("#/account");
        await page.see(page.text("Last used"));
        await page.text("Last deliveries").first().click();
        await page.see(page.page.getByRole("heading", { name: "http://127.0.0.1:9/hook" }));
        await noBarriers(page, "account");
        await page.go("#/operators");
        await page.see(page.text("decode_failed"));
        await noBarriers(page, "operators");
      },
    );

story("nothing moves by itself for people who want it so", { reducedMotion: "reduce" }, async ({ page, files }) => {
  const moving = () => page.page.evaluate(() => document.getAnimations().length);
  await page.route("objects/**", () => {});
  await page.choose(files.writeMany(3));
  await page.see(page.tiles);
  assert.equal(await moving(), 0);
  await page.see(page.notice("3 images uploaded."));
  assert.equal(await moving(), 0);
});
