// Uploads that have not arrived, remembered beyond a reload of the page. A browser does not let a page keep the files, but
// with the name, the size and the key of each, the page can say which ones are missing, and whoever chooses them again
// goes on with the same keys: what has arrived all the same is not stored twice.

import { session } from "./session.js";

const KEY = "resizinator.unfinished";
const DELAY = 300;

const same = (one, other) => one.name === other.name && one.size === other.size && one.modified === other.modified;

class Unfinished {
  /** Those of the last visit that were not chosen again yet. */
  earlier = read();
  #timer = 0;
  #now = () => [];

  /** `list` gives the uploads of this visit that have not arrived. */
  follow(list) {
    this.#now = list;
    addEventListener("pagehide", () => this.#write());
  }

  /** Says that the list has changed. */
  changed() {
    this.#timer ||= setTimeout(() => this.#write(), DELAY);
  }

  /** The key of a file that was not finished in the last visit. */
  take(file) {
    const described = describe(file);
    const index = this.earlier.findIndex((one) => same(one, described));
    return index < 0 ? null : this.earlier.splice(index, 1)[0].key;
  }

  forget() {
    this.earlier = [];
    this.#write();
  }

  #write() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const files = [...this.earlier, ...this.#now().map(({ file, key }) => ({ key, ...describe(file) }))];
    try {
      if (files.length > 0) sessionStorage.setItem(KEY, JSON.stringify({ username: session.username, files }));
      else sessionStorage.removeItem(KEY);
    } catch {
      // Without storage, or with too much in it, uploads run all the same.
    }
  }
}

const describe = (file) => ({ name: file.name, size: file.size, modified: file.lastModified });

function read() {
  try {
    const { username, files } = JSON.parse(sessionStorage.getItem(KEY));
    return username === session.username && Array.isArray(files) ? files : [];
  } catch {
    return [];
  }
}

export const unfinished = new Unfinished();
