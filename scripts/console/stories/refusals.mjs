// What cannot be uploaded or rendered says why, where it happened.

import { png, truncated, undecodable } from "../helpers/pictures.mjs";
import { story } from "../helpers/story.mjs";
import { until } from "../helpers/until.mjs";

/** Waits until the row of a file in the list of uploads says something. */
const says = (page, name, words) => page.see(page.row(name).getByText(words));

story(
  "what is no image, empty, HEIC, SVG or too large is refused in its row before anything is sent",
  { settings: { RESIZINATOR_MAX_BYTES: "20000" } },
  async ({ page, user, files }) => {
    const sent = [];
    page.page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0mif1heic"), Buffer.alloc(64)]);
    const paths = files.write({
      "notes.txt": Buffer.from("These are only words, and no picture at all."),
      "nothing.png": Buffer.alloc(0),
      "phone.heic": heic,
      "drawing.svg": Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'></svg>"),
      "huge.png": png(1, { filler: 30_000 }),
    });
    await page.choose(paths);
    await says(page, "notes.txt", /This is not an image that can be uploaded\. Expected is one of: JPEG, PNG/);
    await says(page, "nothing.png", "The file is empty.");
    await says(page, "phone.heic", /HEIC images cannot be uploaded/);
    await says(page, "drawing.svg", /SVG images cannot be uploaded/);
    await says(page, "huge.png", /The file has 30\.\d kB, and the limit is 20 kB\./);
    if (sent.length > 0) throw new Error(`It was sent: ${sent}`);
    await until("nothing is stored", async () => (await user.count()) === 0);
  },
);

story(
  "a file that ends too early is refused by the service, and the others arrive",
  { failing: [422] },
  async ({ page, files }) => {
    await page.choose(files.write({ "good.png": png(1), "half.png": truncated() }));
    await says(page, "half.png", /not an image or a corrupted image/);
    await page.see(page.notice("1 image uploaded, 1 not."));
    await page.thumbnails(1);
  },
);

story(
  "a file that was accepted and cannot be decoded says why in its tile and in the viewer",
  {},
  async ({ page, user, files }) => {
    await page.choose(files.write({ "broken.png": undecodable() }));
    const reason = page.tiles.locator(".reason");
    await page.see(reason);
    const sentence = await reason.textContent();
    const { id } = (await user.ask("GET", "image/")).results[0];
    const { error } = await user.settled(id);
    if (sentence !== error.detail) throw new Error(`The tile says “${sentence}” instead of “${error.detail}”.`);
    await page.see(page.tile(`broken.png, failed: ${sentence}`));
    await page.tiles.click();
    await page.see(page.viewer.locator(".note", { hasText: sentence }));
    await page.see(page.viewer.getByText(`${sentence} (${error.code})`));
  },
);
