// Uploads go on by themselves after whatever broke them, and store nothing twice.

import assert from "node:assert/strict";

import { isUpload } from "../helpers/console.mjs";
import { sql } from "../helpers/database.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

/** Lets a file take about a tenth of a second, so that the middle of a batch is a middle. */
async function slow(page) {
  const devtools = await page.page.context().newCDPSession(page.page);
  await devtools.send("Network.enable");
  const set = (uploadThroughput, offline = false) =>
    devtools.send("Network.emulateNetworkConditions", {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await set(200_000);
  return { end: () => set(-1), break: () => set(-1, true) };
}

/** Breaks the connection of the first upload when its answer comes, so that the service has stored it. */
async function loseAnswer(page) {
  const devtools = await page.page.context().newCDPSession(page.page);
  const lost = [];
  devtools.on("Fetch.requestPaused", async ({ requestId, request, responseStatusCode }) => {
    const isFirst = request.method === "POST" && lost.length === 0;
    if (isFirst) lost.push(responseStatusCode);
    await devtools.send(isFirst ? "Fetch.failRequest" : "Fetch.continueRequest", {
      requestId,
      ...(isFirst && { errorReason: "ConnectionReset" }),
    });
  });
  await devtools.send("Fetch.enable", { patterns: [{ urlPattern: "*/image/", requestStage: "Response" }] });
  return lost;
}

const BIG = { filler: 20_000 };

/** Waits until so many of the batch have arrived. */
const arrived = (user, least) => until(`${least} have arrived`, async () => (await user.count()) >= least);

/** All files of a batch are there, each once. */
async function isWhole(user, count) {
  assert.deepEqual(
    await user.names(),
    Array.from({ length: count }, (_, k) => `${String(k).padStart(4, "0")}.png`),
  );
}

/** All files arrive after an interruption, each once, and the page goes on to tell what happens. */
async function becomesWhole(page, user, count) {
  await page.see(page.notice(`${count} images uploaded.`));
  await page.see(page.text("Live", { exact: true }));
  await page.counts(count);
  await isWhole(user, count);
}

story(
  "a reload in the middle names what did not arrive, and choosing the files again stores nothing twice",
  {},
  async ({ page, user, files }) => {
    const paths = files.writeMany(40, BIG);
    const network = await slow(page);
    await page.choose(paths);
    await arrived(user, 8);
    page.page.on("dialog", (dialog) => dialog.accept());
    await page.page.reload();
    await page.see(page.text(/files did not arrive before the page was left/));
    const missing = Number.parseInt(await page.text(/files did not arrive/).textContent(), 10);
    assert.ok(missing > 4 && missing <= 32, `${missing} are named.`);
    await page.see(page.tray.locator(".earlier li"));
    await network.end();
    await page.choose(paths, () => page.button("Choose files").click());
    await page.see(page.notice("40 images uploaded."));
    await page.gone(page.text(/did not arrive/));
    await isWhole(user, 40);
  },
);

story(
  "without a network it says so, and goes on by itself when it is back",
  { failing: ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"] },
  async ({ page, user, files }) => {
    const network = await slow(page);
    await page.choose(files.writeMany(40, BIG));
    await arrived(user, 8);
    await network.break();
    await page.see(page.tray.getByText(/^No connection\. It goes on by itself/));
    await page.see(page.text("Connecting again …"));
    assert.ok((await user.count()) < 40);
    await network.end();
    await becomesWhole(page, user, 40);
  },
);

story(
  "a service that is killed and started again in the middle gets everything, each file once",
  {
    settings: {},
    failing: [
      "ERR_CONNECTION_REFUSED",
      "ERR_CONNECTION_RESET",
      "ERR_EMPTY_RESPONSE",
      "ERR_INCOMPLETE_CHUNKED_ENCODING",
      "ERR_SOCKET_NOT_CONNECTED",
      409,
      503,
    ],
  },
  async ({ page, user, service, files }) => {
    const network = await slow(page);
    await page.choose(files.writeMany(40, BIG));
    await arrived(user, 8);
    await service.kill();
    await page.see(page.tray.getByText(/^No connection/));
    // The minute after which the keys of a process that died are free.
    sql(service, "UPDATE idempotency_keys SET lease_until = '2000-01-01 00:00:00' WHERE lease_until IS NOT NULL");
    await service.start();
    await network.end();
    await becomesWhole(page, user, 40);
  },
);

story(
  "an image whose answer was lost is sent again and stored once",
  { failing: ["ERR_FAILED", "ERR_CONNECTION_RESET"] },
  async ({ page, user, files }) => {
    const keys = [];
    page.page.on("request", (request) => isUpload(request) && keys.push(request.headers()["idempotency-key"]));
    const lost = await loseAnswer(page);
    await page.choose(files.writeMany(1));
    await page.see(page.tray.getByText("The connection broke. Trying again; the image is stored once."));
    await page.see(page.notice("1 image uploaded."));
    await page.thumbnails(1);
    assert.deepEqual(lost, [201]);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal(await user.count(), 1);
  },
);

for (const [status, name] of [
  [429, "too many uploads at a time"],
  [503, "a disk that is full for the moment"],
])
  story(
    `${name} (${status}) is waited for as long as the service asks, and then it goes on by itself`,
    { failing: [status] },
    async ({ page, user, files }) => {
      let refused = null;
      await page.route("image/", (route, request) => {
        if (!isUpload(request) || refused) return route.continue();
        refused = Date.now();
        return route.fulfill({ status, headers: { "Retry-After": "2" }, json: { detail: "Not now." } });
      });
      let next = null;
      page.page.on("request", (request) => isUpload(request) && refused && (next ??= Date.now()));
      await page.choose(files.writeMany(1));
      await page.see(page.tray.getByText("The service asks to wait. It goes on by itself in 2 seconds."));
      await page.see(page.notice("1 image uploaded."));
      assert.ok(next - refused >= 1900, `It waited for ${next - refused} ms.`);
      assert.equal(await user.count(), 1);
    },
  );

story(
  "a real limit of uploads at a time is kept to",
  { settings: { RESIZINATOR_MAX_UPLOADS_PER_USER: "2" }, failing: [429] },
  async ({ page, user, files }) => {
    await page.choose(files.writeMany(20));
    await page.see(page.notice("20 images uploaded."));
    await isWhole(user, 20);
  },
);

story(
  "over the quota it says so, and what was refused is uploaded after there is room",
  { settings: {}, failing: [422] },
  async ({ page, user, service, files }) => {
    await service.command("user", "quota", user.name, "--images", "2");
    await page.choose(files.writeMany(3));
    await page.see(page.notice("2 images uploaded, 1 not."));
    await page.see(page.tray.getByText(/limit .*max_images_per_user is 2/));
    await service.command("user", "quota", user.name, "--images", "10");
    await page.tray.getByRole("button", { name: /^Upload .* again$/ }).click();
    await page.gone(page.tray);
    await isWhole(user, 3);
  },
);

story(
  "a token that is revoked elsewhere asks to log in again, and the uploads go on",
  { failing: [401] },
  async ({ page, user, files }) => {
    const network = await slow(page);
    // The page's token is another one than that of the story.
    const { token } = user;
    await user.logIn();
    await page.choose(files.writeMany(30, BIG));
    await arrived(user, 5);
    await user.revokeOthers();
    assert.notEqual(user.token, token);
    await page.see(
      page.page.getByRole("dialog").getByText("You are logged out. Log in again to go on; what waits here is kept."),
    );
    assert.ok((await user.count()) < 30);
    assert.equal(await page.page.getByLabel("Username").inputValue(), user.name);
    await network.end();
    await page.fillIn({});
    await page.gone(page.page.getByRole("dialog"));
    await page.see(page.notice("30 images uploaded."));
    await page.counts(30);
    await isWhole(user, 30);
  },
);

story("whoever logs out while uploads run is asked first", {}, async ({ page, user, files }) => {
  const network = await slow(page);
  await page.choose(files.writeMany(30, BIG));
  await arrived(user, 3);
  await page.button("Log out").click();
  const dialog = page.page.getByRole("dialog");
  await page.see(dialog.getByText(/uploads have not arrived yet and will be lost/));
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await network.end();
  await page.see(page.notice("30 images uploaded."));
  await isWhole(user, 30);
});
