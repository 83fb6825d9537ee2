// The console as a person uses it: what can be seen on it, and what can be done.

import assert from "node:assert/strict";

import { png } from "./pictures.mjs";
import { PASSWORD } from "./user.mjs";
import { PATIENCE, until } from "./until.mjs";

export class ConsolePage {
  /** `page` is Playwright's. */
  constructor(page, url) {
    this.page = page;
    this.url = url;
    page.setDefaultTimeout(PATIENCE);
  }

  /** Opens the page, with the token of a user in its storage if there is one. */
  async open(user, path = "/") {
    if (user)
      await this.page.addInitScript(
        ({ name, token }) => {
          // Only once, since later on the page says who is logged in, and nowhere but there.
          if (!location.host || sessionStorage.getItem("story")) return;
          sessionStorage.setItem("story", "begun");
          sessionStorage.setItem("resizinator.session", JSON.stringify({ username: name, token }));
        },
        { name: user.name, token: user.token },
      );
    await this.page.goto(path);
    if (user) await this.see(this.page.getByText("Live", { exact: true }));
  }

  // What can be seen.

  see(locator) {
    return locator.first().waitFor({ state: "visible" });
  }

  gone(locator) {
    return locator.first().waitFor({ state: "hidden" });
  }

  text(text, options) {
    return this.page.getByText(text, options);
  }

  button(name, options) {
    return this.page.getByRole("button", { name, exact: true, ...options });
  }

  notice(text) {
    return this.page.locator(".notice", { hasText: text });
  }

  get grid() {
    return this.page.locator(".grid");
  }

  get tiles() {
    return this.page.locator(".tile");
  }

  tile(name) {
    return this.page.getByRole("option", { name, exact: typeof name === "string" });
  }

  get tray() {
    return this.page.locator(".tray");
  }

  row(name) {
    return this.page.locator(".row", { hasText: name });
  }

  get viewer() {
    return this.page.getByRole("dialog");
  }

  /** Waits until the title says that there are so many images. */
  async counts(number) {
    const text = `${number.toLocaleString("en-GB")} ${number === 1 ? "image" : "images"}`;
    await until(`the page says ${text}`, async () => (await this.page.locator(".count").textContent()) === text);
  }

  /** Waits until so many thumbnails are painted. */
  async thumbnails(number) {
    await until(
      `there are ${number} thumbnails`,
      async () => (await this.page.locator(".tile > img.loaded").count()) === number,
    );
  }

  /** The names in the grid from left to right and from top to bottom. */
  names() {
    return this.page.evaluate(() => {
      const place = (tile) => Number(tile.getAttribute("aria-posinset"));
      return [...document.querySelectorAll(".tile")]
        .sort((one, other) => place(one) - place(other))
        .map((tile) => tile.getAttribute("aria-label"));
    });
  }

  async selects(names) {
    await until(`${names} are selected`, async () => {
      const selected = await this.page
        .locator(".tile[aria-selected=true]")
        .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("aria-label")).sort());
      return JSON.stringify(selected) === JSON.stringify([...names].sort());
    });
  }

  // What can be done.

  /** Uploads files through the api, one after the other so that their order is known, and waits for their thumbnails. */
  async fill(user, count) {
    for (let k = 0; k < count; k += 1) await user.upload(`${k}.png`, png(k));
    await this.thumbnails(count);
  }

  /** Fills in the form and sends it. */
  async fillIn({ name, password = PASSWORD, stay = false }) {
    if (name !== undefined) await this.page.getByLabel("Username").fill(name);
    await this.page.getByLabel("Password").fill(password);
    if (stay) await this.page.getByLabel("Stay logged in").check();
    await this.page.locator(".login-form .primary").click();
  }

  /** Chooses files with a picker, which `open` opens. */
  async choose(paths, open = () => this.button("Upload").click()) {
    const chosen = this.page.waitForEvent("filechooser");
    await open();
    await (await chosen).setFiles(paths);
  }

  async filter(label, value) {
    const field = this.page.getByLabel(label, { exact: true });
    await (label === "State" ? field.selectOption({ label: value }) : field.fill(value));
  }

  async go(fragment) {
    await this.page.evaluate((to) => (location.hash = to), fragment);
  }

  /** Keeps the answer to the uploads or other requests from the page, which `handler` deals with. */
  route(path, handler) {
    return this.page.route(`${this.url}/${path}`, handler);
  }

  /** Holds requests back until they are released, in which case later ones pass too. */
  async hold(path, isHeld = () => true) {
    const held = [];
    let isReleased = false;
    await this.route(path, (route, request) => {
      if (isReleased || !isHeld(request)) return route.continue();
      held.push(route);
    });
    return {
      held,
      release: () => {
        isReleased = true;
        // What was cancelled meanwhile cannot go on.
        return Promise.all(held.map((route) => route.continue().catch(() => {})));
      },
    };
  }

  async noHorizontalScrolling() {
    const [inner, content] = await this.page.evaluate(() => [
      document.documentElement.clientWidth,
      document.documentElement.scrollWidth,
    ]);
    assert.ok(content <= inner, `The page is ${content} pixels wide in a window of ${inner}.`);
  }
}

/** Whether a route is the upload of a file. */
export const isUpload = (request) => request.method() === "POST" && new URL(request.url()).pathname === "/image/";
