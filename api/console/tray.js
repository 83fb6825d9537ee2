// The list of uploads at the edge of the page, with a bar for each that runs and one for all of them.

import { h, iconButton } from "./dom.js";
import { bytes } from "./format.js";
import { pick } from "./intake.js";
import { notices } from "./notices.js";
import { unfinished } from "./unfinished.js";
import { uploads } from "./uploads.js";
import { words } from "./words.js";

/** The most rows: the others are only counted. */
const ROWS = 60;
const ORDER = ["sending", "storing", "checking", "refused", "waiting", "cancelled", "stored"];

export class Tray {
  #rows = new Map();
  #frame = 0;
  #isOpen = true;
  /** Whether it was said that the batch is finished. */
  #told = false;
  #list = h("ul", { class: "rows" });
  #more = h("p", { class: "hint" });
  #title = h("h2", { id: "uploads" }, words.uploads.title);
  #summary = h("p", { class: "summary" });
  #pause = h("p", { class: "pause", role: "status" });
  #bar = h("progress", { "aria-label": words.uploads.batch, max: "1", value: "0" });
  #earlier = h("div", { class: "earlier" });
  #buttons = {
    toggle: iconButton("down", words.uploads.collapse, () => this.#toggle(), { "aria-expanded": "true" }),
    cancel: h("button", { type: "button", onclick: () => uploads.cancelAll() }, words.uploads.cancelAll),
    retry: h("button", { type: "button", onclick: () => uploads.retryAll() }, words.uploads.retryAll),
    clear: h("button", { type: "button", onclick: () => uploads.clear() }, words.uploads.clear),
  };

  constructor() {
    const { toggle, cancel, retry, clear } = this.#buttons;
    this.element = h(
      "aside",
      { class: "tray", "aria-labelledby": "uploads", hidden: true },
      h("div", { class: "tray-head" }, this.#title, this.#summary, toggle),
      this.#bar,
      this.#pause,
      h(
        "div",
        { class: "tray-body" },
        this.#earlier,
        this.#list,
        this.#more,
        h("div", { class: "buttons" }, cancel, retry, clear),
      ),
    );
    uploads.addEventListener("change", () => this.paint());
    uploads.addEventListener("finished", () => this.#finished());
    this.paint();
  }

  paint() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint() {
    const list = uploads.list;
    this.element.hidden = list.length === 0 && unfinished.earlier.length === 0;
    const counted = list.filter(({ state }) => state !== "cancelled");
    const over = counted.filter(({ isOver }) => isOver);
    const all = counted.reduce((sum, { file }) => sum + file.size, 0);
    const sent = counted.reduce((sum, { file, sent, isOver }) => sum + (isOver ? file.size : sent), 0);
    this.#bar.value = all > 0 ? sent / all : 0;
    this.#bar.hidden = uploads.unfinished === 0;
    this.#summary.textContent =
      list.length > 0
        ? words.uploads.progress(counted.filter(({ state }) => state === "stored").length, counted.length)
        : "";
    this.#pause.textContent = uploads.unfinished > 0 ? uploads.pause : null;
    this.#buttons.cancel.hidden = uploads.unfinished === 0;
    this.#buttons.retry.hidden = !list.some(({ state, canRetry }) => state === "refused" && canRetry);
    this.#buttons.clear.hidden = !list.some(({ isOver }) => isOver);
    if (over.length < counted.length || list.length === 0) this.#told = false;
    this.#paintEarlier();
    this.#paintRows(list);
  }

  #paintRows(list) {
    const sorted = ORDER.flatMap((state) => list.filter((upload) => upload.state === state));
    const shown = sorted.slice(0, ROWS);
    const rows = new Map(shown.map((upload) => [upload, this.#rows.get(upload) ?? new Row(upload)]));
    for (const [upload, row] of this.#rows) if (!rows.has(upload)) row.element.remove();
    this.#rows = rows;
    [...rows.values()].forEach((row, index) => {
      if (this.#list.children[index] !== row.element)
        this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
      row.paint();
    });
    this.#more.hidden = sorted.length <= ROWS;
    this.#more.textContent = words.uploads.more(sorted.length - ROWS);
  }

  #paintEarlier() {
    const { earlier } = unfinished;
    if (Number(this.#earlier.dataset.files ?? 0) === earlier.length) return;
    this.#earlier.dataset.files = earlier.length;
    this.#earlier.replaceChildren();
    if (earlier.length === 0) return;
    this.#earlier.append(
      h(
        "div",
        {},
        h("h3", {}, words.uploads.interruptedTitle(earlier.length)),
        h(
          "ul",
          {},
          earlier.slice(0, 5).map(({ name }) => h("li", {}, name)),
        ),
        earlier.length > 5 && h("p", { class: "hint" }, words.uploads.more(earlier.length - 5)),
        h("p", {}, words.uploads.interruptedHint),
        h(
          "div",
          { class: "buttons" },
          h("button", { type: "button", class: "primary", onclick: () => pick() }, words.uploads.choose),
          h("button", { type: "button", onclick: () => (unfinished.forget(), this.paint()) }, words.uploads.forget),
        ),
      ),
    );
  }

  #finished() {
    if (this.#told) return;
    this.#told = true;
    const stored = uploads.list.filter(({ state }) => state === "stored").length;
    const refused = uploads.list.filter(({ state }) => state === "refused").length;
    if (refused > 0) return notices.say(words.uploads.finishedWith(stored, refused));
    if (stored > 0) notices.say(words.uploads.finished(stored));
    // There is nothing left to read in it.
    uploads.clear();
  }

  #toggle() {
    this.#isOpen = !this.#isOpen;
    this.element.classList.toggle("collapsed", !this.#isOpen);
    const label = this.#isOpen ? words.uploads.collapse : words.uploads.expand;
    this.#buttons.toggle.setAttribute("aria-expanded", this.#isOpen);
    this.#buttons.toggle.setAttribute("aria-label", label);
    this.#buttons.toggle.title = label;
  }
}

/** One upload. */
class Row {
  #upload;
  #state = null;
  #bar;
  #text = h("p", { class: "row-state" });
  #button = h("span");

  constructor(upload) {
    this.#upload = upload;
    this.#bar = h("progress", { "aria-label": words.uploads.of(upload.name), max: upload.file.size || 1, value: "0" });
    this.element = h(
      "li",
      { class: "row" },
      h("p", { class: "row-name" }, upload.name),
      this.#button,
      this.#bar,
      this.#text,
    );
  }

  paint() {
    const { state, sent, reason, canRetry, file, name } = this.#upload;
    this.#bar.value = sent;
    const text = reason ?? `${words.uploads.states[state]} · ${bytes(file.size)}`;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    if (state === this.#state) return;
    this.#state = state;
    this.element.dataset.state = state;
    this.#bar.hidden = state !== "sending" && state !== "storing";
    const cancel = iconButton("close", words.uploads.cancelOne(name), () => uploads.cancel(this.#upload));
    const retry = iconButton("retry", words.uploads.retryOne(name), () => uploads.retry(this.#upload));
    const hasRetry = (state === "refused" && canRetry) || state === "cancelled";
    const next = this.#upload.isOver ? (hasRetry ? retry : h("span")) : cancel;
    this.#button.replaceWith(next);
    this.#button = next;
  }
}
