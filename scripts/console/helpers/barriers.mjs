// Looks for barriers: what keeps people with screen readers, or who need contrast, from using a page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { axe } from "./browser.mjs";

const source = readFileSync(axe, "utf8");

export async function noBarriers({ page }, where) {
  // What comes in by a transition has its colours only at the end.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => animation.effect.getTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => {})),
    ),
  );
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes.map(({ html, any, all }) => `${html.slice(0, 150)} ${[...any, ...all].map(({ message }) => message)}`).join(" | ")}`,
    );
  });
  assert.deepEqual(violations, [], where);
}
