// The queue of uploads. Some run at a time; whatever can pass by itself is tried again with the same key, so that an image
// whose answer was lost is stored once.

import { refusalOf } from "./inspect.js";
import { Refusal, address, ask } from "./service.js";
import { session } from "./session.js";
import { transfer } from "./transfer.js";
import { unfinished } from "./unfinished.js";
import { words } from "./words.js";

const AT_ONCE = 4;
/** Tries of one file that end without an answer although the service can be reached. */
const TRIES = 5;
const LONGEST_PAUSE = 30;

/** A file on its way: `waiting`, `checking`, `sending`, `storing`, `stored`, `refused` or `cancelled`. */
class Upload {
  state = "waiting";
  sent = 0;
  reason = null;
  canRetry = false;
  tries = 0;
  notBefore = 0;
  /** Whether it has a second key, since the image of the first one is deleted. */
  isNew = false;
  stop = null;

  constructor(file) {
    this.file = file;
    const earlier = unfinished.take(file);
    this.key = earlier?.key ?? newKey();
    this.hadArrived = earlier?.hasArrived ?? false;
  }

  get name() {
    return this.file.name;
  }

  get isOver() {
    return ["stored", "refused", "cancelled"].includes(this.state);
  }
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fires `change` when anything is to be painted anew, and `finished` when nothing is left to do. */
class Uploads extends EventTarget {
  list = [];
  /** Why nothing is sent now, as a sentence. */
  pause = null;
  #limits = null;
  #running = 0;
  #timer = 0;
  #pauses = 0;
  /** What was stored and cleared from the list while its batch was running. */
  #cleared = [];

