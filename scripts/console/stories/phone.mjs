// A telephone: a narrow window, and fingers.

import assert from "node:assert/strict";

import { isUpload } from "../helpers/console.mjs";
import { png, undecodable } from "../helpers/pictures.mjs";
import { PHONE, story } from "../helpers/story.mjs";

/** Whether all controls that are seen lie within the width of the window, and can be hit with a finger. */
async function allInReach(page) {
  const wrong = await page.page.evaluate(() => {
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
    // What scrolls sideways within its own frame can be reached as well.
    const scrolls = (element) => element.closest(".table, nav");
    return [...document.querySelectorAll("button, a, input, select, summary")]
      .filter((element) => isSeen(element) && !scrolls(element))
      .map((element) => [element.outerHTML.slice(0, 100), element.getBoundingClientRect()])
      .filter(([, box]) => box.left < -1 || box.right > innerWidth + 1 || (box.height < 24 && box.width < 24))
      .map(([html, box]) => `${html} ${JSON.stringify(box)}`);
  });
  assert.deepEqual(wrong, []);
  await page.noHorizontalScrolling();
}

story(
  "no page of a telephone scrolls sideways, and everything is within reach",
  { ...PHONE, failing: [403], as: "nobody" },
  async ({ page, register, files }) => {
    const user = await register();
    await allInReach(page);
    await page.page.getByLabel("Username").tap();
    await page.fillIn({ name: user.name });
    await page.see(page.text("Nothing here yet"));
    await allInReach(page);
    await page.see(page.button("Take a photo"));
    // Held back, so that the list of uploads stays.
    const uploads = await page.hold("image/", isUpload);
    await page.choose(
      files.write({
        [`${"a-long-name-without-any-space".repeat(3)}.png`]: png(1),
        "words.txt": Buffer.from("These are only words."),
      }),
      () => page.button("Upload").tap(),
    );
    await page.see(page.row("words.txt").getByText(/This is not an image/));
    await allInReach(page);
    await uploads.release();
    await page.thumbnails(1);
    await user.upload("broken.png", undecodable());
    await page.see(page.tile(/failed/));
    await page.button("Clear the list").tap();
    await page.gone(page.tray);
    await page
      .tile(/^broken/)
      .locator(".mark")
      .tap();
    await page.see(page.text("1 selected"));
    await allInReach(page);
    await page.button("Clear selection").tap();
    await page.tile(/^a-long/).tap();
    await page.see(page.viewer.getByText("SHA-256"));
    await allInReach(page);
    await page.button("Small").tap();
    await page.button("Next image").or(page.button("Previous image")).first().isVisible();
    await page.button("Close").first().tap();
    await page.gone(page.viewer);
    await page.page.getByRole("link", { name: "Account" }).tap();
    await page.see(page.page.getByText("Where you are logged in"));
    await page.see(page.page.getByText("Last used"));
    await allInReach(page);
    await page.go("#/operators");
    await page.see(page.page.getByText(/This page is for operators/));
    await allInReach(page);
  },
);

story("a finger that moves sideways turns the page of the viewer", PHONE, async ({ page, user }) => {
  await user.upload("0.png", png(0));
  await user.upload("1.png", png(1));
  await page.thumbnails(2);
  await page.tile("1.png").tap();
  await page.see(page.viewer.getByRole("heading", { name: "1.png", exact: true }));
  const devtools = await page.page.context().newCDPSession(page.page);
  const touch = (type, ...points) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  await touch("touchStart", [300, 250]);
  await touch("touchMove", [200, 252]);
  await touch("touchMove", [120, 254]);
  await touch("touchEnd");
  await page.see(page.viewer.getByRole("heading", { name: "0.png", exact: true }));
});
