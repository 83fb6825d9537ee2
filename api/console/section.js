// A part of a page that asks the service for what it shows, and says in its place if that is refused.

import { h } from "./dom.js";
import { words } from "./words.js";

export class Section {
  #body = h("div", {}, h("p", {}, words.loading));
  #complaint = h("p", { class: "complaint", role: "alert" });
  #load;

  /** `load` gives the elements to show. */
  constructor(title, hint, load) {
    this.#load = load;
    this.element = h(
      "section",
      { class: "card" },
      h("h2", {}, title),
      hint && h("p", { class: "hint" }, hint),
      this.#complaint,
      this.#body,
    );
    this.refresh();
  }

  async refresh() {
    await this.act(async () => this.#body.replaceChildren(...[await this.#load()].flat().filter((element) => element)));
  }

  /** Does something that the service may refuse, and says so. */
  async act(what) {
    this.#complaint.textContent = "";
    try {
      await what();
    } catch (refusal) {
      this.#complaint.textContent = refusal.message;
    }
  }
}
