// The page of a user who is logged in: its head, its pages by the fragment of the address, and what stands on all of them.

import { h } from "./dom.js";
import { Events } from "./events.js";
import { Gallery } from "./gallery.js";
import { listen } from "./intake.js";
import { loginForm } from "./login.js";
import { ask } from "./service.js";
import { session } from "./session.js";
import { Tray } from "./tray.js";
import { unfinished } from "./unfinished.js";
import { uploads } from "./uploads.js";
import { words } from "./words.js";

export class App {
  #username = session.username;
  #events = new Events();
  #gallery = new Gallery(this.#events);
  #main = h("main", { id: "main", tabindex: "-1" }, this.#gallery.element);
  #links = {
    images: h("a", { href: "#/" }, words.pages.images),
    account: h("a", { href: "#/account" }, words.pages.account),
    operators: h("a", { href: "#/operators", hidden: true }, words.pages.operators),
    docs: h("a", { href: "docs/" }, words.pages.docs),
  };
  #page = null;
  #isLeaving = false;

  constructor() {
    document.body.append(
      h(
        "header",
        { class: "top" },
        h("a", { class: "brand", href: "#/" }, words.product),
        h("nav", { "aria-label": words.pages.label }, Object.values(this.#links)),
        h("p", { class: "who", title: words.login.as(this.#username) }, this.#username),
        h("button", { type: "button", onclick: () => this.#logOut() }, words.pages.logOut),
      ),
      this.#main,
      new Tray().element,
    );
    listen();
    addEventListener("hashchange", () => this.#route());
    session.addEventListener("ended", () => this.#ended());
    this.#events.start();
    this.#route();
    ask("GET", "user/").then(
      ({ admin }) => (this.#links.operators.hidden = !admin),
      () => {},
    );
  }

  async #route() {
    const { hash } = location;
    const [, name = "", id] = hash.split("/");
    const isGallery = name === "" || name === "image";
    const page = isGallery ? null : await open(name);
    if (hash !== location.hash) {
      // Another page was asked for while this one was loaded.
      page?.close();
      return;
    }
    this.#page?.close();
    this.#page?.element.remove();
    this.#page = page;
    this.#gallery.element.hidden = !isGallery;
    const current = isGallery ? "images" : name;
    for (const [key, link] of Object.entries(this.#links)) {
      if (key === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (page) {
      this.#main.append(page.element);
      scrollTo(0, 0);
      this.#main.focus({ preventScroll: true });
    } else this.#gallery.shown();
    await this.#gallery.view(name === "image" ? Number(id) : null);
  }

  /** The token does not work any more. What waits is kept for the same user. */
  #ended() {
    if (this.#isLeaving) return;
    const dialog = h("dialog", {
      class: "again",
      oncancel: (event) => event.preventDefault(),
      // A browser lets nobody be kept in a dialog by force, so it comes back.
      onclose: () => !session.token && dialog.isConnected && dialog.showModal(),
    });
    const goOn = () => {
      dialog.remove();
      this.#route();
    };
    const leave = h("button", { type: "button", class: "link", onclick: () => location.reload() }, words.pages.logOut);
    dialog.append(loginForm({ username: this.#username, message: words.login.again, onDone: goOn }), leave);
    document.body.append(dialog);
    dialog.showModal();
  }

  async #logOut() {
    if (uploads.unfinished > 0 && !(await sure(words.login.unfinished(uploads.unfinished)))) return;
    this.#isLeaving = true;
    uploads.cancelAll();
    unfinished.forget();
    await this.#gallery.leave();
    await ask("POST", "user/logout/").catch(() => {});
    session.end(true);
    location.replace("#/");
    location.reload();
  }
}

/** The pages that are loaded when they are first opened. */
async function open(name) {
  switch (name) {
    case "account":
      return new (await import("./account.js")).Account();
    case "operators":
      return new (await import("./operators.js")).Operators();
    default:
      location.replace("#/");
      return null;
  }
}

/** Asks a question, and resolves with whether the answer is yes. */
function sure(question) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      {
        class: "sure",
        "aria-label": question,
        onclose: () => (resolve(dialog.returnValue === "yes"), dialog.remove()),
      },
      h(
        "form",
        { method: "dialog" },
        h("p", {}, question),
        h(
          "div",
          { class: "buttons" },
          h("button", { value: "yes", class: "danger" }, words.pages.logOut),
          h("button", { value: "no" }, words.cancel),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
