// One try to send one file. `XMLHttpRequest` is used because `fetch` does not tell how much was sent.

import { Refusal, address, authorization } from "./service.js";

/**
 * Sends a file with its key, and resolves with the record of the image. It rejects with a `Refusal`, or with `null` if
 * `signal` stops it.
 */
export function transfer({ file, name, key, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address("image/"));
    for (const [header, value] of Object.entries(authorization())) request.setRequestHeader(header, value);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
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
