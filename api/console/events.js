// The stream of events, read with `fetch` so that the token stays in a header. A hidden tab closes its stream, since a
// browser opens only six connections to a host, and goes on where it stopped when it is seen again.

import { address, authorization, wait } from "./service.js";
import { session } from "./session.js";

/** Seconds between tries to connect, doubled each time. */
const SHORTEST = 1;
const LONGEST = 30;
/** Seconds without a byte after which a stream is dead. The service sends something every 15 seconds. */
const SILENCE = 45;

/**
 * Fires `image` for each event, with the event as `detail`; `reset` if some may have been missed; `open` and `closed`
 * when the stream begins and breaks.
 */
export class Events extends EventTarget {
  #last = null;
  #running = null;
  #pause = SHORTEST;

  start() {
    document.addEventListener("visibilitychange", () => this.#follow());
    addEventListener("online", () => this.#restart());
    addEventListener("offline", () => this.#restart());
    session.addEventListener("started", () => this.#follow());
    session.addEventListener("ended", () => this.#follow());
    this.#follow();
  }

  #follow() {
    const isWanted = document.visibilityState === "visible" && session.token;
    if (!isWanted) {
      this.#running?.abort();
      this.#running = null;
    } else if (!this.#running) {
      this.#running = new AbortController();
      this.#run(this.#running.signal);
    }
  }

  #restart() {
    this.#running?.abort();
    this.#running = null;
    this.#follow();
  }

  async #run(signal) {
    this.#pause = SHORTEST;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch {
        // Whatever broke the stream, the next one goes on from the last event.
      }
      if (signal.aborted) return;
      this.dispatchEvent(new Event("closed"));
      await wait(this.#pause * (0.75 + Math.random() / 2));
      this.#pause = Math.min(this.#pause * 2, LONGEST);
    }
  }

  async #read(signal) {
    const headers = { Accept: "text/event-stream", ...authorization() };
    if (this.#last !== null) headers["Last-Event-ID"] = this.#last;
    const answer = await fetch(address("events/"), { headers, signal, cache: "no-store" });
    if (answer.status === 401) session.end();
    if (!answer.ok) return;
    this.#pause = SHORTEST;
    this.dispatchEvent(new Event("open"));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      // After a sleep of the machine a connection may be dead without anybody having said so.
      const silence = setTimeout(() => this.#restart(), SILENCE * 1000);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      blocks.forEach((block) => this.#take(block));
    }
  }

  #take(block) {
    const field = (name) =>
      block
        .split("\n")
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    const type = field("event");
    if (type === "reset") this.dispatchEvent(new Event("reset"));
    else if (type) this.dispatchEvent(new CustomEvent("image", { detail: JSON.parse(field("data")) }));
    // Only when it is taken in, so that a stream which breaks here repeats it.
    this.#last = field("id") ?? this.#last;
  }
}
