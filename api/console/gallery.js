// The page of images: filters, the grid, what is done with a selection, and the viewer.

import { Album } from "./album.js";
import { h, newId, repaint } from "./dom.js";
import { Deletion } from "./deletion.js";
import { Grid } from "./grid.js";
import { pickers } from "./intake.js";
import { notices } from "./notices.js";
import { canRetry, retry } from "./retry.js";
import { Selection } from "./selection.js";
import { ask } from "./service.js";
import { session } from "./session.js";
import { copyLinks, download } from "./sharing.js";
import { words } from "./words.js";

/** The most images that "select all" takes. */
const MOST_SELECTED = 1000;

export class Gallery {
  #album;
  #grid;
  #selection = new Selection();
  #deletion = new Deletion(() => this.#album);
  #viewer = null;
  #anchor = 0;
  #live = h("p", { class: "live", "data-live": "false" }, words.gallery.notLive);
  #count = h("p", { class: "count" });
  #place = h("div", { class: "grid-place" });
  #message = h("div", { class: "empty", hidden: true });
  #bar = h("div", { class: "selection-bar", role: "group", "aria-label": words.selection.label, hidden: true });
  #filters = this.#makeFilters();

  constructor(events) {
    this.element = h(
      "section",
      { class: "gallery", "aria-label": words.gallery.title },
      h(
        "div",
        { class: "toolbar" },
        h("h1", {}, words.gallery.title),
        this.#count,
        this.#live,
        h("div", { class: "buttons" }, pickers()),
      ),
      this.#filters,
      this.#bar,
      this.#message,
      this.#place,
    );
    let isFirst = true;
    events.addEventListener("open", () => {
      this.#showLive(true);
      if (isFirst) this.#album.recheck().catch(() => {});
      isFirst = false;
    });
    events.addEventListener("closed", () => this.#showLive(false));
    events.addEventListener("reset", () => this.#open());
    events.addEventListener("image", ({ detail }) => {
      if (detail.type === "deleted") {
        this.#album.remove(detail.image_id);
        this.#selection.remove([detail.image_id]);
      } else this.#album.refresh(detail.image_id);
    });
    session.addEventListener("started", () => this.#album.isOpen || this.#open());
    this.#selection.addEventListener("change", () => this.#paintBar());
    ask("GET", "limits/").then(
      ({ url_lifetime }) => (Album.urlLifetime = url_lifetime),
      () => {},
    );
    this.#show({});
  }

  /** Shows the viewer with an image, or takes it away if there is no id. */
  async view(id) {
    if (!id) return this.#viewer?.close();
    if (!this.#viewer) {
      const { Viewer } = await import("./viewer.js");
      this.#viewer ??= new Viewer({
        album: () => this.#album,
        onDelete: (id) => this.#delete([id]),
        onClose: (id) => this.#grid.focus(id),
      });
    }
    this.#viewer.open(id);
  }

  /** The page is seen again. */
  shown() {
    if (this.#album.isOpen) this.#grid.paint();
  }

  /** The user goes: what waits is sent first. */
  leave() {
    return this.#deletion.finish();
  }

  #showLive(isLive) {
    this.#live.dataset.live = isLive;
    this.#live.textContent = isLive ? words.gallery.live : words.gallery.notLive;
  }

  /** Shows the list with a filter. */
  #show(filter) {
    this.#deletion.finish();
    this.#album?.close();
    this.#grid?.close();
    this.#selection.clear();
    this.#album = new Album(filter);
    this.#grid = new Grid(this.#album, this.#selection);
    this.#album.addEventListener("change", () => this.#paint());
    this.#album.addEventListener("refused", ({ detail }) => this.#refused(detail));
    this.#grid.addEventListener("open", ({ detail }) => (location.hash = `#/image/${detail}`));
    this.#grid.addEventListener("toggle", ({ detail }) => this.#toggle(detail));
    this.#grid.addEventListener("extend", ({ detail }) => this.#extend(detail));
    this.#grid.addEventListener("all", () => this.#selectAll());
    this.#grid.addEventListener("delete", ({ detail }) =>
      this.#delete(this.#selection.size > 0 ? this.#selection.ids : [detail]),
    );
    this.#place.replaceChildren(this.#grid.element);
    this.#open();
  }

  #open() {
    this.#album.open().catch((refusal) => refusal.name === "AbortError" || this.#refused(refusal));
  }

  #refused(refusal) {
    // The user logs in again first.
    if (refusal.status === 401) return;
    const again = () => this.#open();
    this.#live.dataset.live = "false";
    if (this.#album.isOpen) {
      notices.say(`${words.errors.list} ${refusal.message}`, { action: words.errors.again, act: again, seconds: 20 });
    } else {
      this.#message.hidden = false;
      this.#message.replaceChildren(
        h("h2", {}, words.errors.list),
        h("p", {}, refusal.message),
        h("button", { type: "button", class: "primary", onclick: again }, words.errors.again),
      );
    }
    if (refusal.mayPass) addEventListener("online", again, { once: true });
  }

  #paint() {
    const count = this.#album.ids.length;
    this.#count.textContent = words.images(count);
    this.#message.hidden = count > 0;
    this.#grid.element.hidden = count === 0;
    if (count > 0) return;
    const isFiltered = this.#album.isFiltered;
    this.#message.replaceChildren(
      h("h2", {}, isFiltered ? words.gallery.noMatch : words.gallery.empty),
      isFiltered
        ? h("button", { type: "button", onclick: () => this.#filters.reset() }, words.gallery.clear)
        : h("p", {}, words.gallery.emptyHint),
    );
  }

  #makeFilters() {
    const [state, from, to] = [newId(), newId(), newId()];
    const change = () => {
      const fields = Object.fromEntries(new FormData(form));
      const filter = {};
      if (fields.state) filter.state = fields.state;
      if (fields.from) filter.created_after = new Date(`${fields.from}T00:00`).toISOString();
      if (fields.to) filter.created_before = dayAfter(fields.to).toISOString();
      clear.hidden = Object.keys(filter).length === 0;
      this.#show(filter);
    };
    const clear = h("button", { type: "reset", hidden: true }, words.gallery.clear);
    const form = h(
      "form",
      {
        class: "filters",
        onchange: change,
        onsubmit: (event) => event.preventDefault(),
        onreset: () => setTimeout(change),
      },
      labelled(
        state,
        words.gallery.state,
        h(
          "select",
          { id: state, name: "state" },
          Object.entries(words.gallery.states).map(([value, text]) => h("option", { value }, text)),
        ),
      ),
      labelled(from, words.gallery.from, h("input", { id: from, name: "from", type: "date" })),
      labelled(to, words.gallery.to, h("input", { id: to, name: "to", type: "date" })),
      clear,
    );
    return form;
  }

  #toggle(id) {
    this.#anchor = id;
    this.#selection.toggle(id);
  }

  /** Selects everything between the image that was selected last and this one. */
  #extend(id) {
    const { ids } = this.#album;
    if (!ids.includes(this.#anchor)) this.#anchor = id;
    const places = [ids.indexOf(this.#anchor), ids.indexOf(id)].sort((one, other) => one - other);
    this.#selection.add(ids.slice(places[0], places[1] + 1).filter((one) => one));
  }

  #paintBar() {
    const ids = this.#selection.ids;
    this.#bar.hidden = ids.length === 0;
    if (ids.length === 0) return;
    const button = (text, onclick, kind) => h("button", { type: "button", class: kind, onclick }, text);
    const act = (what) => () =>
      this.#album
        .records(ids)
        .then(what)
        .catch((refusal) => notices.say(refusal.message));
    const hasFailed = ids.some((id) => canRetry(this.#album.record(id)));
    repaint(
      this.#bar,
      h("p", { role: "status" }, words.selection.selected(ids.length)),
      button(
        words.selection.copy,
        act((records) => copyLinks(records)),
      ),
      button(
        words.selection.download,
        act((records) => this.#download(records)),
      ),
      ...(hasFailed
        ? [
            button(
              words.selection.retry,
              act((records) => this.#retry(records.filter(canRetry))),
            ),
          ]
        : []),
      button(words.selection.delete, () => this.#delete(ids), "danger"),
      button(words.selection.all, () => this.#selectAll()),
      button(words.selection.clear, () => (this.#selection.clear(), this.#grid.focus())),
    );
  }

  #selectAll() {
    this.#selection.add(this.#album.ids.filter((id) => id).slice(0, MOST_SELECTED));
  }

  async #retry(records) {
    for (const { id } of records) await retry(id);
    this.#selection.clear();
  }

  /** One after the other, since their bytes are in memory for a moment. */
  async #download(records) {
    for (const record of records) await download(record);
  }

  #delete(ids) {
    const place = this.#album.ids.indexOf(ids.at(-1));
    this.#selection.remove(ids);
    this.#deletion.delete(ids);
    // Keys go on with the image that has taken the place.
    const next = this.#album.ids[Math.max(0, Math.min(place - ids.length + 1, this.#album.ids.length - 1))];
    if (!this.#viewer?.isOpen) this.#grid.focus(next);
  }
}

const labelled = (id, text, control) => h("div", { class: "labelled" }, h("label", { for: id }, text), control);

/** The midnight at which a day ends in the reader's zone. */
function dayAfter(day) {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}
