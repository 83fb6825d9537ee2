// One story: a user, a page of a browser, files, and an api that all stories of the file share, unless it needs one with
// settings of its own. Whatever a story tells, nothing may break the policy of the page or end in an error there.

import { after, test } from "node:test";

import { launch } from "./browser.mjs";
import { ConsolePage } from "./console.mjs";
import { serveFromDisk } from "./from-disk.mjs";
import { Folder } from "./pictures.mjs";
import { Service } from "./service.mjs";
import { User } from "./user.mjs";
import { Watch } from "./watch.mjs";

/** The window of a story, if it does not need another one. */
const WIDE = { width: 1200, height: 800 };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

let browser, shared;

after(async () => {
  await (await browser)?.close();
  await (await shared)?.remove();
});

/**
 * Tells a story. Of the options, `settings` are those of a service of its own, `failing` says which failing requests
 * belong to the story (statuses, or names of errors of the network), `as` is who looks at the page: a new user who
 * is logged in, or "nobody"; everything else is for the browser's context.
 */
export function story(name, options, tell) {
  const { settings, failing = [], as = "user", ...context } = options;
  test(name, { timeout: 150_000 }, async () => {
    browser ??= launch();
    if (!settings) shared ??= Service.start();
    const service = await (settings ? Service.start(settings) : shared);
    const files = new Folder();
    const opened = [];
    const watch = new Watch(failing);
    /** A window with storage of its own, in which `user` is logged in. */
    const visit = async (user, more = {}) => {
      const window = await (
        await browser
      ).newContext({
        viewport: WIDE,
        baseURL: service.url,
        locale: "en-GB",
        timezoneId: "Europe/Berlin",
        ...context,
        ...more,
      });
      opened.push(window);
      await serveFromDisk(window);
      const page = new ConsolePage(await window.newPage(), service.url);
      await watch.follow(window, page.page);
      await page.open(user);
      return page;
    };
    const whole = async () => {
      const user = as === "nobody" ? null : await User.register(service.url);
      const page = await visit(user);
      await tell({ page, user, service, files, visit, register: (username) => User.register(service.url, username) });
      watch.check();
    };
    try {
      await Promise.race([whole(), watch.broken]);
    } catch (error) {
      throw watch.explain(error);
    } finally {
      await Promise.all(opened.map((window) => window.close()));
      files.remove();
      if (settings) await service.remove();
    }
  });
}
