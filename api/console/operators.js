// The page of operators: what waits, who works, and what failed. It asks anew every two seconds while it is seen.

import { h, repaint } from "./dom.js";
import { duration, time } from "./format.js";
import { notices } from "./notices.js";
import { ask } from "./service.js";
import { session } from "./session.js";
import { table } from "./table.js";
import { words } from "./words.js";

const EVERY = 2000;
const text = words.operators;

export class Operators {
  #closed = new AbortController();
  #complaint = h("p", { class: "complaint", role: "alert" });
  #body = h("div", { class: "cards" }, h("p", {}, words.loading));
  #retrying = new Set();

  constructor() {
    this.element = h("div", { class: "wide" }, h("h1", {}, text.title), this.#complaint, this.#body);
    this.#follow();
  }

  close() {
    this.#closed.abort();
  }

  async #follow() {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      if (document.visibilityState === "visible" && session.token) await this.#ask(signal);
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }

  async #ask(signal) {
    try {
      const overview = await ask("GET", "admin/overview/", { signal });
      this.#complain("");
      this.#paint(overview);
    } catch (refusal) {
      if (refusal.name === "AbortError") return;
      this.#complain(refusal.status === 403 ? text.forbidden : refusal.message);
      if (refusal.status === 403) {
        this.#body.replaceChildren();
        this.close();
      }
    }
  }

  /** The same sentence is read out once, however long it is true. */
  #complain(sentence) {
    if (this.#complaint.textContent !== sentence) this.#complaint.textContent = sentence;
  }

  #paint(overview) {
    const tables = () => [...this.#body.querySelectorAll(".table")];
    const scrolled = tables().map(({ scrollLeft }) => scrollLeft);
    repaint(
      this.#body,
      h("p", { class: "hint" }, text.at(time(overview.at))),
      numbers(text.images, [
        ...Object.entries(text.states).map(([state, label]) => [label, overview.images[state].toLocaleString()]),
        [
          text.oldest,
          overview.oldest_waiting_seconds === null ? text.nothingWaits : duration(overview.oldest_waiting_seconds),
        ],
        [text.held, overview.held.toLocaleString()],
        [text.unqueued, overview.unqueued.toLocaleString()],
      ]),
      queue(overview),
      workers(overview.workers),
      this.#failures(overview.failures),
    );
    tables().forEach((table, index) => (table.scrollLeft = scrolled[index] ?? 0));
  }

  #failures(failures) {
    const row = ({ code, images, detail, last_at }) => [
      code,
      images.toLocaleString(),
      detail ?? "–",
      time(last_at),
      h(
        "button",
        {
          type: "button",
          disabled: this.#retrying.has(code),
          "aria-label": text.retryOf(code),
          onclick: () => this.#retry(code),
        },
        text.retry,
      ),
    ];
    const body =
      failures.length === 0
        ? h("p", {}, text.noFailures)
        : table(text.failures, [text.code, text.number, text.sentence, text.last, ""], failures.map(row));
    return h("section", { class: "card" }, h("h2", {}, text.failures), body);
  }

  async #retry(code) {
    this.#retrying.add(code);
    let retried = 0;
    try {
      // Each request takes some of them. Those that fail once more meanwhile are not taken twice.
      for (let all = Infinity, more = 1; more > 0 && retried < all; retried += more) {
        const answer = await ask("POST", "admin/retry/", { json: { code } });
        more = answer.retried;
        all = Math.min(all, retried + answer.retried + answer.left);
      }
      notices.say(text.retried(retried, code));
    } catch (refusal) {
      this.#complain(refusal.message);
    } finally {
      this.#retrying.delete(code);
      await this.#ask(this.#closed.signal);
    }
  }
}

const numbers = (title, rows) =>
  h(
    "section",
    { class: "card" },
    h("h2", {}, title),
    h(
      "dl",
      { class: "numbers" },
      rows.map(([term, number]) => h("div", {}, h("dt", {}, term), h("dd", {}, number))),
    ),
  );

function queue({ queue, rabbitmq_ui }) {
  const section = queue
    ? numbers(
        text.queue,
        [
          [text.queueReady, queue.ready],
          [text.queueRetrying, queue.retrying],
          [text.queueFailed, queue.failed],
        ]
          .filter(([, number]) => number != null)
          .map(([term, number]) => [term, number.toLocaleString()]),
      )
    : h("section", { class: "card" }, h("h2", {}, text.queue), h("p", { class: "bad" }, text.queueAway));
  if (rabbitmq_ui)
    section.append(
      h("p", {}, h("a", { href: rabbitmq_ui, target: "_blank", rel: "noopener noreferrer" }, text.rabbitmq)),
    );
  return section;
}

function workers(seen) {
  const row = (worker) => [
    `${worker.host}:${worker.pid}`,
    worker.version,
    h(
      "span",
      {},
      h("meter", { "aria-label": text.slots, max: worker.slots, value: worker.busy }),
      ` ${text.slotsUsed(worker.busy, worker.slots)}`,
    ),
    worker.consuming ? text.yes : text.no,
    time(worker.seen_at),
    time(worker.started_at),
  ];
  const body =
    seen.length === 0
      ? h("p", { class: "bad" }, text.noWorkers)
      : table(
          text.workers,
          [text.worker, text.version, text.slots, text.consuming, text.seen, text.started],
          seen.map(row),
        );
  return h("section", { class: "card" }, h("h2", {}, text.workers), body);
}
