// Uploads that have not arrived, remembered beyond a reload of the page. A browser does not let a page keep the files, but
// with the name, the size and the key of each, the page can say which ones are missing, and whoever chooses them again
// goes on with the same keys. The keys of those that have arrived are kept too until the whole batch has, since people
// choose the same folder again and not the half of it that is missing: nothing is stored twice. (The service knows a key for
// 24 hours, and the newest 10,000 of a user.)

import { session } from "./session.js";

const KEY = "resizinator.unfinished";
const DELAY = 300;

const same = (one, other) => one.name === other.name && one.size === other.size && one.modified === other.modified;

class Unfinished {
  /** The batch of the last visit, without what was chosen again. */
  #kept = [];
  /** Whose batch it is. Nobody else is told of it. */
  #owner = null;
  #timer = 0;
  #now = () => [];

  constructor() {
    this.#load();
    session.addEventListener("started", () => this.#load());
  }

  #load() {
    if (!session.username || session.username === this.#owner) return;
    this.#owner = session.username;
    this.#kept = read(this.#owner);
  }

  /** Those of the last visit that have not arrived and were not chosen again yet. */
  get earlier() {
    return this.#kept.filter(({ hasArrived }) => !hasArrived);
  }

  /** `list` gives the batch of this visit, as long as not all of it has arrived. */
  follow(list) {
    this.#now = list;
    addEventListener("pagehide", () => this.#write());
  }

  /** Says that the list has changed. */
  changed() {
    this.#timer ||= setTimeout(() => this.#write(), DELAY);
  }

  /** What is known of a file of the last visit: its key, and whether it had arrived. */
  take(file) {
    const described = describe(file);
    const index = this.#kept.findIndex((one) => same(one, described));
    return index < 0 ? null : this.#kept.splice(index, 1)[0];
  }

  forget() {
    this.#kept = [];
    this.#write();
  }

  #write() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#owner) return;
    const now = this.#now();
    if (now.length === 0 && this.earlier.length === 0) this.#kept = [];
    const files = [
      ...this.#kept,
      ...now.map(({ file, key, state, hadArrived }) => ({
        key,
        hasArrived: state === "stored" || hadArrived,
        ...describe(file),
      })),
    ];
    try {
      if (files.length > 0) sessionStorage.setItem(KEY, JSON.stringify({ username: this.#owner, files }));
      else sessionStorage.removeItem(KEY);
    } catch {
      // Without storage, or with too much in it, uploads run all the same.
    }
  }
}

const describe = (file) => ({ name: file.name, size: file.size, modified: file.lastModified });

function read(owner) {
  try {
    const { username, files } = JSON.parse(sessionStorage.getItem(KEY));
    return username === owner && Array.isArray(files) ? files : [];
  } catch {
    return [];
  }
}

export const unfinished = new Unfinished();
