// Links and downloads. The links are signed and work without a token until they expire.

import { h } from "./dom.js";
import { notices } from "./notices.js";
import { words } from "./words.js";

/** How long the bytes of a download are kept for the browser, in milliseconds. */
const KEPT = 60_000;

/** Copies the links of the originals, or of another size. */
export async function copyLinks(records, size = "original") {
  const links = records.map((record) => record.urls[size]).filter((url) => url);
  try {
    await navigator.clipboard.writeText(links.join("\n"));
    notices.say(words.selection.copied(links.length));
  } catch {
    // Without HTTPS a browser lends the clipboard to no page but those of the same machine.
    notices.say(words.selection.notCopied);
  }
}

/**
 * Downloads the original, or another size, under the name of the file. The service would call it `original.jpg`, and its
 * word counts more than that of a link, but not for bytes that the page has read itself. From another host, a browser
 * opens the file instead.
 */
export async function download(record, size = "original") {
  const url = record.urls[size];
  const link = h("a", { href: url, download: fileName(record, size), target: "_blank", rel: "noopener" });
  if (new URL(url).origin === location.origin) {
    try {
      const answer = await fetch(url);
      if (answer.ok) link.href = URL.createObjectURL(await answer.blob());
    } catch {
      // The link says it better than a page could.
    }
  }
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}

function fileName(record, size) {
  if (size === "original") return record.file_name;
  const { format } = record[size];
  return `${record.file_name.replace(/\.[^.]*$/, "")}-${size}.${format === "jpeg" ? "jpg" : format}`;
}
