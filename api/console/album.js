// The images of one list, newest first. All ids that are known stand in one array as long as the list; 0 stands for an
// image that was not asked for yet. Records are kept of those that were looked at last, so that a list of any length
// needs little memory.
//
// The list is read page by page with cursors. Whoever jumps into the middle starts there with an offset, and what was
// seen before is asked for by its ids.

import { ask } from "./service.js";

/** The most images that one request asks for. */
const PAGE = 100;
/** How many records are kept. */
const KEPT = 1500;
/** How many requests run at the same time. */
const AT_ONCE = 2;
/** Of the lifetime of signed URLs, this part passes before they are asked for anew. They work for three quarters of it. */
const FRESH = 2 / 3;
/** How long it waits before it reads a list anew, since more changes may be under way. */
const ANEW = 500;
/** How long it waits before it asks again for changes that could not be read. */
const LATER = 5000;
/** How long changes are gathered before they are asked for. */
const GATHER = 150;

/** Fires `change` when something is to be painted anew, and `refused` with the refusal if the service refuses. */
export class Album extends EventTarget {
  /** For how many seconds signed URLs work, as `GET limits/` says it. */
  static urlLifetime = 3600;

  ids = [];
  isOpen = false;
  #records = new Map();
  #cursors = new Map();
  #hidden = new Map();
  #wanted = [0, 0];
  #reading = [];
  #asked = new Set();
  #changed = new Set();
  #anew = 0;
  /** While the list is read from its beginning: the images that events tell of meanwhile. */
  #recent = null;
  #filter;
  #closed = new AbortController();

  /** `filter` has parameters of `GET image/`. */
  constructor(filter) {
    super();
    this.#filter = filter;
  }

