// What the console costs: a first visit with a round trip of 150 ms and a fourth of the CPU, and a gallery of 100,000 images
// that is scrolled from its beginning to its end. Its rows and files are copies of one image.
//
//   scripts/console.sh bench [IMAGES]

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { launch } from "./helpers/browser.mjs";
import { Service } from "./helpers/service.mjs";
import { User } from "./helpers/user.mjs";

const IMAGES = Number(process.argv[2] ?? 100_000);
const SAMPLE = new URL("../../samples/seeding_16mp_cc0.jpg", import.meta.url);
const ROUND_TRIP = 150;
const SLOWER = 4;
/** The files that the console shows. */
const VARIANTS = ["1/small.jpg", "1/medium.jpg"];

const service = await Service.start();
const browser = await launch();
try {
  const user = await User.register(service.url);
  await fill(user);
  const session = { token: user.token, username: user.name };
  await firstVisit(null);
  await firstVisit(session);
  await scroll(session);
} finally {
  await browser.close();
  await service.remove();
}

/** Uploads one image, and makes as many copies of its row and its files as there are to be images. */
async function fill(user) {
  const form = new FormData();
  form.append("original", new Blob([fs.readFileSync(SAMPLE)]), "photo.jpg");
  const { id } = await user.ask("POST", "image/", form);
  const { small } = await user.ask("GET", `image/${id}/?wait=30`);
  if (!small) throw new Error("the sample is not rendered");
  const [shard, object] = new URL(small).pathname.split("/").slice(2, 4);
  const { objects, database } = service;
  const ids = Array.from({ length: IMAGES - 1 }, () => randomBytes(16).toString("hex"));
  let source = path.join(objects, shard, object);
  ids.forEach((copy, index) => {
    const made = path.join(objects, copy.slice(0, 2), copy);
    fs.mkdirSync(path.join(made, "1"), { recursive: true });
    // A file has 65,000 links at most.
    const link = index % 50_000 === 0 ? fs.copyFileSync : fs.linkSync;
    for (const file of VARIANTS) link(path.join(source, file), path.join(made, file));
    if (link === fs.copyFileSync) source = made;
  });
  const sql = (text) => {
    const { status, stdout, stderr } = spawnSync("sqlite3", ["-batch", database], {
      input: `.timeout 20000\n${text}`,
      encoding: "utf8",
    });
    if (status !== 0 || stderr) throw new Error(stderr);
    return stdout.trim();
  };
  const columns = sql(
    "SELECT group_concat(name) FROM pragma_table_info('images') WHERE name NOT IN ('id', 'object_id');",
  );
  const values = ids.map((copy) => `('${copy}')`);
  sql(`BEGIN IMMEDIATE; CREATE TEMP TABLE copies (object_id TEXT);
    ${Array.from({ length: Math.ceil(values.length / 500) }, (_, k) => `INSERT INTO copies VALUES ${values.slice(k * 500, k * 500 + 500)};`).join("\n")}
    INSERT INTO images (object_id, ${columns}) SELECT copies.object_id, ${columns.split(",").map((name) => `images.${name}`)} FROM copies, images WHERE images.id = ${id};
    DELETE FROM user_totals; INSERT INTO user_totals (user_id, images, bytes) SELECT user_id, count(*), sum(bytes) FROM images GROUP BY user_id;
    COMMIT;`);
}

/** The bytes and the time of a visit with an empty cache, until one can log in or sees the images. */
async function firstVisit(session) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  if (session)
    await page.addInitScript(
      (session) => sessionStorage.setItem("resizinator.session", JSON.stringify(session)),
      session,
    );
  const protocol = await context.newCDPSession(page);
  await protocol.send("Network.enable");
  await protocol.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: ROUND_TRIP,
    downloadThroughput: 1.25e6,
    uploadThroughput: 1.25e6,
  });
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const sizes = new Map();
  const addresses = new Map();
  protocol.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, request.url));
  protocol.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  const begun = performance.now();
  await page.goto(service.url, { waitUntil: "commit" });
  await page
    .locator(session ? ".tile[data-state=ready]" : "form button.primary")
    .first()
    .waitFor();
  const took = performance.now() - begun;
  if (session) await page.locator(".tile img.loaded").first().waitFor();
  const seen = session ? `, ${((performance.now() - begun) / 1000).toFixed(2)} s until a thumbnail is loaded` : "";
  const own = [...sizes].filter(([id]) => !/\/(objects|events|image|user)\//.test(addresses.get(id)));
  const bytes = own.reduce((sum, [, size]) => sum + size, 0);
  const until = session ? "the images are listed" : "one can log in";
  console.log(
    `First visit, ${ROUND_TRIP} ms round trip, CPU ÷ ${SLOWER}: ${(took / 1000).toFixed(2)} s until ${until}${seen}; ${own.length} files, ${(bytes / 1000).toFixed(1)} KB over the wire`,
  );
  await context.close();
}

/** Scrolls from the newest image to the oldest one, a window each frame. */
async function scroll(session) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(
    (session) => sessionStorage.setItem("resizinator.session", JSON.stringify(session)),
    session,
  );
  await page.goto(service.url);
  await page.locator(".tile img.loaded").first().waitFor();
  const protocol = await context.newCDPSession(page);
  const heap = async () => {
    await protocol.send("HeapProfiler.collectGarbage");
    return (await protocol.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  const before = await heap();
  const told = await page.evaluate(async () => {
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ["longtask"],
    });
    const frame = () => new Promise(requestAnimationFrame);
    const grid = document.querySelector(".grid");
    const isAtEnd = () => scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    let [nodes, frames, slow] = [0, 0, 0];
    const begun = performance.now();
    let last = begun;
    for (let ends = 0; ends < 3;) {
      scrollBy(0, innerHeight);
      await frame();
      const now = performance.now();
      if (now - last > 34) slow += 1;
      last = now;
      frames += 1;
      nodes = Math.max(nodes, grid.querySelectorAll("*").length);
      ends = isAtEnd() ? ends + 1 : 0;
    }
    return { nodes, frames, slow, seconds: (performance.now() - begun) / 1000, tasks };
  });
  const oldest = page.locator(`.tile[aria-posinset="${IMAGES}"] img.loaded`);
  const begun = performance.now();
  await oldest.waitFor({ timeout: 60_000 });
  const settled = performance.now() - begun;
  const after = await heap();
  const tasks = told.tasks.sort((one, other) => other - one);
  console.log(
    `${IMAGES} images scrolled to the end in ${told.seconds.toFixed(1)} s: ${told.frames} frames, ${told.slow} over 34 ms; ` +
      `at most ${told.nodes} elements in the grid; JS heap ${before.toFixed(1)} → ${after.toFixed(1)} MB; ` +
      `${tasks.length} long tasks, the longest ${(tasks[0] ?? 0).toFixed(0)} ms; the last thumbnail ${settled.toFixed(0)} ms later`,
  );
  await context.close();
}
