// One try to send one file. `XMLHttpRequest` is used because `fetch` does not tell how much was sent.

import { Refusal, address, authorization } from "./service.js";

/** How long a try may do nothing, in milliseconds. */
const SILENCE = 60_000;

/**
 * Sends a file with its key, and resolves when the image is stored. It rejects with a `Refusal`, or with `null` if
 * `signal` stops it.
 */
export function transfer({ file, name, key, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address("image/"));
    for (const [header, value] of Object.entries(authorization())) request.setRequestHeader(header, value);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    // A connection whose network is gone may stay open for a long time without a word.
    let watch = 0;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        reject(Refusal.offline());
        request.abort();
      }, SILENCE);
    };
    heard();
    request.upload.addEventListener("progress", ({ loaded }) => {
      heard();
      onProgress(loaded);
    });
    request.addEventListener("loadend", () => clearTimeout(watch));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve();
      else reject(Refusal.of(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(Refusal.offline()));
    request.addEventListener("abort", () => reject(null));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("original", file, name);
    request.send(form);
  });
}
