// The grid of a list. Only the tiles that are seen are elements of the page, however long the list is, and the window
// scrolls over an empty element of its height.

import { h } from "./dom.js";
import { Tile } from "./tile.js";
import { words } from "./words.js";

const GAP = 6;
/** The side of a tile in CSS pixels, at least; a tile of a telephone is smaller. */
const WIDE = 168;
const NARROW = 104;
/** Rows above and below those that are seen. */
const SPARE = 1;
/** The most tiles. With three or four elements each, the grid stays below 300. */
const MOST = 74;

/** Fires `open`, `toggle`, `extend` and `delete` with the id as `detail`. */
export class Grid extends EventTarget {
  #album;
  #selection;
  #tiles = new Map();
  #active = 0;
  #columns = 1;
  #size = WIDE;
  #frame = 0;
  #observer;
  #closed = new AbortController();

  constructor(album, selection) {
    super();
    this.#album = album;
    this.#selection = selection;
    this.element = h("div", {
      class: "grid",
      role: "listbox",
      tabindex: "0",
      "aria-multiselectable": "true",
      "aria-label": words.gallery.list,
      "aria-description": words.gallery.keys,
      onclick: (event) => this.#click(event),
      onkeydown: (event) => this.#key(event),
      onfocus: () => this.#focused(),
    });
    const { signal } = this.#closed;
    const paint = () => this.paint();
    addEventListener("scroll", paint, { passive: true, signal });
    addEventListener("resize", paint, { signal });
    this.#observer = new ResizeObserver(paint);
    this.#observer.observe(this.element);
    album.addEventListener("change", paint, { signal });
    selection.addEventListener("change", paint, { signal });
  }

  close() {
    this.#closed.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** Paints at the next frame. */
  paint() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.element.isConnected && this.element.offsetParent) this.#paint();
    });
  }

  /** Scrolls so that an image is seen. */
  reveal(index) {
    const row = Math.floor(index / this.#columns);
    const top = this.element.getBoundingClientRect().top + row * (this.#size + GAP);
    const bottom = top + this.#size;
    const head = document.querySelector(".top")?.offsetHeight ?? 0;
    if (top < head) scrollBy(0, top - head - GAP);
    else if (bottom > innerHeight) scrollBy(0, bottom - innerHeight + GAP);
  }

  #measure() {
    const width = this.element.clientWidth;
    const side = width < 560 ? NARROW : WIDE;
    let columns = Math.max(2, Math.floor((width + GAP) / (side + GAP)));
    const sizeOf = () => (width - GAP * (columns - 1)) / columns;
    const rowsOf = () => Math.ceil(innerHeight / (sizeOf() + GAP)) + 1 + 2 * SPARE;
    while (columns > 2 && columns * rowsOf() > MOST) columns -= 1;
    this.#columns = columns;
    this.#size = sizeOf();
  }

  #paint() {
    this.#measure();
    const album = this.#album;
    const pitch = this.#size + GAP;
    const rows = Math.ceil(album.ids.length / this.#columns);
    this.element.style.setProperty("height", `${Math.max(0, rows * pitch - GAP)}px`);
    this.element.style.setProperty("--tile", `${this.#size}px`);
    const above = -this.element.getBoundingClientRect().top;
    const firstRow = Math.max(0, Math.floor(above / pitch) - SPARE);
    const lastRow = Math.ceil((above + innerHeight) / pitch) + SPARE;
    const from = firstRow * this.#columns;
    const to = Math.min(album.ids.length, lastRow * this.#columns);

    const shown = new Map();
    for (let index = from; index < to; index += 1) {
      const { id, record } = album.at(index);
      const key = id || -1 - index;
      const tile = this.#tiles.get(key) ?? new Tile(id);
      shown.set(key, tile);
      tile.place((index % this.#columns) * pitch, Math.floor(index / this.#columns) * pitch, index, album.ids.length);
      tile.show(record, this.#size * devicePixelRatio);
      tile.select(this.#selection.has(id));
      tile.element.classList.toggle("active", id !== 0 && id === this.#active);
      if (!tile.element.isConnected) this.element.append(tile.element);
    }
    for (const [key, tile] of this.#tiles) if (!shown.has(key)) tile.element.remove();
    this.#tiles = shown;
    this.element.classList.toggle("selecting", this.#selection.size > 0);
    const isActiveShown = this.#active !== 0 && shown.has(this.#active);
    if (isActiveShown) this.element.setAttribute("aria-activedescendant", `image-${this.#active}`);
    else this.element.removeAttribute("aria-activedescendant");
    album.want(from, to);
  }

  #click(event) {
    const id = Number(event.target.closest(".tile")?.dataset.id);
    if (!id) return;
    this.#active = id;
    const isMark = event.target.closest(".mark");
    if (event.shiftKey) this.#fire("extend", id);
    else if (isMark || event.ctrlKey || event.metaKey || this.#selection.size > 0) this.#fire("toggle", id);
    else this.#fire("open", id);
    this.paint();
  }

  #key(event) {
    const index = this.#indexOfActive();
    const last = this.#album.ids.length - 1;
    const page = this.#columns * Math.max(1, Math.floor(innerHeight / (this.#size + GAP)) - 1);
    const steps = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.#columns,
      ArrowDown: this.#columns,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (last < 0) return;
    if (step !== undefined) {
      this.#activate(Math.min(last, Math.max(0, index + step)));
      if (event.shiftKey) this.#fire("extend", this.#active);
    } else if (event.key === "Enter") this.#fire("open", this.#active);
    else if (event.key === " ") this.#fire("toggle", this.#active);
    else if (event.key === "Delete" || event.key === "Backspace") {
      // A key that is held down deletes one image.
      if (!event.repeat) this.#fire("delete", this.#active);
    } else if (event.key === "Escape") this.#selection.clear();
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) this.#fire("all", 0);
    else return;
    event.preventDefault();
  }

  #indexOfActive() {
    return Math.max(0, this.#album.ids.indexOf(this.#active));
  }

  #activate(index) {
    const id = this.#album.ids[index];
    // A place that is not known yet is scrolled to all the same.
    if (id) this.#active = id;
    this.reveal(index);
    this.paint();
  }

  /** Keys begin with an image that is seen. A click names its own. */
  #focused() {
    if (!this.element.matches(":focus-visible")) return;
    if (!this.#isSeen(this.#active)) {
      const seen = [...this.#tiles.keys()].filter((id) => this.#isSeen(id));
      this.#active = Math.max(0, ...seen);
    }
    this.paint();
  }

  #isSeen(id) {
    const box = id > 0 && this.#tiles.get(id)?.element.getBoundingClientRect();
    return box && box.bottom > 0 && box.top < innerHeight;
  }

  /** Makes an image the one that keys act on, and the grid the element that hears them. */
  focus(id) {
    if (id) this.#active = id;
    this.element.focus({ preventScroll: true });
    this.#activate(this.#indexOfActive());
  }

  #fire(name, id) {
    if (id || name === "all") this.dispatchEvent(new CustomEvent(name, { detail: id }));
  }
}