  get isFiltered() {
    return Object.keys(this.#filter).length > 0;
  }

  /** Reads the beginning of the list. What was known before is forgotten. */
  async open() {
    const recent = (this.#recent = new Set());
    const page = await this.#list({ cursor: "", limit: PAGE });
    // The list was opened once more meanwhile.
    if (recent !== this.#recent) return;
    this.#recent = null;
    this.#cursors.clear();
    this.#records.clear();
    this.#reading = [];
    this.ids = new Array(Math.max(0, page.count - this.#hidden.size)).fill(0);
    this.isOpen = true;
    this.#place(0, page);
    // The answer may be older than these events.
    recent.forEach((id) => this.refresh(id));
    this.#tell();
  }

  /** Reads the first page once more: something may have happened between the first reading and the first event. */
  async recheck() {
    if (!this.isOpen) return;
    this.#place(0, await this.#list({ cursor: "", limit: PAGE }));
    this.#tell();
  }

  close() {
    this.#closed.abort();
    clearTimeout(this.#anew);
  }

  /** The id and the record at a place; the record is null until it is there, and the id 0 until it is known. */
  at(index) {
    const id = this.ids[index] ?? 0;
    return { id, record: this.#records.get(id) ?? null };
  }

  record(id) {
    return this.#records.get(id) ?? null;
  }

  /** The records of images, those too that are not kept any more. */
  async records(ids) {
    const missing = ids.filter((id) => !this.#isFresh(id));
    const asked = new Map();
    for (let start = 0; start < missing.length; start += PAGE) {
      const { results } = await this.#list({ ids: missing.slice(start, start + PAGE).join(","), limit: PAGE });
      results.forEach((result) => asked.set(result.id, recordOf(result)));
    }
    return ids.map((id) => asked.get(id) ?? this.#records.get(id)).filter((record) => record);
  }

  /** Says which places are looked at: they are read, and their records are kept. */
  want(from, to) {
    this.#wanted = [Math.max(0, from), Math.min(to, this.ids.length)];
    this.#read();
  }

  /** Asks for images anew of which something has happened. */
  refresh(id) {
    this.#recent?.add(id);
    if (this.#changed.size === 0) setTimeout(() => this.#catchUp(), GATHER);
    this.#changed.add(id);
  }

  /** Takes an image away that is deleted. */
  remove(id) {
    this.#recent?.add(id);
    this.#hidden.delete(id);
    this.#changed.delete(id);
    this.#take(id);
    this.#tell();
  }

  /** Hides images that are about to be deleted. `show` brings them back to their places. */
  hide(ids) {
    for (const id of ids) {
      const place = this.#take(id);
      // Counted from the end, since new images come at the beginning.
      if (place >= 0) this.#hidden.set(id, this.ids.length - place);
    }
    this.#tell();
  }

  show(ids) {
    for (const id of [...ids].reverse()) {
      const fromEnd = this.#hidden.get(id);
      if (fromEnd === undefined) continue;
      this.#hidden.delete(id);
      this.ids.splice(Math.max(0, this.ids.length - fromEnd), 0, id);
      this.#count(id, 1);
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
    this.#read();
  }

  #take(id) {
    const place = this.ids.indexOf(id);
    if (place >= 0) {
      this.ids.splice(place, 1);
      this.#shift(place, -1);
      this.#count(id, -1);
    }
    return place;
  }

  /** Keeps the places of hidden images right when an older one comes or goes. */
  #count(id, by) {
    for (const [hidden, fromEnd] of this.#hidden) if (hidden > id) this.#hidden.set(hidden, fromEnd + by);
  }

  /** Keeps the places of running requests right when an image comes or goes before them. */
  #shift(place, by) {
    for (const range of this.#reading) if (range.start > place || (range.start === place && by > 0)) range.start += by;
  }

  #list(parameters) {
    const query = new URLSearchParams({ ...this.#filter, ...parameters, ordering: "-id", include: "status" });
    return ask("GET", `image/?${query}`, { signal: this.#closed.signal });
  }

  #read() {
    while (this.isOpen && !this.#anew && this.#reading.length < AT_ONCE) {
      const request = this.#nextPage() ?? this.#nextRecords();
      if (!request) return;
      this.#run(request);
    }
  }

  async #run(range) {
    this.#reading.push(range);
    try {
      const page = await this.#list(range.parameters);
      if (!this.#reading.includes(range)) return;
      if (range.ids) this.#replace(range.ids, page);
      else this.#place(range.start, page);
      this.#reading = this.#reading.filter((one) => one !== range);
      this.#tell();
    } catch (error) {
      this.#reading = this.#reading.filter((one) => one !== range);
      this.#refuse(error);
    } finally {
      for (const id of range.ids ?? []) this.#asked.delete(id);
    }
  }

  /** The request for the first place that is looked at and not known. */
  #nextPage() {
    const [from, to] = this.#wanted;
    const isRead = (index) => this.#reading.some(({ start, length }) => index >= start && index < start + length);
    let start = from;
    while (start < to && (this.ids[start] !== 0 || isRead(start))) start += 1;
    if (start >= to) return null;
    const cursor = this.#cursors.get(this.ids[start - 1]);
    if (cursor) return { start, length: PAGE, parameters: { cursor, limit: PAGE } };
    // Upwards, a page ends where the known part begins.
    let end = start;
    while (end < this.ids.length && end < start + PAGE && this.ids[end] === 0) end += 1;
    if (end < start + PAGE) start = Math.max(0, end - PAGE);
    const hiddenBefore = [...this.#hidden.values()].filter((fromEnd) => fromEnd >= this.ids.length - start).length;
    return { start, length: PAGE, parameters: { offset: start + hiddenBefore, limit: PAGE } };
  }

  /** The request for records of known images that are looked at and are missing, or whose links grow old. */
  #nextRecords() {
    const isWanted = (id) => id !== 0 && !this.#asked.has(id) && !this.#isFresh(id);
    const [from, to] = this.#wanted;
    if (!this.ids.slice(from, to).some(isWanted)) return null;
    const around = Math.max(0, Math.floor((PAGE - (to - from)) / 2));
    const ids = this.ids
      .slice(Math.max(0, from - around), to + around)
      .filter(isWanted)
      .slice(0, PAGE);
    ids.forEach((id) => this.#asked.add(id));
    return { start: 0, length: 0, ids, parameters: { ids: ids.join(","), limit: PAGE } };
  }

  #isFresh(id) {
    const record = this.#records.get(id);
    return record && Date.now() - record.read < FRESH * Album.urlLifetime * 1000;
  }

  #keep(result) {
    // Of two requests, the one that was sent last need not be answered last.
    const known = this.#records.get(result.id);
    if (known && Date.parse(known.updated_at) > Date.parse(result.status.updated_at)) return;
    this.#records.delete(result.id);
    this.#records.set(result.id, recordOf(result));
    if (this.#records.size <= KEPT) return;
    const looked = new Set(this.ids.slice(...this.#wanted));
    for (const id of this.#records.keys()) {
      if (this.#records.size <= KEPT) return;
      if (!looked.has(id)) this.#records.delete(id);
    }
  }

  #place(start, page) {
    const results = page.results.filter(({ id }) => !this.#hidden.has(id));
    let fits = page.count === this.ids.length + this.#hidden.size;
    results.forEach((result, k) => {
      const known = this.ids[start + k];
      if (known === undefined || (known !== 0 && known !== result.id)) fits = false;
      else this.ids[start + k] = result.id;
      this.#keep(result);
    });
    const next = page.next && new URL(page.next).searchParams.get("cursor");
    if (next && results.length > 0) this.#cursors.set(results.at(-1).id, next);
    fits &&= this.#falls(start - 1, start + results.length);
    if (!fits) this.#openAnew();
  }

  /** Whether the ids fall from place to place, as they do in a list that nobody has changed meanwhile. */
  #falls(from, to) {
    for (let index = Math.max(0, from); index < to; index += 1) {
      const [id, next] = [this.ids[index], this.ids[index + 1]];
      if (id && next && next >= id) return false;
    }
    return true;
  }

  /** The list was changed elsewhere in a way that no event has told yet. */
  #openAnew() {
    // Until then nothing is read: it would not fit either.
    this.#anew ||= setTimeout(() => {
      this.#anew = 0;
      this.open().catch((error) => this.#refuse(error));
    }, ANEW);
  }

  #refuse(error) {
    if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("refused", { detail: error }));
  }

  async #catchUp() {
    const ids = [...this.#changed].filter((id) => !this.#hidden.has(id));
    this.#changed.clear();
    for (let start = 0; start < ids.length; start += PAGE) {
      const some = ids.slice(start, start + PAGE);
      try {
        this.#replace(some, await this.#list({ ids: some.join(","), limit: PAGE }));
        this.#tell();
      } catch (error) {
        if (error.name === "AbortError") return;
        ids.slice(start).forEach((id) => this.#changed.add(id));
        setTimeout(() => this.#catchUp(), LATER);
        return;
      }
    }
  }

  /** Takes over what a request for ids has answered: what is missing there is not in the list any more. */
  #replace(ids, page) {
    const missing = new Set(ids);
    for (const result of page.results) {
      missing.delete(result.id);
      if (this.#hidden.has(result.id)) continue;
      this.#keep(result);
      if (!this.ids.includes(result.id)) this.#insert(result.id);
    }
    for (const id of missing) {
      this.#records.delete(id);
      this.#take(id);
    }
  }

  #insert(id) {
    let place = 0;
    while (place < this.ids.length && this.ids[place] > id) place += 1;
    // Between images that are not known yet it will be found when they are.
    if (place > 0 && this.ids[place] === 0) {
      this.#openAnew();
      return;
    }
    this.ids.splice(place, 0, id);
    this.#shift(place, 1);
    this.#count(id, 1);
  }
}

/** The status of an image with its links and the time at which they were read. */
const recordOf = ({ original, small, medium, status }) => ({
  ...status,
  urls: { original, small, medium },
  read: Date.now(),
});
