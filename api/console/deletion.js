// Deletion with undo. The images vanish at once, and the request is sent when nobody has taken it back for some seconds,
// or when the page is left.

import { notices } from "./notices.js";
import { ask, wait } from "./service.js";
import { words } from "./words.js";

const SECONDS = 8;
/** The most images that one request deletes. */
const MOST = 1000;

export class Deletion {
  #album;
  #waiting = new Set();

  constructor(album) {
    this.#album = album;
    addEventListener("pagehide", () => this.finish());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.finish());
  }

  /** Deletes images, which come back if that is undone or cannot be done. */
  delete(ids) {
    for (let start = 0; start < ids.length; start += MOST) this.#delete(ids.slice(start, start + MOST));
  }

  /** Sends what waits, in requests that outlive the page. */
  finish() {
    return Promise.all([...this.#waiting].map((batch) => batch.send(true)));
  }

  #delete(ids) {
    const album = this.#album();
    album.hide(ids);
    const keep = () => album.show(ids);
    const batch = {
      send: async (keepalive) => {
        if (!this.#waiting.delete(batch)) return;
        clearTimeout(timer);
        close();
        try {
          await ask("POST", "image/delete/", { json: { ids }, keepalive });
          ids.forEach((id) => album.remove(id));
        } catch (refusal) {
          if (refusal.status === 0 && !keepalive) return this.#again(batch);
          keep();
          notices.say(words.deletion.failed(ids.length, refusal.message), { seconds: 20 });
        }
      },
    };
    const undo = () => {
      if (!this.#waiting.delete(batch)) return;
      clearTimeout(timer);
      keep();
      notices.say(words.deletion.undone(ids.length));
    };
    this.#waiting.add(batch);
    const timer = setTimeout(() => batch.send(false), SECONDS * 1000);
    const close = notices.say(words.deletion.deleted(ids.length), {
      action: words.deletion.undo,
      act: undo,
      seconds: SECONDS,
      // Each has an undo of its own.
      isOnly: false,
    });
  }

  /** Without a network the images stay hidden, and the request is sent when there is one. */
  async #again(batch) {
    this.#waiting.add(batch);
    await wait(2);
    batch.send(false);
  }
}