  constructor() {
    super();
    unfinished.follow(() =>
      this.unfinished > 0
        ? [...this.#cleared, ...this.list].filter(({ state }) => state !== "refused" && state !== "cancelled")
        : [],
    );
    addEventListener("online", () => this.#goOn());
    session.addEventListener("started", () => this.#goOn());
    session.addEventListener("ended", () => this.#hold(words.uploads.loggedOut));
    addEventListener("beforeunload", (event) => this.unfinished > 0 && event.preventDefault());
  }

  get unfinished() {
    return this.list.filter((upload) => !upload.isOver).length;
  }

  add(files) {
    // The quotas and the limits may be others than an hour ago.
    if (this.unfinished === 0) {
      this.#limits = null;
      this.#cleared = [];
    }
    this.list.push(...files.map((file) => new Upload(file)));
    this.#tell();
    this.#pump();
  }

  cancel(upload) {
    if (upload.isOver) return;
    upload.state = "cancelled";
    upload.stop?.abort();
    this.#over();
  }

  cancelAll() {
    this.list.forEach((upload) => this.cancel(upload));
  }

  retry(upload) {
    Object.assign(upload, { state: "waiting", reason: null, tries: 0, sent: 0 });
    this.#limits = null;
    this.#tell();
    this.#pump();
  }

  retryAll() {
    this.list.filter((upload) => upload.canRetry && upload.state === "refused").forEach((upload) => this.retry(upload));
  }

  /** Takes away what is over. */
  clear() {
    this.#cleared.push(...this.list.filter(({ state }) => state === "stored"));
    this.list = this.list.filter((upload) => !upload.isOver);
    this.#tell();
  }

  #tell() {
    unfinished.changed();
    this.dispatchEvent(new Event("change"));
  }

  #over() {
    this.#tell();
    if (this.unfinished === 0) this.dispatchEvent(new Event("finished"));
  }

  #pump() {
    const most = Math.max(1, Math.min(AT_ONCE, this.#limits?.uploads?.limit ?? AT_ONCE));
    while (!this.pause && this.#running < most) {
      const upload = this.list.find((one) => one.state === "waiting" && one.notBefore <= Date.now());
      if (!upload) return;
      this.#running += 1;
      this.#send(upload).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #send(upload) {
    Object.assign(upload, { state: "checking", reason: null });
    try {
      this.#limits ??= ask("GET", "limits/").then((limits) => (this.#limits = limits));
      const limits = await this.#limits;
      const refused = await refusalOf(upload.file, limits);
      if (upload.state === "cancelled") return;
      if (refused) return this.#refuse(upload, refused, false);
      upload.state = "sending";
      upload.stop = new AbortController();
      upload.token = session.token;
      this.#tell();
      await transfer({
        file: upload.file,
        name: upload.name,
        key: upload.key,
        signal: upload.stop.signal,
        onProgress: (sent) => this.#progress(upload, sent),
      });
      this.#pauses = 0;
      upload.state = "stored";
      upload.sent = upload.file.size;
      this.#over();
    } catch (refusal) {
      if (upload.state === "cancelled") return;
      if (!(refusal instanceof Refusal)) throw refusal;
      await this.#refused(upload, refusal);
    }
  }

  #progress(upload, sent) {
    upload.sent = Math.min(sent, upload.file.size);
    // All is sent, and the service stores it.
    if (sent >= upload.file.size) upload.state = "storing";
    this.dispatchEvent(new Event("change"));
  }

  async #refused(upload, refusal) {
    if (!this.#limits?.file) this.#limits = null;
    // Nobody takes it up while it is judged.
    Object.assign(upload, { state: "checking", sent: 0 });
    if (refusal.status === 401) {
      // The answer may be late, and the user logged in again.
      if (upload.token === session.token) session.end();
      if (!session.token) this.#hold(words.uploads.loggedOut);
    } else if (refusal.status === 404 && !upload.isNew) {
      // An earlier try has arrived, and its image was deleted since. Whoever sends the file again wants it.
      Object.assign(upload, { key: newKey(), hadArrived: false, isNew: true });
    } else if (refusal.status === 409) {
      // The first try of it still runs.
      const seconds = refusal.retryAfter ?? 2;
      upload.reason = words.uploads.held;
      upload.notBefore = Date.now() + seconds * 1000;
      setTimeout(() => this.#pump(), seconds * 1000 + 50);
    } else if (refusal.mayPass && refusal.retryAfter) {
      this.#hold(words.uploads.waitsFor(refusal.retryAfter), refusal.retryAfter);
    } else if (refusal.mayPass) {
      await this.#interrupted(upload, refusal);
    } else {
      const isFull = await this.#isFull(upload);
      if (upload.state === "checking") this.#refuse(upload, refusal.message, isFull);
      return;
    }
    if (upload.state === "checking") upload.state = "waiting";
    this.#tell();
  }

  /** There was no answer, or no usable one. Whether the network or this file is at fault shows by asking for less. */
  async #interrupted(upload, refusal) {
    const canReach = await fetch(address("healthz"), { cache: "no-store" }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (upload.state === "cancelled") return;
    if (canReach) upload.tries += 1;
    // A file that was changed or removed on the disk breaks the request as well.
    const isReadable = await upload.file
      .slice(0, 1)
      .arrayBuffer()
      .then(
        () => true,
        () => false,
      );
    if (!isReadable) return this.#refuse(upload, words.uploads.unreadable, false);
    const isOver = upload.tries >= TRIES || (canReach && (await this.#isFull(upload)));
    if (upload.state === "cancelled") return;
    if (isOver) return this.#refuse(upload, refusal.message, true);
    const seconds = Math.min(2 ** this.#pauses, LONGEST_PAUSE);
    this.#pauses += 1;
    this.#hold(canReach ? words.uploads.interrupted : words.uploads.offline, seconds);
  }

  /** Whether the quota has no room for a file, so that it can be uploaded after something was deleted. */
  async #isFull({ file }) {
    try {
      const { images, bytes } = (await ask("GET", "limits/")).quotas;
      return (
        (images.limit !== null && images.used >= images.limit) ||
        (bytes.limit !== null && bytes.used + file.size > bytes.limit)
      );
    } catch {
      return false;
    }
  }

  #refuse(upload, reason, canRetry) {
    Object.assign(upload, { state: "refused", reason, canRetry, sent: 0 });
    this.#over();
  }

  /** Sends nothing more for some seconds, or until it goes on for another reason. */
  #hold(reason, seconds) {
    this.pause = reason;
    clearTimeout(this.#timer);
    if (seconds) this.#timer = setTimeout(() => this.#goOn(), seconds * 1000);
    this.#tell();
  }

  #goOn() {
    if (!session.token) return;
    clearTimeout(this.#timer);
    this.pause = null;
    this.#tell();
    this.#pump();
  }
}

export const uploads = new Uploads();
