// One image of the grid. It has at most four elements, so that the grid stays small: the tile, the placeholder, the
// thumbnail or the sentence of a failure, and the mark by which it is selected.

import { h } from "./dom.js";
import { paint } from "./thumbhash.js";
import { words } from "./words.js";

export class Tile {
  #record;
  #isSelected = false;

  constructor(id) {
    this.element = h("div", { class: "tile", role: "option", "aria-selected": "false" });
    if (id) {
      this.element.id = `image-${id}`;
      this.element.dataset.id = id;
    }
  }

  place(x, y, index, count) {
    this.element.style.setProperty("transform", `translate(${x}px, ${y}px)`);
    this.element.setAttribute("aria-posinset", index + 1);
    this.element.setAttribute("aria-setsize", count);
  }

  /** Shows a record; the same one is not painted twice. `size` is the tile's side in pixels of the screen. */
  show(record, size) {
    if (record === this.#record && this.element.childElementCount > 0) return;
    const before = this.#record;
    this.#record = record;
    this.element.setAttribute("aria-label", label(record));
    this.element.dataset.state = record?.state ?? "loading";
    const url = record && (size > record.small?.height * 1.2 ? record.urls.medium : record.urls.small);
    // A signed URL changes now and then; the picture that is there stays.
    if (
      url &&
      before?.state === "ready" &&
      before.finished_at === record.finished_at &&
      this.element.querySelector("img")
    )
      return;
    this.element.replaceChildren(this.#mark());
    if (record?.placeholder) {
      const canvas = h("canvas", { class: "placeholder" });
      if (paint(canvas, record.placeholder)) this.element.prepend(canvas);
    }
    if (url) this.element.append(this.#thumbnail(url));
    if (record?.state === "failed") this.element.append(h("span", { class: "reason" }, reason(record)));
  }

  select(isSelected) {
    if (isSelected === this.#isSelected) return;
    this.#isSelected = isSelected;
    this.element.setAttribute("aria-selected", isSelected);
  }

  #mark() {
    return h("span", { class: "mark", title: words.tile.select });
  }

  #thumbnail(url) {
    const image = h("img", { src: url, alt: "", decoding: "async", draggable: "false" });
    image.addEventListener("load", () => {
      this.element.querySelector("canvas")?.remove();
      image.classList.add("loaded");
    });
    // Without its picture, the tile keeps its placeholder, and the next record has a new URL.
    image.addEventListener("error", () => image.remove());
    return image;
  }
}

/** Why an image failed, as a sentence. */
export const reason = (record) => record.error?.detail ?? record.error?.code ?? words.unknown;

function label(record) {
  if (!record) return words.tile.loading;
  const state = { ready: null, failed: words.tile.failed(reason(record)) }[record.state];
  const told = state === undefined ? words.tile[record.state] : state;
  return told ? `${record.file_name}, ${told}` : record.file_name;
}
