// The selected images of a list. It fires `change`.

export class Selection extends EventTarget {
  #ids = new Set();

  get size() {
    return this.#ids.size;
  }

  get ids() {
    return [...this.#ids];
  }

  has(id) {
    return this.#ids.has(id);
  }

  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#tell();
  }

  add(ids) {
    ids.forEach((id) => this.#ids.add(id));
    this.#tell();
  }

  remove(ids) {
    ids.forEach((id) => this.#ids.delete(id));
    this.#tell();
  }

  clear() {
    if (this.#ids.size === 0) return;
    this.#ids.clear();
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
