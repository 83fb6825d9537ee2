// One image, large: its sizes, what is known of it, and the next and the previous one.

import { h, icon, iconButton, repaint } from "./dom.js";
import { bytes, time } from "./format.js";
import { notices } from "./notices.js";
import { canRetry, retry } from "./retry.js";
import { ask } from "./service.js";
import { copyLinks, download } from "./sharing.js";
import { paint } from "./thumbhash.js";
import { reason } from "./tile.js";
import { words } from "./words.js";

/** How far a finger moves at least, in CSS pixels. */
const SWIPE = 60;
const SIZES = ["original", "medium", "small"];

export class Viewer {
  #album;
  #onDelete;
  #onClose;
  #id = 0;
  #record = null;
  /** The list that was shown when it was opened. */
  #followed = null;
  #follow = () => {
    const record = this.#followed.record(this.#id);
    if (record && record !== this.#record) this.#show(record);
  };
  #size = "medium";
  #touched = null;
  #stage = h("div", {
    class: "stage",
    ontouchstart: (event) => (this.#touched = event.changedTouches[0]),
    ontouchend: (event) => this.#swipe(event),
  });
  #title = h("h2", { id: "viewed" });
  #sizes = h("div", { class: "sizes", role: "group", "aria-label": words.viewer.sizes });
  #actions = h("div", { class: "buttons" });
  #details = h("dl", { class: "details" });
  #buttons = {
    previous: iconButton("previous", words.viewer.previous, () => this.#step(-1), { class: "plain step previous" }),
    next: iconButton("next", words.viewer.next, () => this.#step(1), { class: "plain step next" }),
  };

  constructor({ album, onDelete, onClose }) {
    this.#album = album;
    this.#onDelete = onDelete;
    this.#onClose = onClose;
    this.element = h(
      "dialog",
      {
        class: "viewer",
        "aria-labelledby": "viewed",
        onkeydown: (event) => this.#key(event),
        oncancel: (event) => (event.preventDefault(), this.#leave()),
      },
      h("div", { class: "viewer-main" }, this.#buttons.previous, this.#stage, this.#buttons.next),
      h(
        "div",
        { class: "viewer-side" },
        h(
          "div",
          { class: "viewer-head" },
          this.#title,
          iconButton("close", words.close, () => this.#leave()),
        ),
        this.#sizes,
        this.#actions,
        this.#details,
      ),
    );
    document.body.append(this.element);
  }

  get isOpen() {
    return this.element.open;
  }

  async open(id) {
    this.#id = id;
    this.#followed?.removeEventListener("change", this.#follow);
    this.#followed = this.#album();
    this.#followed.addEventListener("change", this.#follow);
    if (!this.element.open) {
      this.element.showModal();
      notices.moveTo(this.element);
    }
    this.#show(this.#followed.record(id));
    if (!this.#record) await this.#ask(id);
  }

  close() {
    if (!this.element.open) return;
    this.#followed?.removeEventListener("change", this.#follow);
    notices.moveTo(document.body);
    this.element.close();
    this.#onClose(this.#id);
  }

  #leave() {
    location.hash = "#/";
  }

  /** An image that is not in the list, such as of a link that was kept. */
  async #ask(id) {
    try {
      const [image, status] = await Promise.all([ask("GET", `image/${id}/`), ask("GET", `image/${id}/status/`)]);
      const { original, small, medium } = image;
      if (id === this.#id) this.#show({ ...status, urls: { original, small, medium } });
    } catch (refusal) {
      if (id !== this.#id) return;
      this.#title.textContent = refusal.status === 404 ? words.viewer.gone : refusal.message;
    }
  }

  #step(by) {
    const { ids } = this.#album();
    const index = ids.indexOf(this.#id);
    const next = ids[index + by];
    if (index < 0) return;
    // What lies there is read soon if it is not known yet.
    this.#album().want(index + by - 20, index + by + 20);
    if (next) location.replace(`#/image/${next}`);
  }

  #key(event) {
    const acts = { ArrowLeft: () => this.#step(-1), ArrowRight: () => this.#step(1), Delete: () => this.#delete() };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** A finger that moves sideways turns the page. */
  #swipe(event) {
    const [from, to] = [this.#touched, event.changedTouches[0]];
    const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
    if (event.touches.length === 0 && Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) this.#step(x < 0 ? 1 : -1);
  }

  #delete() {
    const { ids } = this.#album();
    const index = ids.indexOf(this.#id);
    const next = ids[index + 1] || ids[index - 1];
    const id = this.#id;
    location.replace(next ? `#/image/${next}` : "#/");
    this.#onDelete(id);
  }

  /** The record with links that still work. */
  async #fresh() {
    const [record] = await this.#album().records([this.#id]);
    return record ?? this.#record;
  }

  async #retry() {
    try {
      await retry(this.#id);
      notices.say(words.viewer.retried);
      this.#album().refresh(this.#id);
    } catch (refusal) {
      notices.say(refusal.message);
    }
  }

  /** A button that is disabled while it has the focus would swallow all keys: the focus goes to the other one. */
  #canStep(back, on) {
    const { previous, next } = this.#buttons;
    const focused = document.activeElement;
    previous.disabled = !back;
    next.disabled = !on;
    if (focused?.disabled)
      [previous, next, this.element.querySelector(".viewer-head button")].find(({ disabled }) => !disabled).focus();
  }

  #show(record) {
    this.#record = record;
    const ids = this.#album().ids;
    const index = ids.indexOf(this.#id);
    this.#canStep(index > 0, index >= 0 && index < ids.length - 1);
    this.#title.textContent = record ? record.file_name : words.loading;
    if (!record) {
      delete this.#stage.dataset.shows;
      for (const part of [this.#stage, this.#sizes, this.#actions, this.#details]) part.replaceChildren();
      return;
    }
    const size = record.urls[this.#size] ? this.#size : "original";
    this.#paintStage(record, size);
    repaint(
      this.#sizes,
      ...SIZES.map((name) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(name === size),
            disabled: !record.urls[name],
            onclick: () => ((this.#size = name), this.#show(this.#record)),
          },
          words.viewer[name],
        ),
      ),
    );
    const button = (name, text, onclick, kind) =>
      h("button", { type: "button", class: kind, onclick }, icon(name), text);
    repaint(
      this.#actions,
      button("copy", words.viewer.copy, async () => copyLinks([await this.#fresh()], size)),
      button("download", words.viewer.download, async () => download(await this.#fresh(), size)),
      ...(canRetry(record) ? [button("retry", words.viewer.retry, () => this.#retry())] : []),
      button("delete", words.viewer.delete, () => this.#delete(), "danger"),
    );
    this.#paintDetails(record);
  }

  #paintStage(record, size) {
    const shown = { file: record[size], key: `${record.id} ${size} ${record.finished_at}` };
    if (this.#stage.dataset.shows === shown.key) return;
    this.#stage.dataset.shows = shown.key;
    const note = h("p", { class: "note" });
    if (record.state === "failed") note.textContent = reason(record);
    else if (!record.urls.medium) note.textContent = words.viewer.notYet;
    const image = h("img", {
      src: record.urls[size],
      alt: words.viewer.shown(words.viewer[size], record.file_name),
      decoding: "async",
    });
    if (shown.file?.width) Object.assign(image, { width: shown.file.width, height: shown.file.height });
    const canvas = h("canvas", { class: "placeholder" });
    const isPainted = record.placeholder && paint(canvas, record.placeholder);
    image.addEventListener("load", () => canvas.remove());
    image.addEventListener("error", () => {
      // A fresh record, with a fresh link, is painted anew.
      delete this.#stage.dataset.shows;
      image.remove();
      if (record.state !== "failed") note.textContent = words.viewer.notShown(shown.file?.format.toUpperCase() ?? size);
    });
    this.#stage.replaceChildren(...(isPainted ? [canvas] : []), image, note);
  }

  #paintDetails(record) {
    const file = ({ width, height, bytes: size, format, frames }) =>
      [
        width && `${width} × ${height}`,
        format.toUpperCase(),
        size && bytes(size),
        frames > 1 && `${frames} ${words.viewer.frames.toLowerCase()}`,
      ]
        .filter((part) => part)
        .join(" · ");
    const rows = [
      [words.viewer.state, words.gallery.states[record.state]],
      [words.viewer.reason, record.state === "failed" && `${reason(record)} (${record.error?.code})`],
      ...SIZES.map((name) => [words.viewer[name], record[name] && file(record[name])]),
      [words.viewer.uploaded, time(record.created_at)],
      [words.viewer.finished, record.finished_at && time(record.finished_at)],
      [words.viewer.attempts, String(record.attempts)],
      [words.viewer.checksum, record.sha256],
    ];
    this.#details.replaceChildren(
      ...rows.filter(([, text]) => text).flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]),
    );
  }
}
