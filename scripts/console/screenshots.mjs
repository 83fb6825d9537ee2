// Pictures of the console for the documentation.
//   node scripts/console/screenshots.mjs FOLDER

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { launch } from "./helpers/browser.mjs";
import { ConsolePage } from "./helpers/console.mjs";
import { SAMPLE, undecodable } from "./helpers/pictures.mjs";
import { Service } from "./helpers/service.mjs";
import { User } from "./helpers/user.mjs";

const PYTHON = new URL("../../.tools/python/bin/python", import.meta.url).pathname;
const MOST_BYTES = 120_000;
const COLOURS = 240;
const [, , folder] = process.argv;

/** Names of what the parts of the sample could show. */
const NAMES =
  "meadow evening stalk seedhead grass clocks shade light parachutes dew may gold border flight field hour haze june wind".split(
    " ",
  );

const browser = await launch();
const service = await Service.start();
try {
  const user = await User.register(service.url, "ada");
  await upload(user);
  await take("console-gallery.png", { viewport: { width: 900, height: 520 }, colorScheme: "light" });
  await take("console-viewer.png", { viewport: { width: 900, height: 520 }, colorScheme: "light" }, async (page) => {
    await page.tile("seedhead.jpg").click();
    await page.see(page.viewer.getByText("SHA-256"));
    await page.page.waitForFunction(
      () => document.querySelector(".stage img")?.naturalWidth > 0 && !document.querySelector(".stage canvas"),
    );
  });
  await take("console-phone.png", {
    viewport: { width: 390, height: 700 },
    colorScheme: "dark",
    hasTouch: true,
    isMobile: true,
  });

  /** Takes the picture of a page after `prepare`. */
  async function take(name, options, prepare = async () => {}) {
    const context = await browser.newContext({
      ...options,
      deviceScaleFactor: 1,
      baseURL: service.url,
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
    });
    const page = new ConsolePage(await context.newPage(), service.url);
    await page.open(user);
    await page.page.waitForFunction(() => {
      const seen = [...document.querySelectorAll(".tile[data-state=ready]")];
      return (
        seen.length > 10 &&
        seen.every((tile) => tile.querySelector("img.loaded") && tile.getAnimations({ subtree: true }).length === 0)
      );
    });
    await prepare(page);
    const path = join(folder, name);
    writeFileSync(path, fewerColours(await page.page.screenshot({ caret: "hide" })));
    await context.close();
    const { size } = statSync(path);
    console.log(`${path}: ${size} bytes`);
    assert.ok(size < MOST_BYTES, `${path} has more than ${MOST_BYTES} bytes.`);
  }
} finally {
  await browser.close();
  await service.remove();
}

/** Uploads parts of the sample in several lights, and a file that fails. */
async function upload(user) {
  const pictures = await inPage(
    async ({ base64, count }) => {
      const sample = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${base64}`)).blob());
      const made = [];
      for (let k = 0; k < count; k += 1) {
        const wide = k % 3 !== 1;
        const [width, height] = wide ? [960, 640] : [640, 860];
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext("2d");
        context.filter = `hue-rotate(${[0, -12, 18, 0, 40, 8, -25][k % 7]}deg) saturate(${[1.1, 0.6, 1.4, 1.2, 0][k % 5]}) brightness(${[1, 1.15, 0.85, 1.05][k % 4]})`;
        // Steps that have no common factor spread the parts over the whole picture.
        const part = 0.34 + ((k * 5) % 9) * 0.06;
        const w = Math.min(sample.width, sample.height * (width / height)) * part;
        const h = (w * height) / width;
        const x = (sample.width - w) * ((k * 0.37) % 1);
        const y = (sample.height - h) * ((k * 0.61 + 0.2) % 1);
        context.drawImage(sample, x, y, w, h, 0, 0, width, height);
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
        made.push(Array.from(new Uint8Array(await blob.arrayBuffer())));
      }
      return made;
    },
    { base64: readFileSync(SAMPLE).toString("base64"), count: NAMES.length },
  );
  const files = NAMES.map((name, k) => [`${name}.jpg`, Buffer.from(pictures[k])]);
  files.splice(7, 0, ["torn.png", undecodable()]);
  for (const [name, bytes] of files.reverse()) await user.settled(await user.upload(name, bytes));
}

/** A screenshot with a palette, in a fourth of the bytes. Pillow chooses the colours. */
function fewerColours(png) {
  const script = `
import io, sys
from PIL import Image
picture = Image.open(io.BytesIO(sys.stdin.buffer.read())).convert("RGB")
picture.quantize(${COLOURS}, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(sys.stdout.buffer, "PNG", optimize=True)`;
  return execFileSync(PYTHON, ["-c", script], { input: png, maxBuffer: 10_000_000 });
}

/** Runs a function in an empty page. */
async function inPage(what, argument) {
  const page = await browser.newPage();
  try {
    return await page.evaluate(what, argument);
  } finally {
    await page.close();
  }
}
