// One image, large.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { failByBackend } from "../helpers/database.mjs";
import { SAMPLE, png, undecodable } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

const shown = (page) => page.viewer.locator(".stage img");

/** Waits until the image of the viewer is painted in a size. */
const hasSize = (page, width, height) =>
  until(`the image has ${width} × ${height}`, () =>
    shown(page)
      .evaluate(
        (image, [w, h]) => image.complete && image.naturalWidth === w && image.naturalHeight === h,
        [width, height],
      )
      .catch(() => false),
  );

const title = (page, name) => page.see(page.viewer.getByRole("heading", { name, exact: true }));

story("the viewer shows each size of an image, and what is known of it", {}, async ({ page, user }) => {
  const id = await user.upload("seeding.jpg", readFileSync(SAMPLE));
  const { sha256 } = await user.settled(id);
  await page.thumbnails(1);
  await page.tiles.click();
  assert.equal(new URL(page.page.url()).hash, `#/image/${id}`);
  await title(page, "seeding.jpg");
  await hasSize(page, 533, 300);
  await page.button("Small").click();
  await hasSize(page, 178, 100);
  await page.button("Original").click();
  await hasSize(page, 5312, 2988);
  for (const text of ["5312 × 2988 · JPEG · 1.5 MB", /^533 × 300 · JPEG/, /^178 × 100 · JPEG/, sha256, "Ready"])
    await page.see(page.viewer.getByText(text));
  const [width, inner] = await shown(page).evaluate((image) => [image.getBoundingClientRect().width, innerWidth]);
  assert.ok(width <= inner, "A large original is made to fit.");
});

story(
  "the next and the previous image are reached by buttons and keys, and Escape closes",
  {},
  async ({ page, user }) => {
    for (let k = 0; k < 3; k += 1) await user.upload(`${k}.png`, png(k));
    await page.thumbnails(3);
    await page.tile("2.png").click();
    await title(page, "2.png");
    assert.ok(await page.button("Previous image").isDisabled());
    await page.button("Next image").click();
    await title(page, "1.png");
    await page.page.keyboard.press("ArrowRight");
    await title(page, "0.png");
    await until("there is no next one", () => page.button("Next image").isDisabled());
    await page.page.keyboard.press("ArrowLeft");
    await title(page, "1.png");
    await page.page.keyboard.press("Escape");
    await page.gone(page.viewer);
    assert.equal(new URL(page.page.url()).hash, "#/");
    // The grid goes on with the image that was seen last.
    const seen = await page.tile("1.png").getAttribute("id");
    await until("it is active", async () => (await page.grid.getAttribute("aria-activedescendant")) === seen);
    await page.page.goBack();
  },
);

story(
  "a link to an image opens it, also long after it left the first page of the list",
  {},
  async ({ page, user, visit }) => {
    const id = await user.upload("kept.png", png(1));
    await user.settled(id);
    await page.page.goto(`/#/image/${id}`);
    await title(page, "kept.png");
    await page.page.reload();
    await title(page, "kept.png");
    await hasSize(page, 12, 9);
    const another = await visit(user);
    await another.go(`#/image/${id}`);
    await title(another, "kept.png");
  },
);

story(
  "an image that is not there, or is somebody else's, says so and can be closed",
  { failing: [404] },
  async ({ page, register }) => {
    const other = await register();
    const id = await other.upload("secret.png", png(1));
    await other.settled(id);
    await page.go(`#/image/${id}`);
    await page.see(page.viewer.getByText("This image is not there any more."));
    assert.ok(!(await page.viewer.textContent()).includes("secret.png"));
    await page.page.keyboard.press("Escape");
    await page.go("#/image/999999");
    await page.see(page.viewer.getByText("This image is not there any more."));
  },
);

story(
  "an image is deleted in the viewer, which shows the next one, and undo brings it back",
  {},
  async ({ page, user }) => {
    for (let k = 0; k < 3; k += 1) await user.upload(`${k}.png`, png(k));
    await page.thumbnails(3);
    await page.tile("1.png").click();
    await title(page, "1.png");
    await page.viewer.getByRole("button", { name: "Delete" }).click();
    await title(page, "0.png");
    await page.notice("1 image deleted.").getByRole("button", { name: "Undo" }).click();
    await page.see(page.notice("1 image kept."));
    await page.page.keyboard.press("Escape");
    await page.counts(3);
    await until("it is in its place", async () => (await page.names()).join() === "2.png,1.png,0.png");
  },
);

story("an image that failed has no smaller sizes, and its file can be downloaded", {}, async ({ page, user }) => {
  await user.upload("broken.png", undecodable());
  await page.tile(/^broken\.png, failed/).click();
  await title(page, "broken.png");
  assert.ok(await page.button("Small").isDisabled());
  // Another try cannot help a file that is at fault.
  assert.equal(await page.viewer.getByRole("button", { name: "Try again" }).count(), 0);
  const download = page.page.waitForEvent("download");
  await page.viewer.getByRole("button", { name: "Download" }).click();
  assert.equal((await download).suggestedFilename(), "broken.png");
});

story(
  "an image that failed for a reason that has passed is tried again in the viewer",
  {},
  async ({ page, user, service }) => {
    const id = await user.upload("unlucky.png", png(1));
    await user.settled(id);
    await page.thumbnails(1);
    failByBackend(service, id);
    await page.tile("unlucky.png, failed: The renderer stumbled.").click();
    await page.see(page.viewer.getByText("The renderer stumbled. (renderer_crashed)"));
    await page.viewer.getByRole("button", { name: "Try again" }).click();
    await page.see(page.notice("The image waits to be rendered again."));
    await page.see(page.viewer.getByText("Ready", { exact: true }));
    await page.page.keyboard.press("Escape");
    await page.thumbnails(1);
  },
);
