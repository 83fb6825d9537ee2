// Requests to the service. Everything that it refuses becomes a `Refusal` with a sentence for people.

import { notices } from "./notices.js";
import { session } from "./session.js";
import { words } from "./words.js";

/** The reason for which a request was not done. A status of 0 means that there was no answer. */
export class Refusal extends Error {
  constructor(status, sentence, retryAfter = null) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
    this.isForeign = false;
  }

  /** The refusal that an answer is. `text` is its body. */
  static of(status, text, retryAfter) {
    const told = sentence(text);
    const refusal = new Refusal(status, told ?? words.errors.status(status), seconds(retryAfter));
    // It says nothing of the request if a proxy has answered, or the login page of a network. A size may be limited there.
    refusal.isForeign = told === null && status !== 401 && status !== 413;
    return refusal;
  }

  static offline() {
    return new Refusal(0, words.errors.offline);
  }

  /** Whether the same request may be answered otherwise in a moment. */
  get mayPass() {
    return this.isForeign || this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    // Something else has answered in the place of the service.
    throw Refusal.offline();
  }
}

function sentence(text) {
  try {
    const body = JSON.parse(text);
    const first = body.detail ?? body.error ?? Object.values(body)[0];
    const found = Array.isArray(first) ? first[0] : first;
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}

function seconds(header) {
  const number = Number(header);
  return header && Number.isFinite(number) ? Math.min(Math.max(number, 1), 120) : null;
}

/** The address of a path of the service, wherever a proxy has put it. */
export const address = (path) => new URL(path, document.baseURI).href;

export const authorization = () => ({ Authorization: `Token ${session.token}` });

export const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Asks the service and gives the JSON that it answers. If the service asks to wait, it is asked again then. The session
 * ends if its token is not valid any more.
 */
export async function ask(method, path, { json, signal, keepalive, token = session.token } = {}) {
  for (;;) {
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Token ${token}`;
    if (json) headers["Content-Type"] = "application/json";
    let answer, text;
    try {
      answer = await fetch(address(path), {
        method,
        headers,
        body: json && JSON.stringify(json),
        signal,
        keepalive,
        cache: "no-store",
      });
      text = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw Refusal.offline();
    }
    if (answer.ok) return parsed(text);
    const refusal = Refusal.of(answer.status, text, answer.headers.get("Retry-After"));
    if (refusal.status === 401 && token && token === session.token) session.end();
    const isBusy = refusal.status === 429 || refusal.status === 503;
    if (!isBusy || !refusal.retryAfter || keepalive || !token) throw refusal;
    notices.say(words.errors.waiting(refusal.retryAfter));
    await wait(refusal.retryAfter);
    signal?.throwIfAborted();
  }
}
