// Watches the pages of a story for what must never happen: errors of scripts, lines in the browser's console, and
// violations of the policy of the page.

import assert from "node:assert/strict";

const FAILED = /^Failed to load resource: (.*)$/;

export class Watch {
  #failing;
  #found = [];
  #stop;
  /** Rejects as soon as a script of a page ends in an error: nothing good comes of it. */
  broken = new Promise((_, reject) => (this.#stop = reject));

  /** `failing` has the statuses and the errors of the network that the story expects. */
  constructor(failing) {
    this.#failing = failing.map(String);
    this.broken.catch(() => {});
  }

  async follow(context, page) {
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        console.error(`The policy is violated: ${violatedDirective} ${blockedURI}`),
      );
    });
    const watch = (one) => {
      one.on("pageerror", (error) => {
        this.#found.push(`an error of the page: ${error.stack ?? error}`);
        this.#stop(new Error(this.#found.join("\n")));
      });
      one.on("console", (message) => this.#hear(message));
    };
    watch(page);
    context.on("page", watch);
  }

  #hear(message) {
    if (!["error", "warning"].includes(message.type())) return;
    const [, failed] = message.text().match(FAILED) ?? [];
    if (failed && this.#failing.some((expected) => failed.includes(expected))) return;
    this.#found.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  }

  /** Adds to an error what else was seen. */
  explain(error) {
    if (this.#found.length > 0) error.message += `\nSeen meanwhile: ${this.#found.join("\n")}`;
    return error;
  }

  check() {
    assert.deepEqual(this.#found, []);
  }
}
